/** Chunks taken in slices: what comes of them is what comes of them in one go, and a cut within a schedule is soon. */
import { describe, expect, it } from 'vitest';
import { CutOff, type WorkGuard } from '../../src/core/guard.js';
import { explore } from '../../src/explore/explore.js';
import { profileOf } from '../../src/explore/profile.js';
import { BLOCK, type ChunkOrder, Shard, type ShardSettings } from '../../src/explore/shard.js';
import { strategyNames } from '../../src/explore/strategy.js';
import { compileModel, defineModel, type Model } from '../../src/index.js';
import { Watchdog } from '../../src/threads/watchdog.js';
import { abba, lostUpdate, unlucky } from './toys.js';

/** Goes round and round without a retry: every schedule runs to the step bound. */
const endless = defineModel({
  name: 'endless',
  build(m) {
    const x = m.cell('x');
    m.actors('task', 2, () => {
      return function* goes() {
        for (;;) yield* x.write(0);
      };
    });
  },
});

/** A routine that loops without an op once its cell holds `at`. */
const stuckAt = (at: number) =>
  defineModel({
    name: 'stuck',
    build(m) {
      const x = m.cell('x');
      m.actor('writer', function* writes() {
        for (let i = 1; i <= at; i++) yield* x.write(i);
      });
      m.actor('reader', function* reads() {
        while ((yield* x.read()) < at);
        for (;;);
      });
    },
  });

async function settingsOf(model: Model, strategy: ShardSettings['strategy'], keepGoing: boolean) {
  const program = await compileModel(model);
  const profile = profileOf(program, 200);
  return { strategy, keepGoing, profile, depth: 3, seed: 1n, stepBound: 200 };
}

/** The first blocks, cut short in the third. */
function orderOf({ profile: { racing } }: ShardSettings, count: number): ChunkOrder {
  return { first: 0, count, size: BLOCK, schedules: Math.min(700, count * BLOCK), racing };
}

describe('a shard', () => {
  it.each(strategyNames)('runs in slices what it runs in one go: %s', async (strategy) => {
    for (const model of [lostUpdate, abba, unlucky] as Model[]) {
      for (const keepGoing of [true, false]) {
        const settings = await settingsOf(model, strategy, keepGoing);
        const whole = new Shard(await compileModel(model), settings).run(orderOf(settings, 4));
        const sliced = new Shard(await compileModel(model), settings);
        sliced.begin(orderOf(settings, 4));
        for (let steps = 1; !sliced.goOn(1 + (steps % 7)); ) steps++;
        expect(sliced.result()).toEqual(whole);
      }
    }
  });

  it('leaves out the schedule that it stands in the midst of', async () => {
    const settings = await settingsOf(endless, 'random', true);
    const shard = new Shard(await compileModel(endless), settings);
    shard.begin(orderOf(settings, 1));
    expect(shard.goOn(450)).toBe(false);
    const { schedules, steps, bounded } = shard.result();
    expect({ schedules, steps, bounded }).toEqual({ schedules: 2, steps: 400, bounded: 2 });
  });
});

describe('a budget', () => {
  it('that is spent within a schedule ends the run there, and the schedule does not count', async () => {
    // A clock that moves each time somebody looks: nothing waits for time here.
    let now = 0;
    const clock = () => {
      now += 25;
      return now;
    };
    const { stats } = await explore(endless, { stepBound: 1_000_000, schedules: 3, budgetMs: 500, clock });
    expect(stats).toMatchObject({ schedules: 0, steps: 0, interrupted: false });
    expect(now).toBeLessThan(1_000);
  });

  it('and so does a signal, in this thread', async () => {
    const controller = new AbortController();
    let slices = 0;
    const guard: WorkGuard = {
      run: (work) => {
        if (++slices === 5) controller.abort();
        return work();
      },
    };
    const { stats } = await explore(endless, { stepBound: 1_000_000, schedules: 3, guard, signal: controller.signal });
    expect(stats).toMatchObject({ schedules: 0, interrupted: true });
    // Nothing follows it but the sum.
    expect(slices).toBeLessThan(8);
  });
});

describe('what a guard cuts off', () => {
  /** Lets so many pieces of work run, and cuts off the next. */
  const cutting = (after: number, reason: CutOff['reason']): WorkGuard => {
    let pieces = 0;
    return {
      run: (work) => {
        if (++pieces > after) throw new CutOff(reason, 1);
        return work();
      },
    };
  };

  it('ends the run; the findings so far are told as they are', async () => {
    // The model is compiled and profiled and what runs it made ready, a chunk is run; the finding is not made small.
    const options = { strategy: 'random', schedules: 10_000, guard: cutting(4, 'interrupt') } as const;
    const { findings, stats } = await explore(lostUpdate, options);
    expect(findings.map(({ kind, minimal }) => ({ kind, minimal }))).toEqual([{ kind: 'assertion', minimal: false }]);
    // The run was over when the signal came.
    expect(stats.interrupted).toBe(false);
  });

  it('before the first schedule leaves a result without one', async () => {
    const { findings, stats } = await explore(abba, { strategy: 'pct', guard: cutting(1, 'deadline') });
    expect([findings, stats.schedules]).toEqual([[], 0]);
  });

  it('is a routine that does not come back: it is named with its last op', async () => {
    const guard = new Watchdog({ endMs: performance.now() });
    await expect(explore(stuckAt(3), { guard })).rejects.toThrow(
      /^reads does not come back: after its op "x" \(result 3\) it ran for \d+\.\d s without another op and without an end;/,
    );
  });

  it('is a build that does not come back', async () => {
    const model = defineModel({
      name: 'endless-build',
      build() {
        for (;;);
      },
    });
    const guard = new Watchdog({ endMs: performance.now() });
    await expect(explore(model, { guard })).rejects.toThrow(
      /^build of model "endless-build" does not come back: it ran for \d+\.\d s without an end$/,
    );
  });

  it('is a check that does not come back: what was found before it is told', async () => {
    const model = defineModel({
      name: 'endless-check',
      build(m) {
        const x = m.cell('x');
        m.actors('task', 2, () => {
          return function* adds() {
            yield* x.add(1);
            yield* x.add(1);
          };
        });
        m.always('loops', [x], (value) => {
          while (value === 4);
          return value !== 1;
        });
      },
    });
    const { findings, stats, refused } = await explore(model, {
      ...{ keepGoing: true, guard: new Watchdog({ endMs: performance.now() }) },
    });
    expect(findings.map(({ rule }) => rule)).toEqual(['loops']);
    expect([refused, stats.interrupted]).toEqual([undefined, false]);
  });
});
