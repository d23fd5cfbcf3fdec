/** Exact numbers of interleavings that others published or that follow by hand (design/oracles.md, first table). */
import { describe, expect, it } from 'vitest';
import { choose, defineModel, here } from '../../src/index.js';
import { verify } from '../../src/verify/verify.js';
import { abba } from '../oracles/classic/abba.js';
import { philosophers } from '../oracles/classic/philosophers.js';
import { lastZero } from '../oracles/lastzero.js';
import { broadModel } from './broad-model.js';

const COUNT = { all: true, count: true, coverage: false };

const independent = defineModel({
  name: 'independent',
  parameters: { n: 1, m: 1 },
  registers: 0,
  build(m, p) {
    for (const [side, steps] of [p.n, p.m].entries()) {
      const cell = m.cell(`cell${side}`);
      m.actor(`actor${side}`, function* work() {
        for (let step = 0; step < steps; step++) yield* cell.write(step);
      });
    }
  },
});

function factorial(n: number): bigint {
  return n < 2 ? 1n : BigInt(n) * factorial(n - 1);
}

describe('number of interleavings', () => {
  it.each([
    [1, 1],
    [5, 5],
    [60, 50],
  ])('of two actors with %i and %i independent steps', async (n, m) => {
    const { interleavings } = await verify(independent.with({ n, m }), COUNT);
    expect(interleavings).toBe(factorial(n + m) / (factorial(n) * factorial(m)));
  });

  it('of ABBA: 6, two of them deadlocked', async () => {
    const { interleavings, findings } = await verify(abba, COUNT);
    expect(interleavings).toBe(6n);
    expect(findings.map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it.each([
    { count: 2, broken: true, interleavings: 6n },
    { count: 3, broken: true, interleavings: 168n },
    { count: 4, broken: true, interleavings: 98_184n },
    { count: 2, broken: false, interleavings: 2n },
    { count: 3, broken: false, interleavings: 142n },
    { count: 4, broken: false, interleavings: 64_000n },
  ])('of $count philosophers (unordered forks: $broken): $interleavings', async ({ count, broken, interleavings }) => {
    expect((await verify(philosophers.with({ count, broken }), COUNT)).interleavings).toBe(interleavings);
  });

  it('of lastzero(5): 3,487,880', async () => {
    expect((await verify(lastZero, COUNT)).interleavings).toBe(3_487_880n);
  });

  it('of store buffering: 6, and the two loads never both miss', async () => {
    const model = defineModel({
      name: 'store-buffering',
      build(m) {
        const [x, y] = [m.cell('x'), m.cell('y')];
        const [r1, r2] = [m.ghost('r1', { initial: -1 }), m.ghost('r2', { initial: -1 })];
        m.actor('left', function* left() {
          yield* x.write(1);
          yield* y.apply<void>('load', 'none', {}).record(r1, (_, seen) => seen);
        });
        m.actor('right', function* right() {
          yield* y.write(1);
          yield* x.apply<void>('load', 'none', {}).record(r2, (_, seen) => seen);
        });
        m.finally('sequentially consistent', [r1, r2], (a, b) => a === 1 || b === 1 || 'both loads miss');
      },
    });
    const { interleavings, verdict } = await verify(model, COUNT);
    expect({ interleavings, verdict }).toEqual({ interleavings: 6n, verdict: 'verified' });
  });

  it('counts every outcome of a choice as a branch', async () => {
    const model = defineModel({
      name: 'choices',
      build(m) {
        const cell = m.cell('cell');
        m.actor('a', function* a() {
          yield* cell.write(yield* choose(3, 'which'));
        });
        m.actor('b', function* b() {
          yield* cell.add(1);
        });
      },
    });
    expect((await verify(model, COUNT)).interleavings).toBe(9n);
  });

  it('goes on after a broken check and stops where a lock refuses', async () => {
    const model = defineModel({
      name: 'goes-on',
      parameters: { misuse: false },
      build(m, p) {
        const cell = m.cell('cell');
        const lock = m.mutex('lock');
        m.actor('a', function* a() {
          yield* cell.write(1);
          if (p.misuse) yield* lock.unlock();
          yield* cell.write(2);
        });
        m.actor('b', function* b() {
          yield* cell.add(0);
        });
        m.always('never 1', [cell], (value) => value !== 1);
      },
    });
    // 3!/(2! 1!) runs either way: after the refusal at its second step nothing follows that order.
    expect((await verify(model, COUNT)).interleavings).toBe(3n);
    expect((await verify(model.with({ misuse: true }), COUNT)).interleavings).toBe(1n + 2n);
  });

  it('is unbounded where a run may go round', async () => {
    const { testAndSet } = await import('../oracles/classic/test-and-set.js');
    expect((await verify(testAndSet, COUNT)).interleavings).toBe('unbounded');
  });

  const runaway = defineModel({
    name: 'runaway',
    parameters: { retries: false },
    build(m, p) {
      const [counter, done] = [m.cell('counter'), m.cell('done')];
      m.actor('counts', function* counts() {
        const again = yield* here();
        if ((yield* counter.fetchAdd(1)) >= 0) yield* again();
      });
      m.actor('waits', function* waits() {
        const again = yield* here();
        if (p.retries && (yield* done.read()) === 0) yield* again();
        yield* done.write(1);
      });
      m.always('counter below 3', [counter], (value) => value < 3);
    },
  });

  it('is given up at the bound where a broken check lets the states run away, and says so', async () => {
    const { verdict, states, interleavings, bound, stoppedBy } = await verify(runaway, { ...COUNT, maxStates: 5_000 });
    expect({ verdict, stoppedBy, interleavings }).toEqual({
      verdict: 'violation',
      stoppedBy: undefined,
      interleavings: undefined,
    });
    expect(states).toBeLessThan(10);
    expect(bound.notChecked).toEqual([
      'the number of interleavings (the bound of 5000 states, with what comes after a violation)',
    ]);
  });

  it('is unbounded where a run goes round before it breaks anything, whatever comes after that', async () => {
    expect((await verify(runaway.with({ retries: true }), COUNT)).interleavings).toBe('unbounded');
  });

  it('goes on after what is broken from the start, where the search meets values that it did not reckon with', async () => {
    // Drawn by the generator of broad models.
    const model = broadModel({
      script: [{ kind: 'wait', a: 0, b: 0 }],
      other: [
        { kind: 'fetch', a: 0, b: 0 },
        { kind: 'unlock', a: 0, b: 0 },
      ],
      ...{
        actors: 2,
        identity: 'none',
        declared: false,
        calls: 1,
        second: 'daemon',
        check: 'pair',
        bound: 1,
        initial: 2,
      },
      table: [0, 0, 0, 0, 0, 0],
    });
    const { findings, interleavings } = await verify(model, { ...COUNT, merge: false, symmetry: false, por: false });
    expect(findings).toMatchObject([{ signature: 'leak on c in the initial state: pair', steps: 0 }]);
    expect(interleavings).toBeGreaterThan(1n);
  });
});
