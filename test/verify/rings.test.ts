/** Actors that are stuck in a ring of locks while others run on: what every controlled engine and a replay say of it. */
import { describe, expect, it } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { exhaust } from '../../src/explore/exhaust.js';
import { explore } from '../../src/explore/explore.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { compileModel, defineModel, here, type Model } from '../../src/index.js';
import { columnsOf } from '../../src/report/columns.js';
import { verify } from '../../src/verify/verify.js';

/** Two tasks that take two locks in opposite orders. */
interface Crossed {
  /** Who runs beside them. */
  readonly beside: 'nobody' | 'a spinner' | 'a daemon' | 'one who needs a lock';
  /** Whether the two are daemons. */
  readonly daemons?: boolean;
  /** Whether the first of them only tries its second lock. */
  readonly tries?: boolean;
}

function crossed({ beside, daemons = false, tries = false }: Crossed): Model {
  return defineModel({
    name: 'crossed',
    build(m) {
      const [a, b, done] = [m.mutex('A'), m.mutex('B'), m.cell('done')];
      m.actor(
        'ab',
        function* ab() {
          yield* a.lock();
          if (tries) {
            if (yield* b.trylock()) yield* b.unlock();
          } else {
            yield* b.lock();
            yield* b.unlock();
          }
          yield* a.unlock();
          yield* done.write(1);
        },
        { daemon: daemons },
      );
      m.actor(
        'ba',
        function* ba() {
          yield* b.lock();
          yield* a.lock();
          yield* a.unlock();
          yield* b.unlock();
        },
        { daemon: daemons },
      );
      if (beside === 'one who needs a lock') {
        m.actor('third', function* third() {
          yield* a.lock();
          yield* a.unlock();
        });
      } else if (beside !== 'nobody') {
        m.actor(
          'spinner',
          function* spin() {
            const again = yield* here();
            if ((yield* done.read()) === 0) yield* again();
          },
          { daemon: beside === 'a daemon' },
        );
      }
    },
  });
}

const RING = 'deadlock in ab / ba: mutex_lock(B) / mutex_lock(A)';
const all = { all: true, coverage: false };

const signaturesOf = async (model: Model, more: object = {}): Promise<readonly string[]> =>
  (await verify(model, { ...all, ...more })).findings.map(({ signature }) => signature);

const rings: readonly Crossed[] = [
  { beside: 'nobody' },
  { beside: 'a spinner' },
  { beside: 'a daemon' },
  { beside: 'one who needs a lock', daemons: true },
];

describe.each(rings)('a ring beside $beside', (variant) => {
  const model = crossed(variant);

  it('is a deadlock to verify, whatever it leaves out, and neither a livelock nor an order of locks besides', async () => {
    for (const less of [{}, { por: false }, { merge: false, por: false, symmetry: false }, { order: 'depth-first' }]) {
      expect(await signaturesOf(model, less)).toEqual([RING]);
    }
  });

  it('is the same deadlock to explore, and ends the run', async () => {
    const result = await explore(model, { strategy: 'random', schedules: 200, seed: 1n, keepGoing: true });
    expect(result.findings.map(({ signature }) => signature)).toEqual([RING]);
    expect(result.findings[0]).toMatchObject({ steps: 2, contextSwitches: 1, minimal: true });
    expect(result.stats.bounded).toBe(0);
    expect(result.stats.deadlocked).toBeGreaterThan(20);
  });

  it('is the same deadlock to an enumeration', async () => {
    const { findings } = await exhaust(model, { stepBound: 30 });
    expect(findings.map(({ signature }) => signature)).toEqual([RING]);
  });

  it('is one where the run that shows it is replayed, though others can go on', async () => {
    const program = await compileModel(model);
    const schedule = { steps: [0, 1], choices: [] };
    expect(replaySchedule(program, schedule).violation?.kind).toBe('deadlock');
    const trace = traceOf(program, program.actors, schedule);
    expect(trace.deadlock?.cycle).toEqual([0, 1]);
    const others = variant.beside === 'nobody' || variant.daemons;
    expect(trace.violation?.words).toBe(
      `ab waits for B, ba waits for A: ${others ? 'nobody can go on' : 'none of them can go on, whatever the others do'}`,
    );
  });
});

it('a ring with somebody who can go on is told with the wait of each and the cycle', async () => {
  const program = await compileModel(crossed({ beside: 'a spinner' }));
  const trace = traceOf(program, program.actors, { steps: [0, 2, 1, 2], choices: [] });
  expect(columnsOf(trace)).toBe(`\
ab             ba
--             --
mutex_lock(A)
               mutex_lock(B)
mutex_lock(B)
               mutex_lock(A)

Of 4 steps, the columns show those that took a lock which is still held,
and the waits.

 *** DEADLOCK ***

ab:
  holds A
  waits in ab for B: ba holds it
ba:
  holds B
  waits in ba for A: ab holds it

Cycle: ab -> ba -> ab

When this happens, ab waits for B, ba waits for A: none of them can go on,
whatever the others do.
`);
});

describe('a ring of daemons for whom nobody waits', () => {
  const model = crossed({ beside: 'a daemon', daemons: true });

  it('is no deadlock, and told as the order of locks that it is', async () => {
    const { findings } = await verify(model, all);
    expect(findings.map(({ signature }) => signature)).toEqual(['lock-order in ab / ba: A -> B -> A']);
    expect(findings[0].words).toMatch(/\(here only daemons do, and nobody waits for them\)$/);
  });
});

it('no ring passes through a try', async () => {
  for (const beside of ['nobody', 'a spinner'] as const) {
    expect(await signaturesOf(crossed({ beside, tries: true }))).toEqual([]);
  }
});

it('who waits for a lock that was never given back is stuck, whoever goes on', async () => {
  const model = defineModel({
    name: 'kept',
    build(m) {
      const [lock, done] = [m.mutex('lock'), m.cell('done')];
      m.actor('keeper', function* keeps() {
        yield* lock.lock();
      });
      m.actor('late', function* late() {
        yield* lock.lock();
        yield* lock.unlock();
        yield* done.write(1);
      });
      m.actor('spinner', function* spin() {
        const again = yield* here();
        if ((yield* done.read()) === 0) yield* again();
      });
    },
  });
  expect(await signaturesOf(model)).toEqual(['deadlock in late: mutex_lock(lock)']);
  const { findings } = await explore(model, { strategy: 'random', schedules: 50, seed: 1n });
  expect(findings.map(({ signature }) => signature)).toEqual(['deadlock in late: mutex_lock(lock)']);
});

it('every ring that was met silences its order of locks, also a second one of the same places', async () => {
  const model = defineModel({
    name: 'pairs',
    build(m) {
      const locks = m.mutex('lock', { count: 4 });
      for (const [first, second] of [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
      ]) {
        m.actor(`t${first}${second}`, function* take() {
          yield* locks.at(first).lock();
          yield* locks.at(second).lock();
          yield* locks.at(second).unlock();
          yield* locks.at(first).unlock();
        });
      }
    },
  });
  expect(await signaturesOf(model)).toEqual(['deadlock in take / take: mutex_lock(lock) / mutex_lock(lock)']);
});
