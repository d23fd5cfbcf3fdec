/**
 * Random scripts over primitives: with each combination of reductions verify says what brute force says, with rounds and
 * without, among more than thirty actors as well; explore and live worlds find nothing else. FUZZ_MODELS asks for more.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { choose, compileModel, defineModel, explore, here, type Model, type Routine, verify } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { worldsAlone } from '../live/worlds-alone.js';
import { roundsOf, spaceOfModel } from '../verify/reference.js';

const MODELS = Number(process.env.FUZZ_MODELS ?? 25);
const SEED = Number(process.env.FUZZ_SEED ?? 11);
const MOST_STATES = 1_500;
const ROUNDS = ['livelock', 'starvation', 'lock-order'];

/** What a script may do, by name; each is run with the parts of one model. */
const STATEMENTS: Readonly<Record<string, (p: ReturnType<typeof declare>) => Routine>> = {
  *down(p) {
    yield* p.sem.down();
  },
  *up(p) {
    yield* p.sem.up();
  },
  *'try down'(p) {
    if (yield* p.sem.downTimeout()) yield* p.sem.up();
  },
  *'wait for it'(p) {
    yield* p.done.wait();
  },
  *complete(p) {
    yield* p.done.complete();
  },
  *'complete all'(p) {
    yield* p.done.completeAll();
  },
  *reinit(p) {
    yield* p.done.reinit();
  },
  *'cond wait'(p) {
    yield* p.lock.lock();
    yield* p.condition.wait();
    yield* p.lock.unlock();
  },
  *'cond wait, timed'(p) {
    yield* p.lock.lock();
    if (yield* p.condition.waitTimed()) yield* p.x.write(2);
    yield* p.lock.unlock();
  },
  *signal(p) {
    yield* p.condition.signal();
  },
  *broadcast(p) {
    yield* p.lock.lock();
    yield* p.condition.broadcast();
    yield* p.lock.unlock();
  },
  *sleep(p) {
    yield* p.queue.prepare();
    yield* p.queue.schedule();
  },
  *'sleep in turn'(p) {
    yield* p.queue.exclusive.prepare();
    yield* p.queue.exclusive.schedule();
  },
  *'sleep in turn, timed'(p) {
    yield* p.queue.exclusive.prepare();
    if (yield* p.queue.exclusive.scheduleTimeout()) yield* p.x.write(1);
  },
  *'wait for x'(p) {
    yield* p.queue.waitEvent(() => p.x.apply('% is 1', 'boolean', { result: (n) => Number(n === 1) }));
  },
  *'set x'(p) {
    yield* p.x.write(1);
    yield* p.queue.wakeUp();
  },
  *wake(p) {
    yield* p.queue.wakeUp();
  },
  *'wake all'(p) {
    yield* p.queue.wakeUpAll();
  },
  *'write lock'(p) {
    if (!(yield* p.rwsem.downWriteKillable())) return;
    yield* p.x.write(0);
    yield* p.rwsem.downgradeWrite();
    yield* p.rwsem.upRead();
  },
  *'read twice'(p) {
    yield* p.rwlock.readLockCounted();
    yield* p.rwlock.readLockRecursive();
    yield* p.rwlock.readUnlockCounted();
    yield* p.rwlock.readUnlockCounted();
  },
  *'write, timed'(p) {
    if (yield* p.rwlock.writeLockTimed()) yield* p.rwlock.writeUnlock();
  },
  *write(p) {
    yield* p.rwlock.writeLock();
    yield* p.seq.writeBegin();
    yield* p.x.add(1);
    yield* p.seq.writeEnd();
    yield* p.rwlock.writeUnlock();
  },
  *'read x'(p) {
    yield* p.seq.read(() => p.x.read());
  },
  *section(p) {
    yield* p.rcu.readLock();
    yield* p.x.read();
    yield* p.rcu.readUnlock();
  },
  *synchronize(p) {
    yield* p.rcu.synchronize();
  },
  *'all come'(p) {
    yield* p.barrier.wait();
  },
  *'queue work'(p) {
    yield* p.work.queue();
  },
  *'flush work'(p) {
    yield* p.work.flush();
  },
  *'cancel work'(p) {
    yield* p.work.cancelSync();
  },
  *put(p) {
    yield* p.line.put(p.items.id(1));
  },
  *take(p) {
    yield* p.counts.at(yield* p.line.take()).putAnd(() => p.x.write(3));
  },
  *spin(p) {
    const again = yield* here();
    if ((yield* p.x.read()) === 0) yield* again();
  },
  *'try for ever'(p) {
    const again = yield* here();
    if (!(yield* p.lock.lockTimed())) yield* again();
    yield* p.lock.unlock();
  },
  *choose(p) {
    if ((yield* choose(2, 'which')) === 1) yield* p.sem.up();
  },
};

function declare(m: ModelBuilder) {
  const lock = m.mutex('lock');
  const items = m.domain('item', 2);
  const x = m.cell('x');
  const work = m.workqueue('works').work('work', () => x.write(2));
  return {
    ...{ lock, items, x, work, sem: m.semaphore('sem'), done: m.completion('done') },
    ...{ condition: m.condition('condition', { mutex: lock }), queue: m.waitQueue('queue', { exclusive: 3 }) },
    ...{ rwsem: m.rwsem('rwsem'), rwlock: m.rwlock('rwlock', { nesting: 2 }), seq: m.seqcount('seq') },
    ...{ rcu: m.rcu('rcu', { nesting: 1 }), barrier: m.barrier('barrier', { parties: 2 }) },
    ...{ line: m.queue('line', items, { capacity: 1 }), counts: m.refcount('count', { count: 2 }) },
  };
}

const statement = fc.constantFrom(...Object.keys(STATEMENTS));
const spec = fc.record({
  alike: fc.array(statement, { minLength: 1, maxLength: 2 }),
  other: fc.array(statement, { minLength: 1, maxLength: 3 }),
  actors: fc.constantFrom(2, 2, 3),
  pad: fc.constantFrom(29, 30, 59),
});

function modelOf(
  { alike, other, actors }: { alike: readonly string[]; other: readonly string[]; actors: number },
  pad = 0,
): Model {
  return defineModel({
    name: 'primitives at random',
    build(m) {
      m.actors('pad', pad, () => []);
      const parts = declare(m);
      const runs = (names: readonly string[]) =>
        function* runs(): Routine {
          for (const name of names) yield* STATEMENTS[name](parts);
        };
      const same = runs(alike);
      m.actors('a', actors, () => same, { symmetric: true });
      m.actor('b', runs(other));
      m.always('small', [parts.x], (n) => n < 4 || 'x is four');
    },
  });
}

it('every engine says what brute force says', async () => {
  const met = { models: 0, large: 0, broken: 0, verified: 0, folded: 0, rounds: 0, wide: 0, live: 0 };
  const used = new Set<string>();
  await fc.assert(
    fc.asyncProperty(spec, async (drawn) => {
      const model = modelOf(drawn);
      const known = await spaceOfModel(model, MOST_STATES);
      if (known?.space === undefined) {
        met.large++;
        return;
      }
      const { space, actors } = known;
      met.models++;
      for (const name of [...drawn.alike, ...drawn.other]) used.add(name);
      if (space.signatures.length > 0) met.broken++;
      const rounds = space.states < 200 ? roundsOf(space.graph, actors) : undefined;
      if (rounds?.livelock || rounds?.starvation) met.rounds++;
      for (const bits of [0, 7, 1 + (met.models % 6)]) {
        const wanted = { merge: (bits & 1) === 0, symmetry: (bits & 2) === 0, por: (bits & 4) === 0 };
        const result = await verify(model, { ...wanted, all: true, coverage: false, liveness: rounds !== undefined });
        const steps = result.findings.filter(({ kind }) => !ROUNDS.includes(kind));
        expect(steps.map(({ signature }) => signature).sort()).toEqual(space.signatures);
        if (!result.finalStatesFolded) expect(result.finalStates).toBe(space.finalStates.length);
        if (bits === 7) expect(result.states).toBe(space.states);
        if (result.verdict === 'verified') met.verified++;
        if (result.reductions.symmetry.used) met.folded++;
        if (rounds === undefined) continue;
        const kinds = new Set(result.findings.map(({ kind }) => kind));
        expect(kinds.has('livelock')).toBe(rounds.livelock);
        // A round that a fair grace period would end is no starvation; brute force knows of no fairness.
        if (!rounds.livelock && !rounds.starvation) expect(kinds.has('starvation')).toBe(false);
      }
      if (met.models % 4 === 0) {
        const options = { merge: false, symmetry: false, por: false, all: true, coverage: false, liveness: false };
        const wide = await verify(modelOf(drawn, drawn.pad), { ...options, lockOrder: false });
        expect([wide.states, wide.findings.map(({ signature }) => signature).sort()]).toEqual([
          space.states,
          space.signatures,
        ]);
        met.wide++;
      }
      const { findings } = await explore(model, { schedules: 20, stepBound: 500, keepGoing: true, shrink: false });
      for (const { kind, signature } of findings) {
        if (!ROUNDS.includes(kind)) expect(space.signatures).toContain(signature);
      }
      const { finals, broken } = worldsAlone(await compileModel(model), 40);
      expect([...finals].filter((text) => !space.finalStates.includes(text))).toEqual([]);
      expect([...broken.keys()].filter((signature) => !space.signatures.includes(signature))).toEqual([]);
      met.live += finals.size;
    }),
    { numRuns: MODELS, seed: SEED },
  );
  if (process.env.FUZZ_MODELS !== undefined)
    process.stderr.write(`seed ${SEED}: ${JSON.stringify(met)} ${used.size}\n`);
  expect(Math.min(met.models, met.broken, met.verified, met.folded, met.wide), JSON.stringify(met)).toBeGreaterThan(3);
  expect(met.rounds).toBeGreaterThan(0);
}, 3_600_000);
