/**
 * Small famous programs with one bug each, as the literature on concurrency testing uses them: account, twostage,
 * reorder and wronglock after SCTBench (Thomson, Donaldson, Betts, PPoPP 2014), with N tasks on the side that makes the
 * bug rare; a lost wake-up; a check that is too early; and Treiber's stack with ABA. All with the public library.
 *
 * The tasks of twostage and reorder are there from the start, or `oneByOne`: a main task then starts them as SCTBench's
 * main() does, those of the first kind first. Each start is a step of its own at which the main task writes what the new
 * one begins with reading, as a thread reads the argument it was created with; so it counts as a step that may race.
 */
import { after, call, defineModel } from 'faultline';

/** Declares tasks: kinds of [name, count, routine]. One by one: behind a main task that starts them in this order. */
function declareTasks(m, kinds, oneByOne) {
  if (!oneByOne) {
    for (const [name, count, routine] of kinds) m.actors(name, count, () => routine, { symmetric: true });
    return;
  }
  const all = kinds.flatMap(([name, count, routine]) => Array.from({ length: count }, () => [name, routine]));
  const argument = m.cells('argument', all.length);
  const start = (index) =>
    call(`start ${index}`, function* start() {
      yield* argument.at(index).write(1);
    });
  m.actor(
    'main',
    all.map((_, index) => start(index)),
  );
  for (const [index, [name, routine]] of all.entries()) {
    const begin = call(name, function* begin() {
      yield* argument.at(index).read();
      yield* routine();
    });
    m.actor(`${name}${index}`, [after([{ actor: 0, calls: index + 1 }], begin)]);
  }
}

/** Somebody looks at the balance after the deposit and the withdrawal; the bug needs it to come last. */
export const account = defineModel({
  name: 'account',
  build(m) {
    const lock = m.mutex('lock');
    const balance = m.cell('balance', { initial: 100 });
    const [deposited, withdrawn] = [m.cell('deposited'), m.cell('withdrawn')];
    const wrong = m.cell('wrong');
    const transfer = (amount, done) =>
      function* transfer() {
        yield* lock.lock();
        yield* balance.add(amount);
        yield* done.write(1);
        yield* lock.unlock();
      };
    m.actor('depositor', transfer(20, deposited));
    m.actor('withdrawer', transfer(-10, withdrawn));
    m.actor('auditor', function* audit() {
      yield* lock.lock();
      if ((yield* deposited.read()) === 1 && (yield* withdrawn.read()) === 1) {
        // It takes the deposit for a withdrawal.
        if ((yield* balance.read()) !== 100 - 20 - 10) yield* wrong.write(1);
      }
      yield* lock.unlock();
    });
    m.always('balance', [wrong], (value) => value === 0 || 'the balance is not what it should be');
  },
});

/** Writers set two values, each under its own lock; a reader comes between the two stages of the first. */
export const twostage = defineModel({
  name: 'twostage',
  parameters: { writers: 1, readers: 1, oneByOne: false },
  build(m, p) {
    const [first, second] = [m.mutex('first_lock'), m.mutex('second_lock')];
    const [one, two] = [m.cell('one'), m.cell('two')];
    const wrong = m.cell('wrong');
    function* write() {
      yield* first.lock();
      yield* one.write(1);
      yield* first.unlock();
      yield* second.lock();
      const value = yield* one.read();
      yield* two.write(value + 1);
      yield* second.unlock();
    }
    function* read() {
      yield* first.lock();
      const value = yield* one.read();
      yield* first.unlock();
      if (value === 0) return;
      yield* second.lock();
      if ((yield* two.read()) !== value + 1) yield* wrong.write(1);
      yield* second.unlock();
    }
    const kinds = [
      ['writer', p.writers, write],
      ['reader', p.readers, read],
    ];
    declareTasks(m, kinds, p.oneByOne);
    m.always('stages', [wrong], (value) => value === 0 || 'the second stage is not done');
  },
});

/** Setters set a and then b; a checker sees a and not b. */
export const reorder = defineModel({
  name: 'reorder',
  parameters: { setters: 1, checkers: 1, oneByOne: false },
  build(m, p) {
    const [a, b, wrong] = [m.cell('a'), m.cell('b'), m.cell('wrong')];
    function* set() {
      yield* a.write(1);
      yield* b.write(-1);
    }
    function* check() {
      const seen = yield* a.read();
      const other = yield* b.read();
      if (!(seen === 0 && other === 0) && !(seen === 1 && other === -1)) yield* wrong.write(1);
    }
    const kinds = [
      ['setter', p.setters, set],
      ['checker', p.checkers, check],
    ];
    declareTasks(m, kinds, p.oneByOne);
    m.always('both or none', [wrong], (value) => value === 0 || 'one is set and the other is not');
  },
});

/** One task adds under a lock and N under another. */
export const wronglock = defineModel({
  name: 'wronglock',
  parameters: { others: 1 },
  build(m, p) {
    const [right, other] = [m.mutex('data_lock'), m.mutex('this_lock')];
    const [data, wrong] = [m.cell('data'), m.cell('wrong')];
    m.actor('locker', function* add() {
      yield* right.lock();
      const before = yield* data.read();
      yield* data.write(before + 1);
      if ((yield* data.read()) !== before + 1) yield* wrong.write(1);
      yield* right.unlock();
    });
    function* addToo() {
      yield* other.lock();
      const before = yield* data.read();
      yield* data.write(before + 1);
      yield* other.unlock();
    }
    m.actors('other', p.others, () => addToo, { symmetric: true });
    m.always('nobody else adds', [wrong], (value) => value === 0 || 'the value changed under the lock');
  },
});

/** A task looks at the condition and then goes to sleep; the wake-up comes in between. */
export const lostWakeUp = defineModel({
  name: 'lost wake-up',
  build(m) {
    const [ready, asleep] = [m.cell('ready'), m.cell('asleep')];
    m.actor('waiter', function* wait() {
      if ((yield* ready.read()) === 1) return;
      yield* asleep.write(1);
      yield* asleep.waitUntil((value) => value === 0);
    });
    m.actor('waker', function* wake() {
      yield* ready.write(1);
      if ((yield* asleep.read()) === 1) yield* asleep.write(0);
    });
  },
});

/** Two tasks see that nothing is there, and both make it. */
export const checkThenAct = defineModel({
  name: 'check-then-act',
  build(m) {
    const [made, times] = [m.cell('made'), m.cell('times')];
    m.actors(
      'task',
      2,
      () =>
        function* makeOnce() {
          if ((yield* made.read()) === 1) return;
          yield* times.add(1);
          yield* made.write(1);
        },
      { symmetric: true },
    );
    m.always('once', [times], (value) => value <= 1 || 'it is made twice');
  },
});
