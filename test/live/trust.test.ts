/**
 * What live runs reach is what the exhaustive search reaches, and nothing else. Worker threads run what was built:
 * scripts/setup brings dist up to date before the tests.
 */
import { expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { applySettings } from '../../src/gmem/scenarios/apply-settings.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { live } from '../../src/live/live.js';
import { compileModel, type Model } from '../../src/model/model.js';
import { allFinalStates, finalText } from './final-states.js';
import { fixture } from './fixtures/index.js';

declare module 'vitest' {
  interface TaskMeta {
    /** For scripts/soundness. `reached` and `possible` are different final states, `outside` those of the former alone. */
    trust?: { runs: number; completed: number; broken: number; reached: number; possible: number; outside: number };
  }
}

/** Live runs of each model; FAULTLINE_TRUST_RUNS asks for more. */
const RUNS = Number(process.env.FAULTLINE_TRUST_RUNS ?? 400);

const MERGES = 'v3d-hugetlb+store-inside+clear-whole-folio+clear-before-merge';

const models: [string, () => Promise<Model>, number][] = [
  ['two faults and a converter', () => fixture('preparedness'), 2],
  ['locks, SRCU and deferred work', async () => (await fixture('every-lock')).with({ small: true }), 2],
  ['a fault and a punch under v3-inplace', async () => gmem(loadScenario('fault-vs-punch'), 'v3-inplace'), 1],
  [
    'a user fault and a conversion under v2',
    async () => gmem(applySettings(loadScenario('user-fault-vs-convert'), {}), 'v2-hook-every-fault'),
    2,
  ],
  ['a merge beside a fault, in a block of two', async () => gmem(loadScenario('huge-merge'), MERGES), 2],
  ['a hole over a part of a large folio', async () => gmem(loadScenario('huge-punch-part'), 'v1-uptodate-prepared'), 2],
];

it.for(models)(
  'live runs reach only final states that the search reaches: %s',
  async ([, modelOf, threads], { task }) => {
    const model = await modelOf();
    const program = await compileModel(model);
    const possible = allFinalStates(program);
    const reached = new Set<string>();
    let completed = 0;
    const run = live(model, { mode: 'once', threads, epochs: RUNS, tellsEnds: true, perturb: 0.2, failureRate: 0.5 });
    run.events.subscribe((event) => {
      if (event.type !== 'epoch-end' || event.final === undefined) return;
      completed++;
      reached.add(finalText(program, event.final.words, event.final.results));
    });
    const { epochs } = await run.done;
    const outside = [...reached].filter((text) => !possible.has(text));
    task.meta.trust = {
      ...{ runs: epochs, completed, broken: epochs - completed },
      ...{ reached: reached.size, possible: possible.size, outside: outside.length },
    };
    expect(epochs).toBe(RUNS);
    expect(outside).toEqual([]);
    // A run that never raced would pass, too.
    expect(reached.size).toBeGreaterThan(possible.size > 1 ? 1 : 0);
  },
);
