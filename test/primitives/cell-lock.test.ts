/** Locks that are made of cells: who holds one is told of where it is waited for, and nothing else changes. */
import { describe, expect, it } from 'vitest';
import { compileModel, defineModel, explore, keepCalls, traceOf, verify } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { columnsOf } from '../../src/report/columns.js';

/** The story of the one thing that verify finds. */
async function storyOf(build: (m: ModelBuilder) => void): Promise<string> {
  const model = defineModel({ name: 'locks', build });
  const { findings } = await verify(model);
  expect(findings.map(({ kind }) => kind)).toEqual(['deadlock']);
  const program = await compileModel(model);
  return columnsOf(traceOf(program, keepCalls(program.actors, findings[0].kept), findings[0].schedule));
}

/** Two locks of cells, taken in opposite orders; marked or not. */
const crossed =
  (marked: boolean) =>
  (m: ModelBuilder): void => {
    const locks = ['a', 'b'].map((name) => {
      const cell = m.cell(`${name}.word`);
      const lock = m.cellLock(name);
      const take = cell.waitUntil(
        (held) => held === 0,
        () => 1,
      );
      const give = cell.write(0);
      return marked ? { take: lock.acquire(take), give: lock.release(give) } : { take, give };
    });
    [0, 1].forEach((first) => {
      m.actor(`T${first}`, function* both() {
        yield* locks[first].take;
        yield* locks[1 - first].take;
        yield* locks[1 - first].give;
        yield* locks[first].give;
      });
    });
  };

describe('a deadlock', () => {
  it('names who holds a lock of cells, and the ring', async () => {
    const story = await storyOf(crossed(true));
    expect(story).toContain('T0:\n  holds a\n  waits in both for b: T1 holds it\n');
    expect(story).toContain('T1:\n  holds b\n  waits in both for a: T0 holds it\n');
    expect(story).toContain('Cycle: T0 -> T1 -> T0');
    expect(story).toContain('T0 waits for b, T1 waits for a: nobody can go on');
    // Without the marks the cells are all that is known.
    expect(await storyOf(crossed(false))).not.toContain('holds a');
  });

  it('is found in the same states whether the lock is marked or not', async () => {
    const [marked, plain] = await Promise.all(
      [true, false].map((each) => verify(defineModel({ name: 'locks', build: crossed(each) }), { all: true })),
    );
    expect(marked.states).toBe(plain.states);
    expect(marked.findings.map(({ steps }) => steps)).toEqual(plain.findings.map(({ steps }) => steps));
    const { findings } = await explore(defineModel({ name: 'locks', build: crossed(true) }), { schedules: 500 });
    expect(findings.map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it('names who is in a semaphore, however many these are', async () => {
    const story = await storyOf((m) => {
      const sem = m.semaphore('sem', { count: 2 });
      const lock = m.mutex('lock');
      for (const name of ['one', 'two']) {
        m.actor(name, function* inside() {
          yield* sem.down();
          yield* lock.lock();
          yield* lock.unlock();
          yield* sem.up();
        });
      }
      m.actor('late', function* late() {
        yield* lock.lock();
        yield* sem.down();
        yield* sem.up();
        yield* lock.unlock();
      });
    });
    expect(story).toContain('waits in late for sem: one holds it, two holds it');
    expect(story).toMatch(/Cycle: (one|two|late) -> /);
  });

  it('does not name who gave it back, whoever took it, nor readers to a reader', async () => {
    const story = await storyOf((m) => {
      const sem = m.semaphore('sem');
      const [readers, never] = [m.cell('readers'), m.cell('never')];
      const lock = m.cellLock('lock');
      m.actor('taker', function* taker() {
        yield* sem.down();
        yield* lock.acquire(readers.add(1), 'read');
      });
      m.actor('giver', function* giver() {
        yield* readers.waitUntil((n) => n === 1);
        yield* sem.up();
        yield* sem.down();
        yield* lock.acquire(
          never.waitUntil((n) => n === 1),
          'read',
        );
      });
    });
    // The taker's place is given back, and its read hold is in no reader's way.
    expect(story).toContain('giver:\n  holds sem\n  waits in giver for lock (read): never is 0, and no task can run');
  });
});

it('a try counts where it gets the lock only', async () => {
  const story = await storyOf((m) => {
    const word = m.cell('word');
    const lock = m.cellLock('lock');
    m.actor('owner', function* owner() {
      yield* lock.try(word.cmpxchg(0, 1));
    });
    m.actor('other', function* other() {
      yield* word.waitUntil((held) => held === 1);
      yield* lock.try(word.cmpxchg(0, 1));
      yield* lock.acquire(word.waitUntil((held) => held === 0));
    });
  });
  expect(story).toContain('other:\n  holds no lock\n  waits in other for lock: owner holds it and has finished');
});

it('who waits in a queue that nobody wakes is told so', async () => {
  const story = await storyOf((m) => {
    const queue = m.waitQueue('queue');
    m.actor('sleeper', function* sleeper() {
      yield* queue.exclusive.prepare();
      yield* queue.exclusive.schedule();
    });
  });
  expect(story).toContain('waits in sleeper at "schedule(queue)": nobody has woken it');
});
