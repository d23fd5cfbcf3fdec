import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import type { Schedule } from '../../src/core/schedule.js';
import { allCalls, keepCalls } from '../../src/core/story/kept-calls.js';
import { type Signature, signatureText } from '../../src/core/story/signature.js';
import { RandomWalk } from '../../src/explore/random-walk.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { RunEnd, Runner } from '../../src/explore/runner.js';
import { everythingRaces } from '../../src/explore/sharing.js';
import { SHRINK_LIMITS, type Shrunk, shrink } from '../../src/explore/shrink.js';
import { call, compileModel, defineModel, type Model } from '../../src/index.js';
import { breakingRuns, contextSwitches } from './every-run.js';
import { abba, checkThenUse, lostUpdate, unlucky } from './toys.js';

const broken: readonly [name: string, model: Model][] = [
  ['a lost update', lostUpdate],
  ['a lost update among three', lostUpdate.with({ tellers: 3 })],
  ['an ABBA deadlock', abba],
  ['a check that is not atomic', checkThenUse.with({ noise: 1 })],
  ['an unlucky choice', unlucky],
];

/** The first schedules of a random walk that break something. */
function failing(program: Program, seed: bigint, wanted: number): { signature: Signature; schedule: Schedule }[] {
  const runner = new Runner(program, new RandomWalk(), 10_000, everythingRaces(program));
  const random = new Random(seed);
  const found: { signature: Signature; schedule: Schedule }[] = [];
  for (let run = 0; run < 10_000 && found.length < wanted; run++) {
    const end = runner.run(random);
    if (end === RunEnd.Completed) continue;
    const schedule = runner.schedule();
    found.push({ signature: replaySchedule(program, schedule).signature!, schedule });
  }
  expect(found).toHaveLength(wanted);
  return found;
}

function shows(program: Program, { kept, schedule }: Shrunk): string | undefined {
  const { signature } = replaySchedule(program, schedule, keepCalls(program.actors, kept));
  return signature && signatureText(signature);
}

/** The scripts with one more call left out, for each call that is left. */
function withoutOne(kept: Shrunk['kept']): Shrunk['kept'][] {
  return kept.flatMap((calls, actor) =>
    calls.map((_, place) => kept.map((each, other) => (other === actor ? each.toSpliced(place, 1) : each))),
  );
}

/** What the choices of a schedule add up to. */
function sum({ choices }: Schedule): number {
  return choices.reduce((total, choice) => total + choice, 0);
}

describe.each(broken)('shrinking %s', (_, model) => {
  test('keeps the signature, replays strictly and says that it is minimal', async () => {
    const program = await compileModel(model);
    for (const { signature, schedule } of failing(program, 7n, 20)) {
      const shrunk = shrink(program, signature, schedule);
      expect(shows(program, shrunk)).toBe(signatureText(signature));
      expect(shrunk.minimal).toBe(true);
    }
  });

  test('leaves no schedule of the kept calls with fewer context switches, steps or choices', async () => {
    const program = await compileModel(model);
    for (const { signature, schedule } of failing(program, 3n, 5)) {
      const shrunk = shrink(program, signature, schedule);
      const runs = breakingRuns(program, keepCalls(program.actors, shrunk.kept));
      const size = (run: Schedule) => [contextSwitches(run), run.steps.length, sum(run)];
      const sizes = runs.filter((run) => run.signature === signatureText(signature)).map(size);
      const smallest = sizes.reduce((least, each) => (each.join() < least.join() ? each : least));
      expect(Math.max(...sizes.flat())).toBeLessThan(10); // so that texts compare as numbers do
      expect(size(shrunk.schedule)).toEqual(smallest);
    }
  });

  test('leaves no call without which the finding shows', async () => {
    const program = await compileModel(model);
    const [{ signature, schedule }] = failing(program, 5n, 1);
    if (signature.function === '') return; // checks of finished runs: calls stay, see below
    for (const fewer of withoutOne(shrink(program, signature, schedule).kept)) {
      const runs = breakingRuns(program, keepCalls(program.actors, fewer));
      expect(runs.map((run) => run.signature)).not.toContain(signatureText(signature));
    }
  });

  test('gives the same result again', async () => {
    const [{ signature, schedule }] = failing(await compileModel(model), 11n, 1);
    const [first, second] = [await compileModel(model), await compileModel(model)];
    expect(shrink(second, signature, schedule)).toEqual(shrink(first, signature, schedule));
  });

  test('by single edits alone, when the search is too large, leaves no single edit that helps', async () => {
    const program = await compileModel(model);
    for (const { signature, schedule } of failing(program, 13n, 5)) {
      const shrunk = shrink(program, signature, schedule, { ...SHRINK_LIMITS, states: 0, statesPerCall: 0 });
      expect(shows(program, shrunk)).toBe(signatureText(signature));
      expect(shrunk.minimal).toBe(true);
      const { steps, choices } = shrunk.schedule;
      const exact = shrink(program, signature, schedule);
      // Local minima are rarely global ones, but on programs as small as these they are close.
      expect(contextSwitches(shrunk.schedule) - contextSwitches(exact.schedule)).toBeLessThanOrEqual(1);
      for (let left = 0; left < steps.length; left++) {
        const fewer = { kept: shrunk.kept, schedule: { steps: steps.toSpliced(left, 1), choices }, minimal: false };
        expect(strictly(program, fewer)).not.toBe(signatureText(signature));
      }
    }
  });
});

/** What a schedule shows when it is replayed; undefined when it cannot be. */
function strictly(program: Program, shrunk: Shrunk): string | undefined {
  try {
    return shows(program, shrunk);
  } catch {
    return undefined;
  }
}

describe('calls', () => {
  it('are all kept for a check of finished runs, which counts on every call', async () => {
    const program = await compileModel(lostUpdate.with({ tellers: 3, deposits: 2 }));
    const [{ signature, schedule }] = failing(program, 1n, 1);
    expect(shrink(program, signature, schedule).kept).toEqual(allCalls(program.actors));
  });

  it('are all kept for a wait that no ring of locks explains: leaving out who would end it proves nothing', async () => {
    const program = await compileModel(
      defineModel({
        name: 'missed',
        build(m) {
          const flag = m.cell('flag');
          const cell = m.cell('cell');
          m.actor('waiter', function* wait() {
            yield* flag.waitUntil((value) => value === 1);
          });
          m.actor('waker', [
            call('work', function* work() {
              yield* cell.add(1);
            }),
            call('wake', function* wake() {
              if ((yield* cell.read()) === 1) yield* flag.write(1);
            }),
          ]);
          m.actor('breaker', function* breakIt() {
            yield* cell.add(1);
          });
        },
      }),
    );
    const [{ signature, schedule }] = failing(program, 1n, 1);
    const shrunk = shrink(program, signature, schedule);
    expect(signatureText(signature)).toBe('deadlock in wait: wait until flag');
    expect(shrunk.kept).toEqual(allCalls(program.actors));
  });
});

it('gives up at its bound and says that the result may not be minimal', async () => {
  const program = await compileModel(checkThenUse.with({ noise: 4 }));
  const [{ signature, schedule }] = failing(program, 1n, 1);
  const shrunk = shrink(program, signature, schedule, { candidates: 3, states: 0, statesPerCall: 0 });
  expect(shrunk.minimal).toBe(false);
  expect(shows(program, shrunk)).toBe(signatureText(signature));
});

it('refuses a schedule that does not show the finding', async () => {
  const program = await compileModel(abba);
  const [{ signature }] = failing(program, 1n, 1);
  const schedule = { steps: [0, 0, 0, 0, 1, 1, 1, 1], choices: [] };
  expect(() => shrink(program, signature, schedule)).toThrow(/deadlock .*is not met when the same run is taken again/);
});

it('shrinks whatever small program fails to what brute force finds', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.bigInt(0n, 1n << 60n), async (plan, seed) => {
      const program = await compileModel(modelOf(plan));
      const runner = new Runner(program, new RandomWalk(), 1_000, everythingRaces(program));
      const random = new Random(seed);
      for (let run = 0; run < 40; run++) {
        if (runner.run(random) !== RunEnd.Violating) continue;
        const schedule = runner.schedule();
        const signature = replaySchedule(program, schedule).signature!;
        const shrunk = shrink(program, signature, schedule);
        const runs = breakingRuns(program, keepCalls(program.actors, shrunk.kept));
        const alike = runs.filter((each) => each.signature === signatureText(signature));
        expect(contextSwitches(shrunk.schedule)).toBe(Math.min(...alike.map(contextSwitches)));
        for (const fewer of withoutOne(shrunk.kept)) {
          const left = breakingRuns(program, keepCalls(program.actors, fewer));
          expect(left.map((each) => each.signature)).not.toContain(signatureText(signature));
        }
        return;
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

/** Two or three actors with one or two calls each, a call being a few reads and writes on two cells. */
const scripts = fc.array(
  fc.array(fc.array(fc.tuple(fc.nat(1), fc.boolean()), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
  { minLength: 2, maxLength: 3 },
);

type Plan = readonly (readonly (readonly (readonly [cell: number, writes: boolean])[])[])[];

/** Breaks when an actor reads what another wrote twice over. */
function modelOf(plan: Plan): Model {
  return defineModel({
    name: 'plan',
    build(m) {
      const cells = [m.cell('x'), m.cell('y')];
      const bad = m.cell('bad');
      plan.forEach((calls, actor) => {
        m.actor(
          `actor${actor}`,
          calls.map((ops, position) =>
            call(`call${position}`, function* body() {
              let sum = 0;
              for (const [cell, writes] of ops) {
                if (writes) yield* cells[cell].add(1);
                else sum += yield* cells[cell].read();
              }
              if (sum === 2) yield* bad.write(1);
            }),
          ),
        );
      });
      m.always('not two', [bad], (value) => value === 0 || 'somebody saw two');
    },
  });
}
