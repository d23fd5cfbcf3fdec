/** What was parsed once is what is parsed today. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shortHash } from '../../../src/core/short-hash.js';
import { builtinScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import { type ParsedScenarios, parsedScenario } from '../../../src/gmem/scenarios/parsed-scenarios.js';

const folder = '../../../src/gmem/scenarios';

it('the file holds every built-in scenario as its text is parsed', async () => {
  const parsed: ParsedScenarios = Object.fromEntries(
    builtinScenarioNames.map((name) => {
      const text = readFileSync(new URL(`${folder}/${name}.yaml`, import.meta.url), 'utf8');
      return [name, { text: shortHash(text), scenario: builtinScenario(name) }];
    }),
  );
  await expect(`${JSON.stringify(parsed)}\n`).toMatchFileSnapshot(`${folder}/builtin-scenarios.json`);
});

it.each(builtinScenarioNames)('%s is told from neither, member by member', async (name) => {
  expect(JSON.stringify(await parsedScenario(name))).toBe(JSON.stringify(builtinScenario(name)));
  expect(await parsedScenario(name)).toStrictEqual(builtinScenario(name));
});
