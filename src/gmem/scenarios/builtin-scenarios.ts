/**
 * The scenarios that come with Faultline, one YAML file each beside this file.
 *
 * Reads and parses small files and compiles no model, so that `faultline list` answers at once.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltinScenarioName, builtinScenarioNames } from './builtin-scenario-names.js';
import { packageRoot } from './package-root.js';
import { parseScenario } from './parse-scenario.js';
import type { Scenario } from './scenario.js';

/** Returns the built-in scenario of that name, read from its file. */
export function builtinScenario(name: BuiltinScenarioName): Scenario {
  const path = join(packageRoot(import.meta.url), 'src', 'gmem', 'scenarios', `${name}.yaml`);
  return parseScenario(readFileSync(path, 'utf8'), path);
}

/** Returns the name and the one-line title of every built-in scenario. */
export function builtinScenarios(): readonly { readonly name: string; readonly title: string }[] {
  return builtinScenarioNames.map((name) => ({ name, title: builtinScenario(name).title }));
}
