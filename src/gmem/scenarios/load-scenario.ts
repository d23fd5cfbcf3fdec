/**
 * What the command line takes as a scenario: the name of a built-in one or the path of a YAML file.
 */

import { readFileSync } from 'node:fs';
import { inputProblem, unknownName } from '../../core/input-sentence.js';
import { builtinScenarioNames } from './builtin-scenario-names.js';
import { builtinScenario } from './builtin-scenarios.js';
import { parseScenario } from './parse-scenario.js';
import type { Scenario } from './scenario.js';

/**
 * Loads a built-in scenario by name, the file at a path that ends in `.yaml` or `.yml`, or `-` for what is piped in.
 *
 * @throws InputError for an unknown name (with the names that exist), a file that cannot be read, and whatever
 * `parseScenario` refuses.
 */
export function loadScenario(nameOrPath: string): Scenario {
  if (nameOrPath === '-') return parseScenario(textOf(0), 'stdin.yaml');
  if (/\.ya?ml$/i.test(nameOrPath)) return parseScenario(textOf(nameOrPath), nameOrPath);
  const name = builtinScenarioNames.find((builtin) => builtin === nameOrPath);
  if (name === undefined) {
    const orElse = ', or the path of a file that ends in .yaml or .yml';
    throw inputProblem('', unknownName('scenario', nameOrPath, builtinScenarioNames, orElse));
  }
  return builtinScenario(name);
}

function textOf(path: string | 0): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw inputProblem(
      path === 0 ? 'stdin' : path,
      `cannot be read (${(error as NodeJS.ErrnoException).code}); allowed: a readable YAML file`,
    );
  }
}
