/**
 * The built-in scenarios as they were parsed once: what reads and checks YAML takes longer to load than a short run takes.
 * `builtin-scenarios.json` holds them, each with the hash of the text that it was parsed from;
 * `npx vitest run test/gmem/scenarios/parsed-scenarios.test.ts -u` writes it anew. Imported by what runs scenarios that are
 * named.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortHash } from '../../core/short-hash.js';
import type { BuiltinScenarioName } from './builtin-scenario-names.js';
import { packageRoot } from './package-root.js';
import type { Scenario } from './scenario.js';

/** The built-in scenario of that name; of a text that was edited meanwhile, what it says now. Throws InputError then. */
export async function parsedScenario(name: BuiltinScenarioName): Promise<Scenario> {
  const folder = join(packageRoot(import.meta.url), 'src', 'gmem', 'scenarios');
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const parsed: ParsedScenarios = JSON.parse(read('builtin-scenarios.json'));
  if (parsed[name]?.text === shortHash(read(`${name}.yaml`))) return parsed[name].scenario;
  return (await import('./builtin-scenarios.js')).builtinScenario(name);
}

/** What the file holds, by name. */
export interface ParsedScenarios {
  readonly [name: string]: { readonly text: string; readonly scenario: Scenario } | undefined;
}
