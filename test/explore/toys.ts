/** Small models with a bug each, and the same repaired: what every strategy must find, and must not find. */
import { after, atomic, call, choose, defineModel, here, within } from '../../src/index.js';

/** Two tellers read and write a balance; fixed: they add to it. */
export const lostUpdate = defineModel({
  name: 'lost-update',
  parameters: { tellers: 2, deposits: 1, fixed: false },
  build(m, p) {
    const balance = m.cell('balance');
    function* deposit() {
      if (p.fixed) return yield* balance.add(1);
      const seen = yield* balance.read();
      yield* balance.write(seen + 1);
    }
    const script = Array.from({ length: p.deposits }, () => call('deposit', deposit));
    m.actors('teller', p.tellers, () => script, { symmetric: true });
    m.finally('all counted', [balance], (value) => value === p.tellers * p.deposits || 'a deposit was lost');
  },
});

/** Two locks taken in both orders; fixed: in one order. */
export const abba = defineModel({
  name: 'abba',
  parameters: { fixed: false },
  build(m, p) {
    const a = m.mutex('a');
    const b = m.mutex('b');
    function path(name: string, first: typeof a, second: typeof a) {
      return () =>
        within(name, '', function* () {
          yield* first.lock();
          yield* second.lock();
          yield* second.unlock();
          yield* first.unlock();
        });
    }
    m.actor('left', path('take_ab', a, b));
    m.actor('right', p.fixed ? path('take_ab_too', a, b) : path('take_ba', b, a));
  },
});

/**
 * An atomicity bug: a user checks a pointer and then uses it while another clears it, amid calls that have nothing to
 * do with it. Fixed: check and use are one step.
 */
export const checkThenUse = defineModel({
  name: 'check-then-use',
  parameters: { fixed: false, noise: 2 },
  build(m, p) {
    const pointer = m.cell('pointer', { initial: 1 });
    const uses = m.cell('uses');
    const other = m.cell('other');
    const pointerAtUse = m.ghost('pointer_at_use', { initial: 1 });
    function* checkAndUse() {
      if ((yield* pointer.read()) === 0) return;
      yield* pointer.apply<void>('use(%)', 'none', {}).record(pointerAtUse, (_, seen) => seen);
    }
    function* use() {
      if (p.fixed) yield* atomic('check_and_use', checkAndUse);
      else yield* checkAndUse();
      yield* uses.add(1);
    }
    function* clear() {
      yield* pointer.write(0);
    }
    function* work() {
      yield* other.add(1);
      yield* other.add(-1);
    }
    const noise = Array.from({ length: p.noise }, () => call('work', work));
    m.actor('user', [...noise, call('use', use), ...noise]);
    m.actor('freer', [...noise, call('clear', clear)]);
    m.actor('bystander', noise);
    m.always(
      'no use after clear',
      [pointerAtUse],
      (value) => value === 1 || 'the pointer is used after it was cleared',
      {
        kind: 'use-after-free',
      },
    );
  },
});

/** A waiter spins until a flag is set; it must not starve the setter. Breaks when the setter came first. */
export const spinner = defineModel({
  name: 'spinner',
  build(m) {
    const flag = m.cell('flag');
    const after = m.cell('after');
    function* wait() {
      const again = yield* here();
      if ((yield* flag.read()) === 0) return yield* again();
      yield* after.write(1);
    }
    function* set() {
      yield* flag.write(1);
    }
    m.actor('waiter', wait);
    m.actor('setter', set);
  },
});

/** Breaks only when the environment answers 2 and then 1. */
export const unlucky = defineModel({
  name: 'unlucky',
  build(m) {
    const value = m.cell('value');
    function* draw() {
      const first = yield* choose(3, 'first');
      const second = yield* choose(2, 'second');
      yield* value.write(first === 2 && second === 1 ? 7 : first + second);
    }
    m.actor('drawer', draw);
    m.actor('other', function* other() {
      yield* value.read();
    });
    m.always('not seven', [value], (now) => now !== 7 || 'it is seven');
  },
});

/** Calls in an order across actors: the third may only start after the first, through the second. */
export const chain = defineModel({
  name: 'chain',
  build(m) {
    const first = m.cell('first');
    const seen = m.cell('seen', { initial: 1 });
    function* begin() {
      yield* first.write(1);
    }
    function* nothing() {
      yield* first.read();
    }
    function* end() {
      yield* seen.write(yield* first.read());
    }
    m.actor('a', [call('begin', begin)]);
    m.actor('b', [after([{ actor: 0, calls: 1 }], call('nothing', nothing))]);
    m.actor('c', [after([{ actor: 1, calls: 1 }], call('end', end))]);
    m.always('begin comes first', [seen], (value) => value === 1 || 'end ran before begin');
  },
});

/**
 * A limit on how many tasks run at once: the next in the queue is resumed in a turn of its own, and a call in between finds
 * room (Eventra issue 8994). It shows in 5 steps, for which two tasks must be held back before their first. Fixed: the
 * slot is handed over.
 */
export const limiter = defineModel({
  name: 'limiter',
  parameters: { fixed: false, limit: 1, tasks: 3 },
  build(m, p) {
    const [active, running] = [m.cell('active'), m.cell('running')];
    const [waiting, resolved] = [m.cells('waiting', p.tasks), m.cells('resolved', p.tasks)];
    m.actors('task', p.tasks, (task) => {
      return function* run() {
        const queued = yield* atomic('run', function* () {
          if ((yield* active.read()) >= p.limit) {
            yield* waiting.at(task).write(1);
            return true;
          }
          yield* active.add(1);
          yield* running.add(1);
          return false;
        });
        if (queued) {
          yield* atomic('resume', function* () {
            yield* resolved.at(task).waitUntil((value) => value === 1);
            if (!p.fixed) yield* active.add(1);
            yield* running.add(1);
          });
        }
        yield* atomic('next', function* () {
          yield* running.add(-1);
          for (let other = 0; other < p.tasks; other++) {
            if ((yield* waiting.at(other).read()) === 0) continue;
            yield* waiting.at(other).write(0);
            if (!p.fixed) yield* active.add(-1);
            yield* resolved.at(other).write(1);
            return;
          }
          yield* active.add(-1);
        });
      };
    });
    m.always('limit', [running], (tasks) => tasks <= p.limit || 'more tasks run than the limit allows');
  },
});
