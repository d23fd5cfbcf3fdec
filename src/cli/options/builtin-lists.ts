/**
 * The lists of what is built in: schemes, scenarios, mutations, variants. Imported by `list` and by the options that take their
 * names; each is loaded when it is asked for, and none compiles a machine or loads an engine.
 */

/** Something that is built in, and its one line. */
export interface Listed {
  readonly name: string;
  readonly title: string;
}

/** The lists, by what `list` calls them. */
export const builtinLists = {
  schemes: async (): Promise<readonly Listed[]> =>
    (await import('../../gmem/schemes/builtin-schemes.js')).builtinSchemes,
  scenarios: builtinScenarios,
  mutations: async (): Promise<readonly Listed[]> => (await import('../../gmem/schemes/mutations.js')).mutations,
  variants: async (): Promise<readonly Listed[]> => (await import('../../gmem/schemes/variants.js')).variants,
};

async function builtinScenarios(): Promise<readonly Listed[]> {
  const { builtinScenarioNames } = await import('../../gmem/scenarios/builtin-scenario-names.js');
  const { parsedScenario } = await import('../../gmem/scenarios/parsed-scenarios.js');
  return await Promise.all(builtinScenarioNames.map(parsedScenario));
}
