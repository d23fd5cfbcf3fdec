/** What each strategy promises, measured: frequencies are held to five standard deviations of a binomial count. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import type { Executor } from '../../src/core/run/executor.js';
import { makeStrategy } from '../../src/explore/make-strategy.js';
import { pctBound } from '../../src/explore/pct.js';
import { profileOf } from '../../src/explore/profile.js';
import { RunEnd, Runner } from '../../src/explore/runner.js';
import { type StrategyName, strategyNames } from '../../src/explore/strategy.js';
import { choose, compileModel, defineModel, here, type Model } from '../../src/index.js';
import { abba, checkThenUse, limiter, lostUpdate, spinner, unlucky } from './toys.js';

const RUNS = 20_000;

/** How often each outcome of a completed run comes up. */
async function frequencies(
  model: Model,
  strategy: StrategyName,
  outcomeOf: (executor: Executor) => number,
  depth = 3,
): Promise<Map<number, number>> {
  const program = await compileModel(model);
  const runner = runnerOf(program, strategy, depth);
  const random = new Random(2n);
  const counts = new Map<number, number>();
  for (let run = 0; run < RUNS; run++) {
    runner.run(random);
    const outcome = outcomeOf(runner.executor);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

function runnerOf(program: Program, strategy: StrategyName, depth = 3, stepBound = 5_000): Runner {
  const profile = profileOf(program, stepBound);
  return new Runner(program, makeStrategy(strategy, program, depth, profile), stepBound, profile.racing);
}

function expectShare(count: number | undefined, share: number): void {
  const deviation = Math.sqrt((share * (1 - share)) / RUNS);
  expect((count ?? 0) / RUNS).toBeGreaterThan(share - 5 * deviation);
  expect((count ?? 0) / RUNS).toBeLessThan(share + 5 * deviation);
}

/** One actor writes x once; another does `before` steps of its own, then writes x `writes` times. x counts. */
function race(before: number, writes: number): Model {
  return defineModel({
    name: 'race',
    registers: 0,
    build(m) {
      const x = m.cell('x');
      const own = m.cell('own');
      const seen = m.cell('seen');
      m.actor('short', function* short() {
        // How many of the other's writes came first.
        yield* x.apply<void>('x', 'none', {}).record(seen, (_, value) => value);
        yield* x.add(100);
      });
      m.actor('long', function* long() {
        for (let step = 0; step < before; step++) yield* own.add(1);
        for (let write = 0; write < writes; write++) yield* x.add(1);
      });
    },
  });
}

/** What `seen` holds. */
const seen = ({ state }: Executor): number => state[2];

describe('every strategy', () => {
  const bugs: readonly [string, Model][] = [
    ['a lost update', lostUpdate],
    ['an ABBA deadlock', abba],
    ['a check that is not atomic', checkThenUse],
    ['an unlucky choice', unlucky],
  ];
  const fixed: readonly [string, Model][] = [
    ['an atomic update', lostUpdate.with({ fixed: true, tellers: 3 })],
    ['locks in one order', abba.with({ fixed: true })],
    ['an atomic check', checkThenUse.with({ fixed: true })],
  ];

  describe.each(strategyNames)('%s', (strategy) => {
    it.each(bugs)('finds %s within 256 schedules', async (_, model) => {
      const runner = runnerOf(await compileModel(model), strategy);
      const random = new Random(1n);
      let broken = 0;
      for (let run = 0; run < 256; run++) if (runner.run(random) !== RunEnd.Completed) broken++;
      expect(broken).toBeGreaterThan(0);
    });

    it.each(fixed)('finds nothing in %s', async (_, model) => {
      const runner = runnerOf(await compileModel(model), strategy);
      const random = new Random(1n);
      for (let run = 0; run < 2_000; run++) expect(runner.run(random)).toBe(RunEnd.Completed);
    });

    it('lets a spinning loop end', async () => {
      const runner = runnerOf(await compileModel(spinner), strategy);
      const random = new Random(1n);
      for (let run = 0; run < 2_000; run++) expect(runner.run(random)).toBe(RunEnd.Completed);
    });

    it('draws the same schedules from the same stream', async () => {
      const program = await compileModel(checkThenUse.with({ fixed: true }));
      const [first, second] = [runnerOf(program, strategy), runnerOf(program, strategy)];
      const [one, two] = [new Random(5n, 3), new Random(5n, 3)];
      for (let run = 0; run < 50; run++) {
        first.run(one);
        second.run(two);
        expect(second.schedule()).toEqual(first.schedule());
      }
    });

    it('draws each answer of the environment with equal chance', async () => {
      const answers = defineModel({
        name: 'answers',
        build(m) {
          const x = m.cell('x');
          m.actor('asker', function* ask() {
            const answer = yield* choose(4, 'which');
            yield* x.write(answer);
          });
        },
      });
      const counts = await frequencies(answers, strategy, ({ state }) => state[0]);
      for (let answer = 0; answer < 4; answer++) expectShare(counts.get(answer), 1 / 4);
    });
  });
});

describe('random walk', () => {
  it('picks each runnable actor with equal chance', async () => {
    // The long actor must win a toss for each of its writes that comes first; its own steps before them are none.
    const counts = await frequencies(race(4, 3), 'random', seen);
    for (const writes of [0, 1, 2]) expectShare(counts.get(writes), 1 / 2 ** (writes + 1));
    expectShare(counts.get(3), 1 / 2 ** 3);
  });
});

describe('PCT', () => {
  it('runs one actor after the other at depth 1, either first with equal chance', async () => {
    const counts = await frequencies(race(4, 3), 'pct', seen, 1);
    expectShare(counts.get(0), 1 / 2);
    expectShare(counts.get(3), 1 / 2);
    expect(counts.size).toBe(2);
  });

  it('finds a bug of depth 2 at least as often as its bound says', async () => {
    // The short actor must see two of the three writes: one change point, in the right place.
    const model = race(4, 3);
    const program = await compileModel(model);
    const { longestRun } = profileOf(program, 100);
    const counts = await frequencies(model, 'pct', seen, 2);
    expect(longestRun).toBe(9);
    const bound = pctBound(2, 2, longestRun);
    expect((counts.get(2) ?? 0) / RUNS).toBeGreaterThan(bound - 5 * Math.sqrt(bound / RUNS));
  });

  it('holds back who has not begun: finds the limiter with 20 seeds of 20, at least as often as its bound says', async () => {
    const program = await compileModel(limiter);
    const { longestRun } = profileOf(program, 100);
    const bound = pctBound(3, 5, longestRun);
    const most = 20_000;
    let runs = 0;
    for (let seed = 1n; seed <= 20n; seed++) {
      const runner = runnerOf(program, 'pct', 5);
      const random = new Random(seed);
      let run = 1;
      while (runner.run(random) !== RunEnd.Violating && run < most) run++;
      expect(run, `seed ${seed}`).toBeLessThan(most);
      runs += run;
    }
    // The mean of 20 geometric numbers; 5 deviations above that of the bound.
    expect(runs / 20).toBeLessThan((1 + 5 / Math.sqrt(20)) / bound);
  });

  it('draws a bound from k picks with a fall each: 1 / (n k (k+1) ... (k+d-2))', () => {
    expect(pctBound(3, 1, 9)).toBe(1 / 3);
    expect(pctBound(2, 2, 9)).toBe(1 / 18);
    expect(pctBound(3, 5, 8)).toBe(1 / (3 * 8 * 9 * 10 * 11));
  });

  it('finds a bug for which an actor must go round while another could run', async () => {
    // The poller must look twice before the writer has written at all.
    const rounds = defineModel({
      name: 'rounds',
      registers: 0,
      build(m) {
        const [flag, looks] = [m.cell('flag'), m.cell('looks')];
        m.actor('poller', function* poll() {
          const again = yield* here();
          yield* looks.add(1);
          if ((yield* flag.read()) === 0) yield* again();
        });
        m.actor('writer', function* write() {
          yield* flag.write(1);
        });
        m.finally('few looks', [looks], (value) => value < 4);
      },
    });
    const counts = await frequencies(rounds, 'pct', ({ state }) => state[1]);
    // It falls half of the times that it goes round, and the writer has not run by then half of the time.
    expect(counts.get(4)).toBeGreaterThan(500);
  });

  it('ends a run of those who spin for one that they never let run, as a random walk', async () => {
    // No mark, so no going round that anybody could see: the spinner would keep its priority for ever.
    const plain = defineModel({
      name: 'plain',
      build(m) {
        const flag = m.cell('flag');
        m.actor('spinner', function* spin() {
          while ((yield* flag.read()) === 0);
        });
        m.actor('setter', function* set() {
          yield* flag.write(1);
        });
      },
    });
    const program = await compileModel(plain);
    const { longestRun } = profileOf(program, 5_000);
    const runner = runnerOf(program, 'pct');
    const random = new Random(1n);
    let longest = 0;
    for (let run = 0; run < 500; run++) {
      expect(runner.run(random)).toBe(RunEnd.Completed);
      longest = Math.max(longest, runner.steps);
    }
    // It did spin, and not much longer than several walks take.
    expect(longest).toBeGreaterThan(4 * longestRun);
    expect(longest).toBeLessThan(4 * longestRun + 150);
  });

  it('does not let two spinning loops starve the one who would end them', async () => {
    const two = defineModel({
      name: 'two-spinners',
      build(m) {
        const flag = m.cell('flag');
        m.actors(
          'waiter',
          2,
          () =>
            function* wait() {
              const again = yield* here();
              if ((yield* flag.read()) === 0) return yield* again();
            },
        );
        m.actor('setter', function* set() {
          yield* flag.write(1);
        });
      },
    });
    const runner = runnerOf(await compileModel(two), 'pct');
    const random = new Random(1n);
    let steps = 0;
    for (let run = 0; run < 2_000; run++) {
      expect(runner.run(random)).toBe(RunEnd.Completed);
      steps += runner.steps;
    }
    expect(steps / 2_000).toBeLessThan(10);
  });
});

describe('POS', () => {
  it('is not led astray by steps that race with nothing', async () => {
    // They run at once; the short actor's op would keep its priority while the long one had to beat it eleven times.
    const counts = await frequencies(race(10, 1), 'pos', seen);
    expectShare(counts.get(1), 1 / 2);
  });

  it('draws the priority of an op again when one that it races with runs', async () => {
    // Equal chances for each of the long actor's writes to come first, given that those before it did.
    const counts = await frequencies(race(0, 3), 'pos', seen);
    expectShare(counts.get(0), 1 / 2);
    expectShare(counts.get(1), 1 / 4);
    expectShare(counts.get(2), 1 / 8);
  });
});

describe('SURW', () => {
  it('samples the interleavings of the ops on a shared word with equal chance', async () => {
    // One op against nine: ten interleavings. A random walk puts the one first in half of its runs.
    const oneAgainst = defineModel({
      name: 'one-against-nine',
      registers: 0,
      build(m) {
        const x = m.cell('x');
        const own = m.cell('own');
        const before = m.cell('before');
        m.actor('short', function* short() {
          for (let step = 0; step < 3; step++) yield* own.add(1);
          yield* x.apply<void>('x', 'none', {}).record(before, (_, value) => value);
        });
        m.actor('long', function* long() {
          for (let write = 0; write < 9; write++) yield* x.add(1);
        });
      },
    });
    const counts = await frequencies(oneAgainst, 'surw', seen);
    for (let first = 0; first < 10; first++) expectShare(counts.get(first), 1 / 10);
  });

  it('walks at random when no word is shared', async () => {
    const apart = defineModel({
      name: 'apart',
      registers: 0,
      build(m) {
        const cells = [m.cell('left'), m.cell('right')];
        const first = m.cell('first');
        cells.forEach((cell, side) => {
          m.actor(`actor${side}`, function* work() {
            yield* cell.add(1).record(first, (value) => (value === 0 ? side + 1 : value));
          });
        });
      },
    });
    const counts = await frequencies(apart, 'surw', ({ state }) => state[2]);
    expectShare(counts.get(1), 1 / 2);
  });

  it('holds nobody back for an actor that goes round a retry loop until he has run', async () => {
    const model = defineModel({
      name: 'held',
      build(m) {
        const [word, flag] = [m.cell('word'), m.cell('flag')];
        m.actor('waiter', function* wait() {
          const again = yield* here();
          if ((yield* flag.read()) === 0) return yield* again();
          yield* word.read();
        });
        m.actor('setter', function* set() {
          yield* word.write(1);
          yield* flag.write(1);
        });
      },
    });
    const runner = runnerOf(await compileModel(model), 'surw', 3, 500);
    const random = new Random(1n);
    for (let run = 0; run < 1_000; run++) expect(runner.run(random)).toBe(RunEnd.Completed);
  });

  it('goes on when the actor whose turn it is waits for one that is held back', async () => {
    const locked = defineModel({
      name: 'locked',
      registers: 0,
      build(m) {
        const x = m.cell('x');
        const lock = m.mutex('lock');
        m.actors(
          'actor',
          3,
          () =>
            function* work() {
              yield* lock.lock();
              yield* x.add(1);
              yield* x.add(1);
              yield* lock.unlock();
              yield* x.add(1);
            },
        );
      },
    });
    const runner = runnerOf(await compileModel(locked), 'surw');
    const random = new Random(1n);
    for (let run = 0; run < 2_000; run++) expect(runner.run(random)).toBe(RunEnd.Completed);
  });
});

describe('a profile', () => {
  it('names the words that several actors touch and one writes, with the ops of each actor', async () => {
    const program = await compileModel(race(2, 3));
    const { shared, longestRun } = profileOf(program, 100);
    expect(longestRun).toBe(7);
    expect(shared).toEqual([{ word: 0, events: [2, 3] }]);
  });

  /** Ends after `steps` steps if a flag is set, which is decided before; else it spins. */
  const mayHang = (hangs: 'now and then' | 'always') =>
    defineModel({
      name: 'may-hang',
      build(m) {
        const [flag, x] = [m.cell('flag'), m.cell('x')];
        m.actor('worker', function* work() {
          if (hangs === 'now and then' && (yield* choose(2, 'set')) === 1) yield* flag.write(1);
          yield* x.add(1);
          const again = yield* here();
          if ((yield* flag.read()) === 0) yield* again();
        });
        m.actor('other', function* other() {
          yield* x.add(1);
        });
      },
    });

  it('counts the walks that ended: those that were given up tell of the bound alone', async () => {
    const { longestRun, shared } = profileOf(await compileModel(mayHang('now and then')), 400);
    expect(longestRun).toBe(5);
    expect(shared).toEqual([{ word: 1, events: [1, 1] }]);
  });

  it('counts walks up to their last new op where none ended', async () => {
    const { longestRun, shared } = profileOf(await compileModel(mayHang('always')), 400);
    // Three ops are new at all; the spinner may go round before the other comes.
    expect(longestRun).toBeGreaterThanOrEqual(3);
    expect(longestRun).toBeLessThan(30);
    expect(shared).toEqual([{ word: 1, events: [1, 1] }]);
  });
});
