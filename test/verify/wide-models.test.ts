/**
 * Models of more actors than a word has bits for: with actors beside it that finish at once, and push its own to both
 * sides of that bound or beyond it, a model is what it was.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keepCalls } from '../../src/core/story/kept-calls.js';
import { traceOf } from '../../src/core/story/trace.js';
import { compileModel, defineModel, explore, type Model, verify } from '../../src/index.js';
import { columnsOf } from '../../src/report/columns.js';
import { type BroadSpec, broadModel, broadSpec } from './broad-model.js';
import { spaceOfModel } from './reference.js';

const MODELS = Number(process.env.FUZZ_MODELS ?? 20);
const SEED = Number(process.env.FUZZ_SEED ?? 4);
const MOST_STATES = 600;

/** How many actors without an op stand before those of the model: so that its second actor is the 31st, and so on. */
const pads = fc.constantFrom(29, 29, 30, 59, 70);

/** Models in which nobody waits for a call of an actor by its number, nor looks at the bits of a lock. */
const specs = broadSpec.filter(({ second, check }) => second !== 'gated' && check !== 'latch');

function padded(model: Model, count: number): Model {
  const { definition } = model;
  return defineModel({
    ...definition,
    build(m, parameters, loaded) {
      m.actors('pad', count, () => []);
      definition.build(m, parameters, loaded);
    },
  });
}

/** Undefined for a model that is too large, or that a run does not survive. */
async function spaceOfSpec(spec: BroadSpec) {
  return (await spaceOfModel(broadModel(spec), MOST_STATES))?.space;
}

it('verify says of a wide model what it says of the narrow one', async () => {
  const met = { models: 0, broken: 0, folded: 0, rounds: 0, orders: 0 };
  await fc.assert(
    fc.asyncProperty(specs, pads, async (spec, count) => {
      const model = broadModel(spec);
      const space = await spaceOfSpec(spec);
      if (space === undefined) return;
      met.models++;
      for (const [symmetry, por, merge] of [
        [false, false, false],
        [false, true, true],
        [true, false, true],
      ]) {
        const options = { merge, symmetry, por, all: true, coverage: false, count: !por && !symmetry };
        const narrow = await verify(model, options);
        const wide = await verify(padded(model, count), options);
        const told = ({ findings, states, transitions, depth, finalStates, interleavings }: typeof narrow) => ({
          findings: findings.map(({ signature, words, steps }) => [signature, words, steps]),
          ...{ finalStates, interleavings, ...(!symmetry && { states, transitions, depth }) },
        });
        expect(told(wide)).toEqual(told(narrow));
        if (narrow.reductions.symmetry.used && wide.states < space.states) met.folded++;
        if (narrow.findings.some(({ kind }) => kind === 'livelock' || kind === 'starvation')) met.rounds++;
        if (narrow.findings.some(({ kind }) => kind === 'lock-order')) met.orders++;
      }
      if (space.signatures.length > 0) met.broken++;
    }),
    { numRuns: MODELS, seed: SEED },
  );
  if (process.env.FUZZ_MODELS !== undefined) process.stderr.write(`seed ${SEED}: ${JSON.stringify(met)}\n`);
  expect(Math.min(met.models, met.broken, met.folded), JSON.stringify(met)).toBeGreaterThan(1);
}, 3_600_000);

it('explore walks a wide model as it walks the narrow one, and tells the same story', async () => {
  const met = { models: 0, stories: 0 };
  await fc.assert(
    fc.asyncProperty(specs, pads, async (spec, count) => {
      if ((await spaceOfSpec(spec)) === undefined) return;
      met.models++;
      const model = broadModel(spec);
      const stories = async (of: Model) => {
        const options = { strategy: 'random', schedules: 30, stepBound: 500, keepGoing: true, workers: 1 } as const;
        const { findings, stats } = await explore(of, options);
        const program = await compileModel(of);
        const drawn = findings.map((found) =>
          columnsOf(traceOf(program, keepCalls(program.actors, found.kept), found.schedule)),
        );
        const { steps, distinctFinalStates } = stats;
        return { drawn, signatures: findings.map(({ signature }) => signature), steps, distinctFinalStates };
      };
      const narrow = await stories(model);
      expect(await stories(padded(model, count))).toEqual(narrow);
      met.stories += narrow.drawn.length;
    }),
    { numRuns: MODELS, seed: SEED },
  );
  expect(Math.min(met.models, met.stories), JSON.stringify(met)).toBeGreaterThan(3);
}, 3_600_000);
