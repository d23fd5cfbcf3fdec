/** Runs that could go on for ever: livelocks are found, what may end is no alarm, and what was given up is counted. */
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/core/run/executor.js';
import { explore } from '../../src/explore/explore.js';
import type { ExploreOptions } from '../../src/explore/options.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { shrinkRound } from '../../src/explore/shrink-round.js';
import { strategyNames } from '../../src/explore/strategy.js';
import { defineModel, here, type Model } from '../../src/index.js';
import { claimOf } from '../../src/verify/claim.js';
import { confirmClaim } from '../../src/verify/confirm.js';
import { verify } from '../../src/verify/verify.js';
import { besideTicker, bothStepAside, mayHang, plainSpin, shmemHole, tickets } from './endless-models.js';

const livelocked: readonly [string, Model][] = [
  ['a task that spins for what nobody will do', mayHang],
  ['tasks that step aside for each other', bothStepAside],
];

describe.each(strategyNames)('%s', (strategy) => {
  it.each(livelocked)('finds the livelock of %s', async (_, model) => {
    const { findings, stats } = await explore(model, { strategy, schedules: 256 });
    expect(findings.map(({ kind }) => kind)).toEqual(['livelock']);
    expect(stats.livelocked).toBeGreaterThan(0);
    expect(stats.bounded).toBe(0);
  });

  it.each(livelocked)('finds none in the repaired form of %s', async (_, model) => {
    const { findings, stats } = await explore(model.with({ broken: false }), { strategy, schedules: 512 });
    expect(findings).toEqual([]);
    if (strategy === 'mixed') expect(stats.stream?.exhausted).toBe(true);
    else expect(stats).toMatchObject({ completed: 512, livelocked: 0, bounded: 0 });
  });

  it('takes no starvation for a livelock', async () => {
    for (const broken of [true, false]) {
      const { findings, stats } = await explore(shmemHole.with({ broken }), { strategy, schedules: 256 });
      // Only the stream sees that a run comes back to a state of its own.
      const isSeen = broken && strategy === 'mixed';
      expect(findings.map(({ kind }) => kind)).toEqual(isSeen ? ['starvation'] : []);
      if (strategy !== 'mixed') expect(stats).toMatchObject({ completed: 256, livelocked: 0, bounded: 0 });
    }
  });

  it('comes to the end of runs with a plain loop that may spin', async () => {
    const { findings, stats } = await explore(plainSpin, { strategy, schedules: 64 });
    expect(findings).toEqual([]);
    expect(stats).toMatchObject({ completed: 64, bounded: 0 });
  });

  it('asks what must hold at the end beside a daemon that never rests', async () => {
    const { findings } = await explore(besideTicker, { strategy, schedules: 256 });
    const made = findings.map(({ signature, steps, minimal }) => ({ signature, steps, minimal }));
    // The task's step; that the daemon took none is between two of its rounds as well.
    expect(made).toEqual([{ signature: expect.stringMatching(/^assertion on x at the end/), steps: 1, minimal: true }]);
    const { findings: none, stats } = await explore(besideTicker.with({ holds: true }), { strategy, schedules: 256 });
    expect(none).toEqual([]);
    expect(stats).toMatchObject({ bounded: 0, distinctFinalStates: 1 });
    expect(stats.completed).toBeGreaterThan(0);
    expect(stats.completed + stats.joined).toBe(stats.schedules);
  });
});

it('gives up runs in which daemons come to ever new states, soon and without an alarm', async () => {
  const { findings, stats } = await explore(tickets, { strategy: 'pct', schedules: 3 });
  expect(findings).toEqual([]);
  expect(stats).toMatchObject({ completed: 0, bounded: 3, boundedOpen: 0 });
  expect(stats.longestRun).toBeLessThan(stats.stepBound);
});

describe('the finding of a livelock', () => {
  it.each(livelocked)(
    'has a run into the round and once round, and that of verify has its name: %s',
    async (_, model) => {
      const { findings, program } = await explore(model, { schedules: 256 });
      const [{ schedule, loopFrom = -1, minimal, id, signature, words }] = findings;
      expect(minimal).toBe(true);
      const executor = new Executor(program);
      const states = schedule.steps.map((actor) => {
        const before = executor.state.join();
        expect(executor.canRun(actor)).toBe(true);
        executor.step(actor);
        return before;
      });
      expect(loopFrom).toBeGreaterThan(0);
      expect(loopFrom).toBeLessThan(schedule.steps.length);
      expect(executor.state.join()).toBe(states[loopFrom]);
      const found = (await verify(model, { all: true })).findings.find(({ kind }) => kind === 'livelock');
      expect(found).toMatchObject({ id, signature, words });
      expect(schedule.steps.length).toBe(found?.schedule.steps.length);
    },
  );

  it('is confirmed by a replay from its run alone', async () => {
    const { findings, program } = await explore(mayHang, { schedules: 256 });
    const [finding] = findings;
    const claim = claimOf(finding);
    if (claim === undefined) throw new Error('it makes no claim');
    const { violation, notes } = confirmClaim(program, finding.schedule, claim);
    expect(violation).toMatchObject({ kind: 'livelock', words: finding.words });
    expect(notes).toEqual([]);
  });

  it('is told as it was found when it shall not be shrunk, and is the same finding', async () => {
    const options = { strategy: 'random', schedules: 256 } as const;
    const small = await explore(mayHang, options);
    const long = await explore(mayHang, { ...options, shrink: false });
    expect(long.findings.map(({ id }) => id)).toEqual(small.findings.map(({ id }) => id));
    expect(long.findings[0]).toMatchObject({ minimal: false, history: small.findings[0].history });
    expect(long.findings[0].steps).toBeGreaterThan(1_000);
    expect(claimOf(long.findings[0])).toMatchObject({ kind: 'livelock', loopFrom: long.findings[0].loopFrom });
  });

  it('ends a run for which another kind is wanted without being one', async () => {
    const { findings, stats } = await explore(mayHang, { schedules: 256, wanted: { kind: 'assertion' } });
    expect(findings).toEqual([]);
    expect(stats.livelocked).toBeGreaterThan(0);
  });

  it('is cut off where it comes into the round, without detours, when the smallest run is too far to search', async () => {
    const late = defineModel({
      name: 'late',
      build(m) {
        const [flag, done] = [m.cell('flag'), m.cell('done')];
        m.actors('worker', 4, () => {
          return function* work() {
            for (let step = 0; step < 10; step++) yield* done.add(1);
          };
        });
        m.actor('spinner', function* spin() {
          const again = yield* here();
          if ((yield* flag.read()) === 0) yield* again();
        });
      },
    });
    const { findings, program } = await explore(late, { schedules: 1, shrink: false });
    const [{ schedule, loopFrom = -1 }] = findings;
    const small = shrinkRound(program, schedule, loopFrom, { states: 100 });
    // Every step of the workers, and none of the spinner on the way: each of those leads back to where it was.
    expect(small).toMatchObject({ minimal: false, loopFrom: 40 });
    expect(small.schedule.steps.slice(40)).toEqual([4]);
    expect(replaySchedule(program, small.schedule).violation).toBeUndefined();
    expect(shrinkRound(program, schedule, loopFrom)).toMatchObject({ minimal: true, loopFrom: 40 });
  });
});

it('says the same of the same seed, run after run', async () => {
  const timeless = async (model: Model, options: ExploreOptions) => {
    const { findings, stats } = await explore(model, { ...options, keepGoing: true });
    return { findings, stats: { ...stats, seconds: 0, secondsToFirst: 0 } };
  };
  for (const model of [mayHang, bothStepAside, besideTicker] as Model[]) {
    const options: ExploreOptions = { strategy: 'pct', depth: 5, schedules: 1_024, seed: 3n };
    expect(await timeless(model, options)).toEqual(await timeless(model, options));
  }
});
