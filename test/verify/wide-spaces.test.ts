/** Spaces of more than thirty actors whose size or verdict is known: from counting, or from the same with a few. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import { after, call, compileModel, defineModel, here, type Model, type Routine } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { type Claim, claimOf } from '../../src/verify/claim.js';
import { confirmClaim } from '../../src/verify/confirm.js';
import type { VerifyFinding } from '../../src/verify/finding-of.js';
import { verify } from '../../src/verify/verify.js';

const all = { all: true, coverage: false } as const;

const modelOf = (build: (m: ModelBuilder) => void): Model => defineModel({ name: 'wide', build });

/** How many ways there are to choose. */
function binomial(of: number, chosen: number): number {
  let ways = 1;
  for (let i = 1; i <= chosen; i++) ways = (ways * (of - chosen + i)) / i;
  return ways;
}

/** Whoever replays the finding sees what it claims. */
async function expectConfirmed(model: Model, finding: VerifyFinding): Promise<void> {
  const confirmed = confirmClaim(await compileModel(model), finding.schedule, claimOf(finding) as Claim);
  expect(confirmed.violation?.kind).toBe(finding.kind);
}

describe('interchangeable actors', () => {
  it.each([
    [31, 2],
    [40, 2],
    [100, 1],
    [33, 3],
  ])('%i of %i steps each: one state for each number of actors in each place', async (count, steps) => {
    const model = modelOf((m) => {
      const cells = m.cells('c', steps);
      function* task() {
        for (let step = 0; step < steps; step++) yield* cells.at(step).add(1);
      }
      m.actors('task', count, () => task, { symmetric: true });
      m.finally('all counted', [cells.at(0)], (value) => value === count || 'one is lost');
    });
    const { verdict, states, finalStates } = await verify(model, { ...all, por: false, liveness: false });
    expect({ verdict, states, finalStates }).toEqual({
      ...{ verdict: 'verified', finalStates: 1 },
      states: binomial(count + steps, steps),
    });
  });

  it('that take a mutex: each waits, holds it before and after its step, or is through', async () => {
    const model = modelOf((m) => {
      const [lock, count] = [m.mutex('lock'), m.cell('count')];
      function* task() {
        yield* lock.lock();
        yield* count.add(1);
        yield* lock.unlock();
      }
      m.actors('task', 40, () => task, { symmetric: true });
    });
    const { verdict, states } = await verify(model, { ...all, por: false });
    expect([verdict, states]).toEqual(['verified', 3 * 40 + 1]);
  });

  it.each([2, 6, 35])('%i readers and a writer of an rw_semaphore', async (readers) => {
    const model = modelOf((m) => {
      const [lock, value] = [m.rwsem('lock'), m.cell('value')];
      function* read() {
        yield* lock.downRead();
        yield* lock.upRead();
      }
      m.actor('write', function* write() {
        yield* lock.downWrite();
        yield* value.write(1);
        yield* lock.upWrite();
      });
      m.actors('read', readers, () => read, { symmetric: true });
    });
    const { verdict, states } = await verify(model, { ...all, por: false });
    // The writer has not come or is gone: the readers are anywhere. It holds the lock, before its write and after it: no
    // reader does. It is in the queue: some do, or the last that did has just left.
    const anywhere = binomial(readers + 2, 2);
    const nobodyHolds = readers + 1;
    const queued = anywhere - nobodyHolds + readers;
    expect([verdict, states]).toEqual(['verified', 2 * anywhere + 2 * nobodyHolds + queued]);
  });

  it.each([2, 6, 35])('%i read sections of SRCU that a writer waits out', async (readers) => {
    const model = modelOf((m) => {
      const [srcu, gone] = [m.srcu('srcu'), m.cell('gone')];
      function* read() {
        const index = yield* srcu.readLock();
        yield* srcu.readUnlock(index);
      }
      m.actors('read', readers, () => read, { symmetric: true });
      m.actor('write', function* write() {
        yield* srcu.synchronize();
        yield* gone.write(1);
      });
    });
    const { verdict, states } = await verify(model, { ...all, por: false, liveness: false, lockOrder: false });
    // Before the flip, with the mutex and without, the readers are anywhere. After it each has not come, is in a section
    // that began before or after, or is through. When those that began before have left, the writer goes on: it gives the
    // mutex back, writes, and is gone.
    const anywhere = binomial(readers + 2, 2);
    expect([verdict, states]).toEqual(['verified', 2 * anywhere + binomial(readers + 3, 3) + 3 * anywhere]);
  });
});

/** `count` actors of which those in `ring` take a lock each and then that of the next. */
function ringOf(count: number, ring: readonly number[]): Model {
  return modelOf((m) => {
    const [locks, done] = [m.mutex('lock', { count: ring.length }), m.cell('done')];
    for (let actor = 0; actor < count; actor++) {
      const place = ring.indexOf(actor);
      m.actor(`task${actor}`, function* task() {
        if (place < 0) return;
        const [mine, next] = [locks.at(place), locks.at((place + 1) % ring.length)];
        yield* mine.lock();
        yield* next.lock();
        yield* done.add(1);
        yield* next.unlock();
        yield* mine.unlock();
      });
    }
  });
}

describe('a ring of locks among actors beyond the thirtieth', () => {
  const ring = [31, 34, 40];
  const deadlock = `deadlock in ${ring.map(() => 'task').join(' / ')}: ${ring.map(() => 'mutex_lock(lock)').join(' / ')}`;

  it('is a deadlock of three steps to verify, as it is of the first three actors', async () => {
    const wide = await verify(ringOf(41, ring), all);
    const narrow = await verify(ringOf(3, [0, 1, 2]), all);
    const told = ({ findings, states }: typeof wide) => [
      states,
      findings.map((found) => [found.signature, found.steps]),
    ];
    expect(told(wide)).toEqual(told(narrow));
    expect(wide.findings[0]).toMatchObject({ signature: deadlock, steps: 3 });
  });

  it('is one to explore, while others run on', async () => {
    const { findings } = await explore(ringOf(41, ring), { strategy: 'pct', schedules: 512, workers: 1 });
    expect(findings).toMatchObject([{ signature: deadlock, steps: 3 }]);
    expect(new Set(findings[0].schedule.steps)).toEqual(new Set(ring));
  });

  it('is an order of locks where a lock keeps them apart', async () => {
    const model = modelOf((m) => {
      const [a, b, gate] = [m.mutex('a'), m.mutex('b'), m.mutex('gate')];
      m.actors('idle', 31, () => []);
      for (const [name, first, second] of [
        ['ab', a, b],
        ['ba', b, a],
      ] as const) {
        m.actor(name, function* take() {
          for (const lock of [gate, first, second]) yield* lock.lock();
          for (const lock of [second, first, gate]) yield* lock.unlock();
        });
      }
    });
    const { findings } = await verify(model, all);
    expect(findings.map(({ kind, words }) => [kind, words])).toEqual([
      ['lock-order', expect.stringContaining('here gate keeps them apart')],
    ]);
    await expectConfirmed(model, findings[0]);
  });
});

it('an actor does not hold what another with its bit, thirty before it, holds', async () => {
  const model = modelOf((m) => {
    const lock = m.mutex('lock');
    m.actor('holds', function* holds() {
      yield* lock.lock();
      yield* lock.unlock();
    });
    m.actors('idle', 29, () => []);
    m.actor('takes', function* takes() {
      yield* lock.unlock();
    });
  });
  const { findings } = await verify(model, all);
  expect(findings.map(({ kind, steps }) => [kind, steps])).toEqual([['lock-misuse', 1]]);
});

it('calls wait for the calls of actors beyond the thirtieth', async () => {
  const chain = (last: number): Model =>
    modelOf((m) => {
      const [turn, wrong] = [m.cell('turn'), m.cell('wrong')];
      for (let actor = 0; actor < 40; actor++) {
        function* step(): Routine {
          if ((yield* turn.fetchAdd(1)) !== 39 - actor) yield* wrong.write(1);
        }
        const waitsFor = actor < 39 ? actor + 1 : last;
        m.actor(`task${actor}`, [
          waitsFor < 0 ? call('step', step) : after([{ actor: waitsFor, calls: 1 }], call('step', step)),
        ]);
      }
      m.always('each in its turn', [wrong], (value) => value === 0);
    });
  expect(await verify(chain(-1), all)).toMatchObject({ verdict: 'verified', states: 41 });
  const { findings } = await verify(chain(33), all);
  expect(findings.map(({ kind, steps }) => [kind, steps])).toEqual([['deadlock', 0]]);
});

it('who starves while others have their turns is told beyond the thirtieth', async () => {
  const model = modelOf((m) => {
    const lock = m.mutex('lock');
    m.actors('idle', 33, () => []);
    m.actor('waits', function* waits() {
      yield* lock.lock();
      yield* lock.unlock();
    });
    m.actors(
      'hogs',
      2,
      () =>
        function* hogs() {
          const again = yield* here();
          yield* lock.lock();
          yield* lock.unlock();
          yield* again();
        },
      { daemon: true },
    );
  });
  const { findings } = await verify(model, all);
  expect(findings).toMatchObject([{ kind: 'starvation', words: expect.stringContaining('lock') }]);
  await expectConfirmed(model, findings[0]);
});

it('who goes round for ever, and who starves, is told beyond the thirtieth', async () => {
  const beside = (end: boolean): Model =>
    modelOf((m) => {
      const flag = m.cell('flag');
      m.actors('idle', 33, () => []);
      m.actor('waits', function* waits() {
        const again = yield* here();
        if ((yield* flag.read()) === 0) yield* again();
      });
      m.actor('sets', function* sets() {
        if (end) yield* flag.write(1);
        else yield* flag.read();
      });
    });
  expect((await verify(beside(true), all)).verdict).toBe('verified');
  const { findings } = await verify(beside(false), all);
  expect(findings).toMatchObject([{ kind: 'livelock', words: expect.stringMatching(/^waits can go round for ever/) }]);
  await expectConfirmed(beside(false), findings[0]);
});

describe('what a wide model is refused', () => {
  const lookedAt = (look: (m: ModelBuilder, lock: ReturnType<ModelBuilder['mutex']>) => void): Model =>
    modelOf((m) => {
      const lock = m.mutex('lock');
      m.actors(
        'task',
        31,
        () =>
          function* task() {
            yield* lock.lock();
            yield* lock.unlock();
          },
      );
      look(m, lock);
    });
  const sentence = 'in a model of more than thirty actors no check and no computation can look at who holds lock';

  it('a check of who holds a lock', async () => {
    const model = lookedAt((m, { latch }) => m.always('held', [latch], (holders) => holders < 2));
    await expect(verify(model, all)).rejects.toThrow(sentence);
    await expect(explore(model, { schedules: 1, workers: 1 })).rejects.toThrow(sentence);
  });

  it('a computation over who holds a lock', async () => {
    const model = lookedAt((m, { latch }) =>
      m.actor('looks', function* looks() {
        yield* m.waitUntil([latch], (holders) => holders === 0);
      }),
    );
    await expect(verify(model, all)).rejects.toThrow(sentence);
    await expect(explore(model, { schedules: 1, workers: 1 })).rejects.toThrow(sentence);
  });
});

it('a model of up to thirty actors has one word for each word of a latch', async () => {
  const wordsOf = async (actors: number): Promise<number> => {
    const model = modelOf((m) => {
      m.rwsem('lock');
      m.actors('idle', actors, () => []);
    });
    return (await compileModel(model)).layout.words;
  };
  expect(await Promise.all([1, 30, 31, 60, 61, 240].map(wordsOf))).toEqual([3, 3, 6, 6, 9, 24]);
});
