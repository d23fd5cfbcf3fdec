/**
 * What the stream says of models over every kind of op is what brute force says. A few by default; FUZZ_MODELS and FUZZ_SEED
 * (scripts/fuzz) draw as many as one likes.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sharing } from '../../../src/explore/sharing.js';
import { StreamShard } from '../../../src/explore/stream/stream-shard.js';
import { compileModel, explore, type Model } from '../../../src/index.js';
import { broadModel, broadSpec } from '../../verify/broad-model.js';
import { randomModel } from '../../verify/random-model.js';
import { roundsOf, type Space, spaceOfModel } from '../../verify/reference.js';

const MODELS = Number(process.env.FUZZ_MODELS ?? 150);
const SEED = Number(process.env.FUZZ_SEED ?? 7);
const MOST_STATES = 1_200;
const ROUNDS = ['livelock', 'starvation'];

interface Met {
  models: number;
  exhausted: number;
  broken: number;
  rounds: number;
  restarts: number;
  finalStates: number;
}

const kindsOf = (signatures: readonly string[]) => [...new Set(signatures.map((text) => text.split(' ')[0]))].sort();

/** The same of a stream that no walk told anything, so that it has to learn all by itself; how often it began anew. */
async function holdUntrained(model: Model, space: Space): Promise<number> {
  const program = await compileModel(model);
  const settings = { stepBound: 20_000, keepGoing: true, mostVisible: 20 };
  const shard = new StreamShard(program, settings, new Sharing(program));
  shard.begin({ schedules: 60_000 });
  shard.goOn(Number.POSITIVE_INFINITY);
  const { sightings, finalStates, stream } = shard.result();
  const kinds = sightings.map(({ signature }) => signature.kind).filter((kind) => !ROUNDS.includes(kind));
  expect([...new Set(kinds)].sort()).toEqual(kindsOf(space.signatures));
  if (sightings.length > 0) return stream?.restarts ?? 0;
  expect(stream?.isExhausted).toBe(true);
  expect(finalStates.counts.length).toBe(space.finalStates.length);
  return stream?.restarts ?? 0;
}

async function hold(model: Model, met: Met): Promise<void> {
  const known = await spaceOfModel(model, MOST_STATES);
  if (known === undefined) return;
  const { space, actors } = known;
  if (space === undefined) return;
  met.models++;
  const { findings, stats } = await explore(model, { schedules: 60_000, keepGoing: true, shrink: false });
  const steps = findings.filter(({ kind }) => !ROUNDS.includes(kind));
  for (const { signature } of steps) expect(space.signatures).toContain(signature);
  expect(kindsOf(steps.map(({ signature }) => signature))).toEqual(kindsOf(space.signatures));
  const found = new Set(findings.map(({ kind }) => kind));
  const rounds = space.states < 400 ? roundsOf(space.graph, actors) : undefined;
  if (rounds !== undefined && !rounds.livelock && !rounds.starvation) expect(found).not.toContain('starvation');
  if (rounds !== undefined && space.signatures.length === 0) expect(found.has('livelock')).toBe(rounds.livelock);
  if (found.has('livelock') || found.has('starvation')) met.rounds++;
  const restarts = await holdUntrained(model, space);
  if (restarts > 0) met.restarts++;
  if (findings.length > 0) {
    met.broken++;
    expect(stats.stream?.exhausted).toBe(false);
    return;
  }
  expect(stats.stream?.exhausted).toBe(true);
  met.exhausted++;
  expect(stats.distinctFinalStates).toBe(space.finalStates.length);
  if (space.finalStates.length > 1) met.finalStates++;
}

it.each([
  ['every kind of op', broadSpec.map(broadModel)],
  ['loops, locks and choices', randomModel],
])(
  'every interleaving was tried where it says so: %s',
  async (_, models) => {
    const met: Met = { models: 0, exhausted: 0, broken: 0, rounds: 0, restarts: 0, finalStates: 0 };
    await fc.assert(
      fc.asyncProperty(models, (model) => hold(model as Model, met)),
      { numRuns: MODELS, seed: SEED },
    );
    if (process.env.FUZZ_MODELS !== undefined) process.stderr.write(`seed ${SEED}: ${JSON.stringify(met)}\n`);
    for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(what === 'rounds' ? 0 : 5);
  },
  3_600_000,
);
