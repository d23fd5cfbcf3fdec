/**
 * The guest_memfd model: a scenario and a scheme made into a model that every engine runs. It is an ordinary
 * `defineModel` whose parameters are the scenario (plain JSON) and the scheme's name.
 */

import { defineModel, type Model, type ParameterValue } from '../model/model.js';
import { buildGmem, registersOfGmem } from './build-gmem.js';
import { isSchemeFile } from './named-scheme.js';
import type { Scenario } from './scenarios/scenario.js';
import type { Scheme } from './scheme.js';
import { loadScheme } from './scheme-lookup.js';

/** Parameters of the model: a Scenario as plain JSON, and what `loadScheme` takes. */
export type GmemParameters = { scenario: ParameterValue; scheme: string };

/** guest_memfd under a scheme, in a scenario. */
export const gmemModel = defineModel<GmemParameters, Scheme>({
  name: 'guest_memfd',
  source: import.meta.url,
  repeatable: true,
  parameters: { scenario: null, scheme: 'v2-hook-every-fault' },
  registers: ({ scenario }) => registersOfGmem(scenario as unknown as Scenario),
  load: ({ scheme }) => loadScheme(scheme),
  build(m, { scenario, scheme: text }, scheme) {
    buildGmem(m, scenario as unknown as Scenario, scheme, !isSchemeFile(text.split('+')[0]));
  },
});

/** The model of a scenario under a scheme. */
export function gmem(scenario: Scenario, scheme: string): Model<GmemParameters> {
  return gmemModel.with({ scenario: scenario as unknown as ParameterValue, scheme });
}
