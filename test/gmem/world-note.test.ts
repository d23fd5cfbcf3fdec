/** Worlds that no kernel has ever been are told of, and no others. */
import { describe, expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { builtinScheme, mutate } from '../../src/gmem/named-scheme.js';
import { applySettings } from '../../src/gmem/scenarios/apply-settings.js';
import { usualScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { parseScenario } from '../../src/gmem/scenarios/parse-scenario.js';
import type { Scheme } from '../../src/gmem/scheme.js';
import { defineScheme } from '../../src/gmem/scheme.js';
import { usualSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { worldNote } from '../../src/gmem/world-note.js';
import { verify } from '../../src/verify/verify.js';

/** One vCPU that writes to a page which is shared from the beginning. */
const scenario = parseScenario(
  'title: two\ngfns: 1\nattribute: shared\nactors:\n  - name: vCPU0\n    calls: [ { write: 0 } ]\n',
  'two.yaml',
);

describe('a shared guest access converted in place', () => {
  it.each(usualSchemes.map((scheme): [string, Scheme] => [scheme.name, scheme]))(
    'under %s: a note if and only if one task alone breaks it',
    async (name, scheme) => {
      const { verdict, findings } = await verify(gmem(scenario, name), { coverage: false });
      const note = worldNote(scenario, scheme);
      expect(note !== undefined).toBe(verdict === 'violation');
      expect(findings.map(({ kind }) => kind)).toEqual(note === undefined ? [] : ['attribute-mismatch']);
      if (note !== undefined) expect(note).toContain(`${name} is of before in-place conversion`);
    },
  );

  it('is told of under a mutation, and not under a scheme of a version that is not known', () => {
    const v2 = builtinScheme('v2-hook-every-fault');
    expect(worldNote(scenario, mutate(v2, 'no-seq-check'))).toContain('as vCPU0 makes');
    expect(worldNote(scenario, defineScheme(v2, { name: 'mine', version: 'mine' }))).toBeUndefined();
  });
});

it.each([
  ['with VM attributes', { conversion: 'vm-attributes' }],
  ['without an architecture that prepares', { arch: 'none' }],
])('%s there is nothing to say', async (_, settings) => {
  const world = applySettings(scenario, settings);
  expect(worldNote(world, builtinScheme('v2-hook-every-fault'))).toBeUndefined();
  expect((await verify(gmem(world, 'v2-hook-every-fault'), { coverage: false })).verdict).toBe('verified');
});

it('no built-in scenario is such a world', () => {
  for (const name of usualScenarioNames) {
    for (const scheme of usualSchemes) expect([name, worldNote(loadScenario(name), scheme)]).toEqual([name, undefined]);
  }
});
