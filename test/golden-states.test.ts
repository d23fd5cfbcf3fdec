/**
 * What must not move while the model of guest_memfd is rearranged: of every scenario under every scheme the words of the
 * layout, the whole space without reductions, and the ops of seeded random runs (opcode, cell, position).
 *
 * A change that adds nothing to what is modelled leaves golden-states.json as it is; one that does says in its message
 * why the numbers are others.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Program } from '../src/core/program/program.js';
import { Random } from '../src/core/random.js';
import { Executor } from '../src/core/run/executor.js';
import { OpsHash } from '../src/core/story/ops-hash.js';
import {
  type BuiltinScenarioName,
  builtinScenario,
  compileModel,
  gmem,
  usualScenarioNames,
  usualSchemes,
  verify,
} from '../src/index.js';

const RUNS = 64;
const STEPS_PER_RUN = 400;
const UNREDUCED = { symmetry: false, por: false, liveness: false, lockOrder: false, coverage: false, all: true };

const golden: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('golden-states.json', import.meta.url), 'utf8'),
);

it('there are golden numbers of every scenario under every scheme, and of no other', () => {
  const names = usualScenarioNames.flatMap((scenario) => usualSchemes.map((scheme) => `${scheme.name} in ${scenario}`));
  expect(Object.keys(golden).sort()).toEqual(names.sort());
});

describe.each(usualScenarioNames)('%s', (scenario) => {
  it.each(usualSchemes.map(({ name }) => name))('under %s', async (scheme) => {
    expect(await statesOf(scenario, scheme)).toEqual(golden[`${scheme} in ${scenario}`]);
  });
});

async function statesOf(scenario: BuiltinScenarioName, scheme: string) {
  const model = gmem(await builtinScenario(scenario), scheme);
  const { verdict, findings, states, transitions, depth } = await verify(model, UNREDUCED);
  const program = await compileModel(model);
  const kinds = [...new Set(findings.map(({ kind }) => kind))].sort();
  return { verdict, kinds, words: program.layout.words, states, transitions, depth, ops: opsOfRuns(program) };
}

/** A hash over the ops of seeded random runs. */
function opsOfRuns(program: Program): string {
  const executor = new Executor(program);
  const random = new Random(1n);
  const hash = new OpsHash();
  executor.observer = (_, node, word) => {
    const { spec } = program.automaton.opOf(node);
    const region = word < 0 ? undefined : program.layout.regionOf(word);
    hash.add(spec.code, region?.name ?? '', region === undefined ? -1 : (word - region.base) % region.count);
  };
  for (let run = 0; run < RUNS; run++) {
    executor.reset();
    for (let step = 0; step < STEPS_PER_RUN && executor.runnableCount > 0 && !executor.violation; step++) {
      const actor = executor.runnable[random.below(executor.runnableCount)];
      const outcomes = executor.choicesOf(actor);
      executor.step(actor, outcomes > 0 ? random.below(outcomes) : 0);
    }
  }
  return hash.hex;
}
