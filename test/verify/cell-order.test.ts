/** Lock order of locks that have no word of holders: semaphores that serve as a mutex, and locks that are made of cells. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atomic, call, choose, defineModel, here, type Model, type Routine, type Steps } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { type Claim, claimOf } from '../../src/verify/claim.js';
import { confirmClaim } from '../../src/verify/confirm.js';
import { verify } from '../../src/verify/verify.js';

const ALL = { all: true, coverage: false };

/** A lock of whatever kind. */
interface AnyLock {
  lock(): Steps<unknown>;
  trylock(): Steps<boolean>;
  unlock(): Steps<unknown>;
}

/** The kinds of locks, by what declares one. */
const KINDS = {
  mutex: (m: ModelBuilder, name: string): AnyLock => m.mutex(name),
  semaphore: (m: ModelBuilder, name: string): AnyLock => {
    const it = m.semaphore(name);
    return { lock: () => it.down(), trylock: () => it.downTrylock(), unlock: () => it.up() };
  },
  'cell lock': (m: ModelBuilder, name: string): AnyLock => {
    const [word, it] = [m.cell(`${name}.word`), m.cellLock(name)];
    const take = () =>
      word.waitUntil(
        (held) => held === 0,
        () => 1,
      );
    return {
      lock: () => it.acquire(take()),
      trylock: () => it.try(word.cmpxchg(0, 1)),
      unlock: () => it.release(word.write(0)),
    };
  },
  'cell lock of several words': (m: ModelBuilder, name: string): AnyLock => {
    // As a ticket lock is: the step that takes it is not the first one.
    const [next, owner, it] = [m.cell(`${name}.next`), m.cell(`${name}.owner`), m.cellLock(name)];
    return {
      *lock() {
        const ticket = yield* next.fetchAdd(1);
        yield* it.acquire(owner.waitUntil((turn) => turn === ticket));
      },
      trylock: () =>
        atomic(`${name}.trylock`, function* () {
          const turn = yield* owner.read();
          return yield* it.try(next.cmpxchg(turn, turn + 1));
        }),
      unlock: () => it.release(owner.add(1)),
    };
  },
};
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];
const ofCells = kinds.filter((kind) => kind !== 'mutex');

/** Two tasks that take two locks, one after the other; the second in the same order or in the other one. */
function pair(
  [first, second]: readonly [Kind, Kind],
  { crossed = true, gate = undefined as Kind | undefined } = {},
): Model {
  return defineModel({
    name: 'pair',
    build(m) {
      const [a, b] = [KINDS[first](m, 'a'), KINDS[second](m, 'b')];
      const around = gate && KINDS[gate](m, 'gate');
      const task = (outer: AnyLock, inner: AnyLock) =>
        function* task(): Routine {
          if (around) yield* around.lock();
          yield* outer.lock();
          yield* inner.lock();
          yield* inner.unlock();
          yield* outer.unlock();
          if (around) yield* around.unlock();
        };
      m.actor('ab', task(a, b));
      m.actor('ba', crossed ? task(b, a) : task(a, b));
    },
  });
}

async function signaturesOf(model: Model): Promise<readonly string[]> {
  return (await verify(model, ALL)).findings.map(({ signature }) => signature);
}

const each = ofCells.flatMap((kind) => kinds.map((other) => [kind, other] as const));

describe('opposite orders', () => {
  it.each(each)('of a %s and a %s are found behind a gate', async (kind, other) => {
    for (const both of [
      [kind, other],
      [other, kind],
    ] as const) {
      const { findings } = await verify(pair(both, { gate: 'mutex' }), ALL);
      expect(findings.map(({ signature }) => signature)).toEqual(['lock-order in task: a -> b -> a']);
      expect(findings[0].words).toMatch(/for ever \(here gate keeps them apart\)$/);
      expect(findings[0].lockCycle?.map(({ others }) => others)).toEqual([
        [{ name: 'gate', as: 'write' }],
        [{ name: 'gate', as: 'write' }],
      ]);
    }
  });

  it.each(each)('of a %s and a %s are a deadlock and no more where a run is stuck in them', async (kind, other) => {
    const { findings } = await verify(pair([kind, other]), ALL);
    expect(findings.map((finding) => finding.kind)).toEqual(['deadlock']);
  });

  it.each(each)('of a %s and a %s are none where they are the same order', async (kind, other) => {
    expect(await signaturesOf(pair([kind, other], { crossed: false, gate: kind }))).toEqual([]);
    expect(await signaturesOf(pair([kind, other], { crossed: false }))).toEqual([]);
  });

  it.each(ofCells)('of two mutexes name a gate that is a %s', async (gate) => {
    const { findings } = await verify(pair(['mutex', 'mutex'], { gate }), ALL);
    expect(findings.map(({ words }) => words)).toEqual([expect.stringMatching(/\(here gate keeps them apart\)$/)]);
  });

  it.each(ofCells)('are confirmed from their run alone: %s', async (kind) => {
    const { findings, program } = await verify(pair([kind, kind], { gate: 'mutex' }), ALL);
    const claim = claimOf(findings[0]) as Claim;
    const { violation, notes } = confirmClaim(program, findings[0].schedule, claim);
    expect(violation?.kind).toBe('lock-order');
    // One of the two edges is enough.
    expect(notes.length).toBeLessThan(2);
    const none = {
      ...claim,
      edges: (claim as Extract<Claim, { kind: 'lock-order' }>).edges.map((edge) => ({ ...edge, held: 'c' })),
    };
    expect(confirmClaim(program, findings[0].schedule, none).violation).toBeUndefined();
  });

  it.each(ofCells)('are the same with and without reductions: %s', async (kind) => {
    for (const reductions of [{}, { por: false }, { symmetry: false }, { merge: false, por: false, symmetry: false }]) {
      const { findings } = await verify(pair([kind, kind], { gate: 'mutex' }), { ...ALL, ...reductions });
      expect(findings.map((finding) => finding.kind)).toEqual(['lock-order']);
    }
  });

  it('are seen where a lock is held from one call to the next', async () => {
    const model = defineModel({
      name: 'calls',
      build(m) {
        const [a, b, gate] = [m.semaphore('a'), m.semaphore('b'), m.mutex('gate')];
        m.actor('ab', [
          call('takes', function* takes() {
            yield* gate.lock();
            yield* a.down();
          }),
          call('gives', function* gives() {
            yield* b.down();
            yield* b.up();
            yield* a.up();
            yield* gate.unlock();
          }),
        ]);
        m.actor('ba', function* ba() {
          yield* gate.lock();
          yield* b.down();
          yield* a.down();
          yield* a.up();
          yield* b.up();
          yield* gate.unlock();
        });
      },
    });
    expect(await signaturesOf(model)).toEqual(['lock-order in ba / gives: a -> b -> a']);
  });
});

/** Two tasks in opposite orders behind a gate, with what the first does between, and a third actor. */
function beside(
  build: (m: ModelBuilder) => {
    readonly a: AnyLock;
    readonly b: AnyLock;
    readonly between?: () => Steps<unknown>;
    readonly third?: () => Routine;
  },
): Model {
  return defineModel({
    name: 'beside',
    build(m) {
      const gate = m.mutex('gate');
      const { a, b, between, third } = build(m);
      const task = (outer: AnyLock, inner: AnyLock) =>
        function* task(): Routine {
          yield* gate.lock();
          yield* outer.lock();
          if (between && outer === a) yield* between();
          yield* inner.lock();
          yield* inner.unlock();
          yield* outer.unlock();
          yield* gate.unlock();
        };
      m.actor('ab', task(a, b));
      m.actor('ba', task(b, a));
      if (third) m.actor('third', third);
    },
  });
}

describe('what is no lock raises nothing', () => {
  const semaphore = (m: ModelBuilder, name: string, count: number): AnyLock => {
    const it = m.semaphore(name, { count });
    return { lock: () => it.down(), trylock: () => it.downTrylock(), unlock: () => it.up() };
  };

  it('a semaphore that a third task gives back as well', async () => {
    const build = (isGiven: boolean) =>
      beside((m) => {
        const [a, b] = [semaphore(m, 'a', 1), m.mutex('b')];
        return {
          ...{ a, b },
          *third() {
            if ((yield* choose(2, 'give one', ['no', 'yes'])) === 1 && isGiven) yield* a.unlock();
          },
        };
      });
    expect(await signaturesOf(build(true))).toEqual([]);
    expect(await signaturesOf(build(false))).toEqual(['lock-order in task: a -> b -> a']);
  });

  it('a semaphore that lets two in', async () => {
    expect(await signaturesOf(beside((m) => ({ a: semaphore(m, 'a', 2), b: m.mutex('b') })))).toEqual([]);
  });

  it('a semaphore that one task waits for and another one gives', async () => {
    const model = defineModel({
      name: 'signal',
      build(m) {
        const [done, lock] = [m.semaphore('done', { count: 0 }), m.mutex('lock')];
        m.actor('waits', function* waits() {
          yield* done.down();
          yield* lock.lock();
          yield* lock.unlock();
        });
        m.actor('works', function* works() {
          yield* lock.lock();
          yield* lock.unlock();
          yield* done.up();
        });
        m.actor('other', function* other() {
          yield* done.up();
          yield* lock.lock();
          yield* done.down();
          yield* lock.unlock();
        });
      },
    });
    expect((await verify(model, ALL)).findings.filter(({ kind }) => kind === 'lock-order')).toEqual([]);
  });

  it('two semaphores by which tasks take turns', async () => {
    const model = defineModel({
      name: 'turns',
      build(m) {
        const [ping, pong] = [m.semaphore('ping'), m.semaphore('pong', { count: 0 })];
        m.actors(
          'one',
          1,
          () =>
            function* one() {
              for (const _ of [1, 2]) {
                yield* ping.down();
                yield* pong.up();
              }
            },
        );
        m.actor('two', function* two() {
          for (const _ of [1, 2]) {
            yield* pong.down();
            yield* ping.up();
          }
        });
      },
    });
    expect(await signaturesOf(model)).toEqual([]);
  });

  it('a lock that is handed over to whoever comes next', async () => {
    const model = beside((m) => {
      const [a, given] = [KINDS['cell lock'](m, 'a'), m.cell('given')];
      return {
        ...{ a, b: m.mutex('b'), between: () => given.write(1) },
        *third() {
          yield* given.waitUntil((it) => it === 1);
          yield* a.unlock();
        },
      };
    });
    expect((await verify(model, ALL)).findings.filter(({ kind }) => kind === 'lock-order')).toEqual([]);
  });

  it('a lock of cells that lets several in, whatever it is declared', async () => {
    const model = (most: number) =>
      defineModel({
        name: 'several',
        build(m) {
          const [word, mark, b] = [m.cell('a.word'), m.cellLock('a'), m.mutex('b')];
          const enter = () =>
            mark.acquire(
              word.waitUntil(
                (inside) => inside < most,
                (inside) => inside + 1,
              ),
            );
          const leave = () => mark.release(word.add(-1));
          const gate = m.mutex('gate');
          m.actor('ab', function* task() {
            yield* gate.lock();
            yield* enter();
            yield* b.lock();
            yield* b.unlock();
            yield* leave();
            yield* gate.unlock();
          });
          m.actor('ba', function* task() {
            yield* gate.lock();
            yield* b.lock();
            yield* enter();
            yield* leave();
            yield* b.unlock();
            yield* gate.unlock();
          });
          m.actor('third', function* third() {
            yield* enter();
            yield* leave();
          });
        },
      });
    expect(await signaturesOf(model(2))).toEqual([]);
    expect(await signaturesOf(model(1))).toEqual(['lock-order in task: a -> b -> a']);
  });

  it('one that is held on some ways to a place only', async () => {
    const model = beside((m) => {
      const [a, b] = [semaphore(m, 'a', 1), m.mutex('b')];
      return {
        a: { ...a, lock: () => a.trylock(), unlock: function* () {} } as AnyLock,
        b,
      };
    });
    // Nobody waits for what is only tried, and nobody holds it for certain.
    expect(await signaturesOf(model)).toEqual([]);
  });

  it('one that a wait may give up', async () => {
    const model = beside((m) => {
      const [it, b] = [m.semaphore('a'), m.mutex('b')];
      const again = function* (): Routine {
        const retry = yield* here();
        if (!(yield* it.downKillable())) yield* retry();
      };
      return { a: { lock: again, trylock: () => it.downTrylock(), unlock: () => it.up() }, b };
    });
    expect((await verify(model, ALL)).findings.filter(({ kind }) => kind === 'lock-order')).toEqual([]);
  });
});

/** Locks that a task of a random program takes or tries, each inside the one before; it may decide between two such rows. */
interface Part {
  readonly one: readonly Taken[];
  readonly other: readonly Taken[];
}
interface Taken {
  readonly lock: number;
  readonly tries: boolean;
}

const row = fc.uniqueArray(fc.record({ lock: fc.nat(2), tries: fc.integer({ max: 3, min: 0 }).map((n) => n === 0) }), {
  minLength: 1,
  maxLength: 3,
  selector: ({ lock }) => lock,
});
const part: fc.Arbitrary<Part> = fc.record({ one: row, other: fc.oneof(fc.constant([]), row) });
const task = fc.array(part, { minLength: 1, maxLength: 2 });

/** A random program; each of its locks is of a kind. */
function randomModel(tasks: readonly (readonly Part[])[], of: readonly Kind[], gated: boolean): Model {
  return defineModel({
    name: 'random',
    build(m) {
      const locks = of.map((kind, i) => KINDS[kind](m, 'abc'[i]));
      const gate = m.mutex('gate');
      function* nested([first, ...inside]: readonly Taken[]): Routine {
        if (first === undefined) return;
        const lock = locks[first.lock];
        if (first.tries && !(yield* lock.trylock())) return;
        if (!first.tries) yield* lock.lock();
        yield* nested(inside);
        yield* lock.unlock();
      }
      for (const [i, task] of tasks.entries()) {
        m.actor(`task${i}`, function* task_() {
          if (gated) yield* gate.lock();
          for (const { one, other } of task) {
            if (other.length === 0) yield* nested(one);
            else yield* nested((yield* choose(2, 'which')) === 0 ? one : other);
          }
          if (gated) yield* gate.unlock();
        });
      }
    },
  });
}

it('random programs have the order that they have with mutexes', async () => {
  let orders = 0;
  const property = fc.asyncProperty(
    fc.array(task, { minLength: 2, maxLength: 2 }),
    fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(...kinds))),
    fc.boolean(),
    async (tasks, of, gated) => {
      const found = async (each: readonly Kind[]) => {
        const { findings } = await verify(randomModel(tasks, each, gated), { ...ALL, maxStates: 50_000 });
        const order = findings.filter(({ kind }) => kind === 'lock-order');
        return { order: order.map(({ signature }) => signature).sort(), deadlock: findings.length > order.length };
      };
      const expected = await found(['mutex', 'mutex', 'mutex']);
      if (expected.order.length > 0) orders++;
      expect(await found(of)).toEqual(expected);
    },
  );
  await fc.assert(property, { numRuns: 100, seed: 11 });
  expect(orders).toBeGreaterThan(5);
});
