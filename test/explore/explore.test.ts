import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../src/core/collect-garbage.js';
import { InputError } from '../../src/core/errors.js';
import { keepCalls } from '../../src/core/story/kept-calls.js';
import { signatureText } from '../../src/core/story/signature.js';
import { type ExploreResult, explore } from '../../src/explore/explore.js';
import type { ExploreOptions } from '../../src/explore/options.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { BLOCK } from '../../src/explore/shard.js';
import { strategyNames } from '../../src/explore/strategy.js';
import { call, defineModel, here, type Model } from '../../src/index.js';
import { titleOf } from '../../src/report/title.js';
import { preparedness } from '../oracles/preparedness.js';
import { abba, checkThenUse, lostUpdate, spinner, unlucky } from './toys.js';

/** Two bugs that show with different signatures, one much rarer than the other. */
const twoBugs = defineModel({
  name: 'two-bugs',
  build(m) {
    const common = m.cell('common');
    const rare = m.cell('rare');
    m.actor('writer', function* write() {
      yield* common.write(1);
      yield* common.write(0);
      for (let round = 0; round < 6; round++) yield* rare.write(round + 1);
    });
    m.actor('reader', [
      call('check_rare', function* checkRare() {
        if ((yield* rare.read()) === 3) yield* rare.write(-1);
      }),
      call('check_common', function* checkCommon() {
        if ((yield* common.read()) === 1) yield* common.write(-1);
      }),
    ]);
    m.always('common', [common], (value) => value >= 0 || 'common is below 0');
    m.always('rare', [rare], (value) => value >= 0 || 'rare is below 0');
  },
});

/** Everything but what time decides. */
function timeless({ findings, stats }: ExploreResult): unknown {
  return { findings, stats: { ...stats, seconds: 0, secondsToFirst: 0 } };
}

/** A clock that moves by one millisecond each time somebody looks. */
function ticking(): () => number {
  let now = 0;
  return () => now++;
}

describe('explore', () => {
  it('counts what is not wanted, and goes on', async () => {
    const wanted = { kind: 'assertion', cell: 'rare' } as const;
    const { findings, stats } = await explore(twoBugs, { wanted, schedules: 20_000 });
    expect(findings.map(({ signature }) => signature)).toEqual(['assertion on rare in check_rare: rare = *']);
    expect(stats.violating).toBeGreaterThan(1);
  });

  it.each(strategyNames)('finds each toy bug within a block, and replays what it found: %s', async (strategy) => {
    for (const model of [lostUpdate, abba, checkThenUse, unlucky] as Model[]) {
      const { findings, program } = await explore(model, { strategy, schedules: BLOCK });
      expect(findings).toHaveLength(1);
      const [{ schedule, kept, signature, minimal }] = findings;
      const replayed = replaySchedule(program, schedule, keepCalls(program.actors, kept));
      expect(replayed.signature && signatureText(replayed.signature)).toBe(signature);
      expect(minimal).toBe(true);
    }
  });

  it.each(strategyNames)('finds nothing in the repaired ones: %s', async (strategy) => {
    for (const model of [lostUpdate, abba, checkThenUse].map((toy) => (toy as Model).with({ fixed: true }))) {
      const { findings, stats } = await explore(model, { strategy, schedules: 2_000 });
      expect(findings).toEqual([]);
      const { schedules, completed, joined } = stats;
      expect({ ended: completed + joined, ...stats }).toMatchObject({ ended: schedules, violating: 0, bounded: 0 });
      if (strategy === 'mixed') expect(stats.stream).toMatchObject({ exhausted: true });
      else expect(schedules).toBe(2_000);
    }
  });

  it('gives the same result for the same seed, and other schedules for another', async () => {
    const options = { strategy: 'random', schedules: 3_000, keepGoing: true } satisfies ExploreOptions;
    const first = await explore(twoBugs, { ...options, seed: 4n });
    expect(timeless(await explore(twoBugs, { ...options, seed: 4n }))).toEqual(timeless(first));
    expect((await explore(twoBugs, { ...options, seed: 5n })).stats.steps).not.toBe(first.stats.steps);
  });

  it('gives the same result however blocks are cut into chunks', async () => {
    for (const strategy of strategyNames) {
      const options = { schedules: 20 * BLOCK + 7, keepGoing: true, strategy } satisfies ExploreOptions;
      const fixed = await explore(twoBugs, options);
      expect(timeless(await explore(twoBugs, { ...options, clock: ticking() }))).toEqual(timeless(fixed));
    }
  });

  it('ends with the first block that holds a violation, and runs that block to its end', async () => {
    const { findings, stats } = await explore(twoBugs, { strategy: 'random', schedules: 100_000 });
    const block = Math.floor(findings[0].foundAt / BLOCK);
    expect(stats.schedules).toBe((block + 1) * BLOCK);
    for (const { foundAt } of findings) expect(Math.floor(foundAt / BLOCK)).toBe(block);
  });

  it('goes on when told to, with one finding for each signature, first sightings first', async () => {
    const { findings, stats } = await explore(twoBugs, { strategy: 'random', schedules: 5_000, keepGoing: true });
    expect(stats.schedules).toBe(5_000);
    expect(findings.map(({ signature }) => signature).sort()).toEqual([
      'assertion on common in check_common: common = *',
      'assertion on rare in check_rare: rare = *',
    ]);
    expect(findings[0].foundAt).toBeLessThan(findings[1].foundAt);
    expect(stats.violating).toBeGreaterThan(2);
    expect(stats.completed + stats.violating).toBe(5_000);
  });

  it('sees a rare bug first in the schedule that it names', async () => {
    const { findings } = await explore(twoBugs, { strategy: 'random', schedules: 5_000, keepGoing: true });
    const rare = findings.find(({ signature }) => signature.includes('rare'))!;
    const before = await explore(twoBugs, { strategy: 'random', schedules: rare.foundAt, keepGoing: true });
    const after = await explore(twoBugs, { strategy: 'random', schedules: rare.foundAt + 1, keepGoing: true });
    const signatures = ({ findings: found }: ExploreResult) => found.map(({ signature }) => signature);
    expect(signatures(before)).not.toContain(rare.signature);
    expect(signatures(after)).toContain(rare.signature);
  });

  it('describes a finding by its smallest run, and the run it came from by its size', async () => {
    const { findings } = await explore(checkThenUse, { titleOf });
    expect(findings[0]).toMatchObject({
      kind: 'use-after-free',
      signature: 'use-after-free on pointer in use: use(pointer)',
      title: 'BUG: faultline: use-after-free in use / clear',
      words: 'the pointer is used after it was cleared',
      rule: 'no use after clear',
      schedule: { steps: [0, 1, 0], choices: [] },
      kept: [[2], [2], []],
      steps: 3,
      contextSwitches: 2,
      minimal: true,
    });
    expect(findings[0].history.steps).toBeGreaterThan(3);
    expect(findings[0].id).toMatch(/^[0-9a-f]{8}$/);
  });

  it('tells models and parameters apart in the ids of findings, and nothing else', async () => {
    const id = async (model: Model, seed: bigint) => (await explore(model, { seed })).findings[0].id;
    expect(await id(lostUpdate, 1n)).toBe(await id(lostUpdate, 2n));
    expect(await id(lostUpdate, 1n)).not.toBe(await id(lostUpdate.with({ tellers: 3 }), 1n));
  });

  it('keeps the schedule as it was found when it shall not shrink', async () => {
    const { findings } = await explore(checkThenUse, { shrink: false });
    const [{ schedule, history, minimal, kept }] = findings;
    expect({ steps: schedule.steps.length, minimal }).toEqual({ steps: history.steps, minimal: false });
    expect(kept).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2],
      [0, 1],
    ]);
  });

  it('counts final states without ghosts and local states, and those that were seen once', async () => {
    const { stats } = await explore(preparedness, { strategy: 'random', schedules: 50_000 });
    expect(stats.distinctFinalStates).toBe(14);
    const few = await explore(preparedness, { strategy: 'random', schedules: 3 });
    expect(few.stats.singletonFinalStates).toBeGreaterThan(0);
    expect(few.stats.distinctFinalStates).toBeLessThanOrEqual(3);
  });

  it('gives the PCT bound 1 / (n k^(d-1)), and depth, for PCT only', async () => {
    const clean = lostUpdate.with({ fixed: true });
    const { stats } = await explore(clean, { strategy: 'pct', depth: 2 });
    expect(stats).toMatchObject({ depth: 2, longestRun: 2, pctBound: 1 / (2 * 2) });
    expect(Object.keys((await explore(clean, {})).stats)).not.toContain('pctBound');
  });
});

describe('a run that does not end', () => {
  /** One who waits for what nobody does, and counts how often he looked, so that no state comes again. */
  const counting = defineModel({
    name: 'counting',
    build(m) {
      const [flag, looks] = [m.cell('flag'), m.cell('looks')];
      m.actor('busy', function* work() {
        const again = yield* here();
        yield* looks.add(1);
        if ((yield* flag.read()) === 0) return yield* again();
      });
      m.actor('idle', function* idle() {
        yield* looks.add(1);
      });
    },
  });

  it('is given up at the step bound, counted, and named by actor and loop', async () => {
    const { stats, findings } = await explore(counting, { strategy: 'random', schedules: 300, stepBound: 50 });
    expect(findings).toEqual([]);
    expect(stats).toMatchObject({ bounded: 300, boundedOpen: 0, completed: 0, longestRun: 50, stepBound: 50 });
    expect(stats.boundedBy).toEqual([{ actor: 'busy', loop: 'work', count: 300 }]);
  });

  it('that needs more steps without a loop is named by who took most of them', async () => {
    const long = defineModel({
      name: 'long',
      build(m) {
        const x = m.cell('x');
        m.actor('short', function* short() {
          yield* x.add(1);
        });
        m.actor('long', function* long() {
          for (let step = 0; step < 40; step++) yield* x.add(1);
        });
      },
    });
    const { stats } = await explore(long, { strategy: 'random', schedules: 10, stepBound: 20 });
    expect(stats.boundedBy).toEqual([{ actor: 'long', loop: 'long', count: 10 }]);
  });

  it('does not hide the end of runs that fit', async () => {
    const { stats } = await explore(spinner, { strategy: 'random', schedules: 1_000, stepBound: 4 });
    expect(stats.bounded).toBeGreaterThan(0);
    expect(stats.boundedOpen).toBe(stats.bounded);
    expect(stats.completed).toBe(1_000 - stats.bounded);
  });
});

describe('coverage', () => {
  it('lists ops that never ran and tests that went one way', async () => {
    const model = defineModel({
      name: 'covered',
      build(m) {
        const flag = m.cell('flag');
        const gate = m.cell('gate');
        m.actor('user', function* use() {
          if (yield* flag.cmpxchg(1, 2)) yield* gate.write(7);
          if (yield* flag.cmpxchg(0, 1)) yield* gate.write(1);
          yield* gate.waitUntil((value) => value === 5);
          yield* flag.write(3);
        });
      },
    });
    const { stats } = await explore(model, { schedules: 10 });
    // What lies behind a test that always went the other way, and behind a wait without an end, is within reach as well.
    expect(stats.neverExecuted).toEqual(['use: flag = 3', 'use: gate = 7', 'use: wait until gate']);
    expect(stats.oneSided).toEqual([
      'use: cmpxchg(flag, 0, 1) -> always true',
      'use: cmpxchg(flag, 1, 2) -> always false',
    ]);
  });

  it('is that of the schedules that count: the same for more schedules than it takes to find the bug', async () => {
    const short = await explore(twoBugs, { strategy: 'random', schedules: 10 * BLOCK });
    const long = await explore(twoBugs, { strategy: 'random', schedules: 1_000 * BLOCK });
    expect(timeless(long)).toEqual(timeless(short));
  });
});

describe('an interrupted run', () => {
  it('keeps what was found', async () => {
    const controller = new AbortController();
    const { findings, stats } = await explore(twoBugs, {
      strategy: 'random',
      schedules: 100_000_000,
      keepGoing: true,
      signal: controller.signal,
      onProgress: ({ findings: found }) => {
        if (found > 0) controller.abort();
      },
    });
    expect(stats.interrupted).toBe(true);
    expect(stats.schedules).toBeLessThan(100_000_000);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0].minimal).toBe(false);
  });

  it('that was aborted before it began runs nothing', async () => {
    const { stats, findings } = await explore(lostUpdate, { signal: AbortSignal.abort() });
    expect({ findings, schedules: stats.schedules, interrupted: stats.interrupted }).toEqual({
      findings: [],
      schedules: 0,
      interrupted: true,
    });
  });

  it('stops at a timer, which is served between chunks', async () => {
    const started = performance.now();
    const { stats } = await explore(preparedness, {
      strategy: 'random',
      schedules: Number.POSITIVE_INFINITY,
      signal: AbortSignal.timeout(100),
      clock: () => performance.now(),
    });
    expect(stats.interrupted).toBe(true);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('a budget', () => {
  it('ends the run, and what ran is what the same number of schedules gives', async () => {
    const timed = await explore(preparedness, { strategy: 'random', budgetMs: 100, clock: () => performance.now() });
    expect(timed.stats.interrupted).toBe(false);
    expect(timed.stats.seconds).toBeGreaterThanOrEqual(0.1);
    const counted = await explore(preparedness, { strategy: 'random', schedules: timed.stats.schedules });
    expect(timeless(counted)).toEqual(timeless(timed));
  });

  it('and a number of schedules end it together, whichever comes first', async () => {
    const { stats } = await explore(preparedness, { budgetMs: 60_000, schedules: 100, clock: ticking() });
    expect(stats.schedules).toBe(100);
  });
});

it('tells progress in terms of schedules, and the last one is complete', async () => {
  const seen: number[] = [];
  const onProgress: ExploreOptions['onProgress'] = ({ schedules, of }) => seen.push(schedules / of);
  await explore(preparedness, { strategy: 'random', schedules: 100_000, onProgress });
  expect(seen.length).toBeGreaterThan(1);
  expect(seen).toEqual([...seen].sort((left, right) => left - right));
  expect(seen.at(-1)).toBe(1);
});

it('memory does not grow with the number of schedules, violating ones included', async () => {
  const heapNow = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  let early: number | undefined;
  await explore(twoBugs, {
    strategy: 'random',
    schedules: 3_200_000,
    keepGoing: true,
    clock: () => performance.now(),
    onProgress: ({ schedules, of }) => {
      // The beginning warms up.
      if (schedules > 0.2 * of) early ??= heapNow();
    },
  });
  expect(early).toBeDefined();
  expect(heapNow() - early!).toBeLessThan(1_000_000);
});

describe('options that are not allowed', () => {
  const wrong: readonly [ExploreOptions, string][] = [
    [{ strategy: 'dfs' as never }, 'faultline: there is no strategy "dfs"; there are mixed, random, pct, pos, surw.'],
    [{ schedules: 0 }, 'faultline: schedules is a whole number of 1 or more, not 0.'],
    [{ schedules: 1.5 }, 'faultline: schedules is a whole number of 1 or more, not 1.5.'],
    [{ depth: 0 }, 'faultline: depth is a whole number of 1 or more, not 0.'],
    [{ workers: -1 }, 'faultline: workers is a whole number of 0 or more, not -1.'],
    [{ stepBound: Number.NaN }, 'faultline: stepBound is a whole number of 1 or more, not NaN.'],
    [{ seed: 1.5 }, 'faultline: seed is 1.5; allowed: a whole number from 0 to 2^64 - 1, such as 7 or 7n'],
    [{ budgetMs: 0, clock: ticking() }, 'faultline: budgetMs is a time above 0, not 0.'],
    [{ budgetMs: 100 }, 'faultline: budgetMs needs a clock.'],
  ];
  it.each(wrong)('%j', async (options, message) => {
    await expect(explore(lostUpdate, options)).rejects.toThrow(new InputError(message));
  });
});
