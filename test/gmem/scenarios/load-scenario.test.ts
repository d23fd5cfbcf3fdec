import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { builtinScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import { loadScenario } from '../../../src/gmem/scenarios/load-scenario.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('loadScenario', () => {
  it.each(builtinScenarioNames)('knows %s', (name) => {
    expect(loadScenario(name)).toEqual(builtinScenario(name));
  });

  it.each(['mine.yaml', 'mine.yml'])('reads %s', (name) => {
    const path = file(name, 'title: t\ngfns: 1\nactors: [{ name: a, calls: [read: 0] }]');
    expect(loadScenario(path)).toMatchObject({ name: 'mine', title: 't' });
  });

  it('names the file in errors as it was given', () => {
    const path = file('bad.yaml', 'title: t');
    expect(() => loadScenario(path)).toThrow(
      new InputError(`faultline: ${path}:1:1: gfns is missing; allowed: a whole number from 1 to 4096`),
    );
  });

  it('lists the names there are for a name there is not', () => {
    expect(() => loadScenario('fault-falt')).toThrow(
      new InputError(
        `faultline: unknown scenario "fault-falt"; allowed: ${builtinScenarioNames.join(', ')}, or the path of a file that ends in .yaml or .yml; did you mean "fault-fault"?`,
      ),
    );
  });

  it('says so when there is no such file', () => {
    const path = join(folder, 'none.yaml');
    expect(() => loadScenario(path)).toThrow(
      new InputError(`faultline: ${path}: cannot be read (ENOENT); allowed: a readable YAML file`),
    );
  });
});
