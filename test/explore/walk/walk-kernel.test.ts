/** Runs by remembered steps are the runs of the interpreter, step by step and draw by draw. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Program } from '../../../src/core/program/program.js';
import { Random } from '../../../src/core/random.js';
import { makeStrategy } from '../../../src/explore/make-strategy.js';
import { type Profile, profileOf } from '../../../src/explore/profile.js';
import { Runner } from '../../../src/explore/runner.js';
import { BLOCK, type ChunkOrder, Shard } from '../../../src/explore/shard.js';
import type { StrategyName } from '../../../src/explore/strategy.js';
import { Walked, type WalkKernel } from '../../../src/explore/walk/walk-kernel.js';
import { gmem } from '../../../src/gmem/model.js';
import { type UsualScenarioName, usualScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import { usualSchemes } from '../../../src/gmem/schemes/builtin-schemes.js';
import { choose, compileModel, defineModel, type Model } from '../../../src/index.js';
import * as L from '../../../src/kernels/walk-words.js';
import { preparedness } from '../../oracles/preparedness.js';
import { broadModel, broadSpec } from '../../verify/broad-model.js';
import { randomDaemonModel } from '../../verify/random-daemon-model.js';
import { randomModel } from '../../verify/random-model.js';
import { abba, chain, checkThenUse, limiter, lostUpdate, spinner, unlucky } from '../toys.js';

const names = ['random', 'pct', 'pos', 'mixed'] as const satisfies readonly StrategyName[];
const BOUND = 2_000;

/** A program and what strategies know of it before its first schedule. */
interface Compiled {
  readonly program: Program;
  readonly profile: Profile;
}

async function compiled(model: Model): Promise<Compiled> {
  const program = await compileModel(model);
  return { program, profile: profileOf(program, BOUND) };
}

/** Two of a model, so that neither engine derives a step for the other. */
async function pairOf(model: Model): Promise<readonly [Compiled, Compiled]> {
  return [await compiled(model), await compiled(model)];
}

/** The pairs of built-in worlds: no strategy changes what a program does, and to derive that is most of the time. */
const pairs = new Map<string, Promise<readonly [Compiled, Compiled]>>();

function builtinPair(scenario: UsualScenarioName, scheme: string): Promise<readonly [Compiled, Compiled]> {
  const key = `${scenario} ${scheme}`;
  const pair = pairs.get(key) ?? pairOf(gmem(builtinScenario(scenario), scheme));
  pairs.set(key, pair);
  return pair;
}
afterAll(() => pairs.clear());

function runnerOf({ program, profile }: Compiled, strategy: StrategyName): Runner {
  return new Runner(program, makeStrategy(strategy, program, 3, profile), BOUND, profile.racing);
}

/** How runs by remembered steps ended, after they were held against those of the interpreter. */
function heldAgainst(
  [one, other]: readonly [Compiled, Compiled],
  strategy: StrategyName,
  blocks: number,
  runs: number,
): number[] {
  const interpreter = runnerOf(one, strategy);
  const kernel = runnerOf(other, strategy).newWalkKernel();
  const ends: number[] = [];
  if (kernel === undefined) return ends;
  for (let block = 0; block < blocks; block++) {
    const [random, same] = [new Random(3n, block), new Random(3n, block)];
    interpreter.newBlock();
    for (let place = 0; place < runs && !kernel.isOff; place++) {
      const start = same.place;
      interpreter.run(random, place);
      kernel.begin(same, place);
      let walked = kernel.walk(same, 1, Number.POSITIVE_INFINITY);
      while (walked === Walked.Stands) walked = kernel.walk(same, 1, Number.POSITIVE_INFINITY);
      ends.push(walked);
      if (walked === Walked.Threw) throw kernel.error;
      if (walked === Walked.Again) {
        expect(same.place).toEqual(start);
        same.moveTo(random.place);
        continue;
      }
      expect({ steps: [...kernel.path], choices: [...kernel.answers] }).toEqual(interpreter.schedule());
      expect(same.place).toEqual(random.place);
    }
  }
  return ends;
}

/** What a shard says of a chunk, with steps remembered from the start on and never. */
function chunksOf(pair: readonly [Compiled, Compiled], strategy: StrategyName, schedules: number): readonly unknown[] {
  return pair.map(({ program, profile }, place) => {
    const settings = {
      strategy,
      depth: 3,
      seed: 5n,
      stepBound: BOUND,
      keepGoing: true,
      profile,
      kernel: place === 0,
      kernelFrom: 0,
    };
    const count = Math.ceil(schedules / BLOCK);
    const order: ChunkOrder = { first: 0, count, size: BLOCK, schedules, racing: profile.racing };
    return new Shard(program, settings).run(order);
  });
}

function expectTheSame(pair: readonly [Compiled, Compiled], strategy: StrategyName, schedules: number): void {
  const [remembered, interpreted] = chunksOf(pair, strategy, schedules);
  expect(remembered).toEqual(interpreted);
}

/** The environment decides, for more outcomes than are drawn in whole numbers. */
const choosing = defineModel({
  name: 'choosing',
  build(m) {
    const x = m.cell('x');
    m.actors('task', 3, (task) => {
      return function* chooses() {
        const wide = yield* choose(40, 'wide');
        const narrow = yield* choose(2, 'narrow');
        yield* x.add(wide + narrow + task);
        if ((yield* x.read()) % 5 === 0) yield* x.write(0);
      };
    });
    m.finally('x is not 7', [x], (value) => value !== 7);
  },
});

/** Some runs use a ref that holds nothing. */
const careless = defineModel({
  name: 'careless',
  build(m) {
    const items = m.domain('item', 2);
    const item = m.cell('item');
    items.id(0);
    const cells = m.cells('cell', 2);
    const steps = m.cell('steps');
    m.actor('puts', function* puts() {
      yield* item.write(2);
    });
    m.actors('takes', 2, () => {
      return function* takes() {
        for (let i = 0; i < 3; i++) yield* steps.add(1);
        const found = yield* item.load();
        yield* steps.read();
        yield* cells.at(found).write(1);
      };
    });
  },
});

/** What a shard says of the careless model, up to where it is refused. */
async function refusalOf(strategy: StrategyName, kernel: boolean): Promise<{ schedules: number; refusal: string }> {
  const program = await compileModel(careless);
  const profile = profileOf(program, BOUND);
  const settings = { strategy, depth: 3, seed: 5n, stepBound: BOUND, keepGoing: true, profile, kernel, kernelFrom: 0 };
  const shard = new Shard(program, settings);
  let refusal = '';
  try {
    shard.run({ first: 0, count: 4, size: BLOCK, schedules: 4 * BLOCK, racing: profile.racing });
  } catch (error) {
    refusal = (error as Error).message;
  }
  return { schedules: shard.result().schedules, refusal };
}

const toys = [lostUpdate, abba, checkThenUse, spinner, unlucky, chain, limiter, choosing] as readonly Model[];

describe.each(names)('the runs of %s', (strategy) => {
  it.each(usualScenarioNames)('are those of the interpreter in %s, under every scheme', async (scenario) => {
    for (const { name } of usualSchemes) {
      const ends = heldAgainst(await builtinPair(scenario, name), strategy, 2, 64);
      expect(ends.length).toBe(128);
      expect(ends.filter((end) => end !== Walked.Again).length).toBeGreaterThan(120);
    }
  });

  it.each([2, 3, 9])('are those of the interpreter in preparedness with %i faults', async (faults) => {
    expect(heldAgainst(await pairOf(preparedness.with({ faults })), strategy, 2, 256)).toHaveLength(512);
  });

  it('are those of the interpreter in small models', async () => {
    for (const model of toys) heldAgainst(await pairOf(model), strategy, 2, 100);
  });

  it.each([
    ['random', randomModel, 20],
    ['random, with daemons', randomDaemonModel, 20],
    ['broad', broadSpec.map(broadModel), 8],
  ] as const)('are those of the interpreter in models that are %s', async (_, models, numRuns) => {
    const ends = new Set<number>();
    await fc.assert(
      fc.asyncProperty(models, async (model: Model) => {
        for (const end of heldAgainst(await pairOf(model), strategy, 1, 40)) ends.add(end);
      }),
      { seed: 11, numRuns },
    );
    expect(ends.size).toBeGreaterThan(1);
  });
});

describe.each(names)('a chunk by %s', (strategy) => {
  it.each(usualScenarioNames)('comes to the same in %s', async (scenario) => {
    for (const name of ['v3-inplace', 'bitmap-nolock', 'v1-uptodate-prepared']) {
      expectTheSame(await builtinPair(scenario, name), strategy, 300);
    }
  });

  it('comes to the same in small models', async () => {
    for (const model of [...toys, preparedness]) expectTheSame(await pairOf(model as Model), strategy, 600);
  });

  it('comes to the same where runs break a rule of modelling', async () => {
    const [remembered, interpreted] = await Promise.all([true, false].map((kernel) => refusalOf(strategy, kernel)));
    expect(remembered).toEqual(interpreted);
    expect(remembered.schedules).toBeGreaterThan(0);
    expect(remembered.refusal).toMatch(/on a ref that holds nothing/);
  });

  it('comes to the same in random models', async () => {
    const models = fc.oneof(randomModel, randomDaemonModel);
    await fc.assert(
      fc.asyncProperty(models, async (model) => expectTheSame(await pairOf(model), strategy, 100)),
      { seed: 12, numRuns: 12 },
    );
  });
});

describe('a remembered step that is wrong', () => {
  /** Turns one bit of what the first step of an actor sets, or of where it leads. */
  function turn({ trees: { words } }: WalkKernel, actor: number): void {
    const root = words[(L.ROOTS >> 2) + actor] & ~L.ROOT_FLAGS;
    const node = (root + L.ROOT_STEPS) >> 2;
    const trees = words[node + L.NODE_TREES / 4] >> 2;
    const size = words[node + L.NODE_SIZE / 4];
    const tree = words.subarray(trees, trees + size).find((each) => each < 0);
    words[(~(tree as number) + L.LEAF_SET + 4) >> 2] ^= 1;
  }

  async function walkedFor(steps: number, turned: boolean): Promise<readonly number[]> {
    const kernel = runnerOf(await compiled(preparedness), 'random').newWalkKernel()!;
    const random = new Random(1n, 0);
    const path: number[] = [];
    const walkOne = () => {
      kernel.begin(random, 0);
      while (kernel.walk(random, 1, 100) === Walked.Stands);
      path.push(...kernel.path);
    };
    for (let run = 0; run < 40; run++) walkOne();
    kernel.begin(random, 0);
    if (turned) turn(kernel, 0);
    while (path.length < steps) walkOne();
    return path;
  }

  it('is noticed by the step that is taken by the interpreter as well', async () => {
    await expect(walkedFor(200_000, true)).rejects.toThrow('a remembered step of fault0 is not what it does');
    await expect(walkedFor(200_000, false)).resolves.toBeDefined();
  });

  it('changes the schedules', async () => {
    expect(await walkedFor(3_000, true)).not.toEqual(await walkedFor(3_000, false));
  });
});

describe('the interpreter goes on alone', () => {
  it.each([
    ['where calls wait for calls of others', chain, 'random'],
    ['where a strategy looks at more than is told to the kernel', lostUpdate, 'surw'],
  ] as const)('%s', async (_, model, strategy) => {
    expect(runnerOf(await compiled(model as Model), strategy).newWalkKernel()).toBeUndefined();
  });

  it('where every run goes on for long', async () => {
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
    const kernel = runnerOf(await compiled(endless), 'random').newWalkKernel()!;
    const random = new Random(1n, 0);
    for (let run = 0; run < 100 && !kernel.isOff; run++) {
      kernel.begin(random, 0);
      let walked = kernel.walk(random, 1, 2_000);
      while (walked === Walked.Stands) walked = kernel.walk(random, 1, 2_000);
      expect(walked).toBe(Walked.Again);
    }
    expect(kernel.isOff).toBe(true);
  });

  it('where nearly every step is another', async () => {
    const counting = defineModel({
      name: 'counting',
      build(m) {
        const x = m.cell('x');
        m.actors('task', 2, () => {
          return function* goes() {
            for (let i = 0; i < 200; i++) yield* x.add((yield* x.read()) + i);
          };
        });
      },
    });
    const kernel = runnerOf(await compiled(counting), 'random').newWalkKernel()!;
    const random = new Random(1n, 0);
    for (let run = 0; run < 100 && !kernel.isOff; run++) {
      kernel.begin(random, 0);
      while (kernel.walk(random, 1, 2_000) === Walked.Stands);
    }
    expect(kernel.isOff).toBe(true);
  });
});
