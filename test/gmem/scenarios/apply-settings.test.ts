import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { applySettings, scenarioSettings } from '../../../src/gmem/scenarios/apply-settings.js';
import { builtinScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';

const faultFault = builtinScenario('fault-fault');
const neighbours = builtinScenario('neighbours');
const userFault = builtinScenario('populate-vs-user-fault');

function accessesOf(scenario: typeof faultFault): readonly (string | undefined)[] {
  return scenario.actors.flatMap((actor) => actor.calls.map(({ spec }) => ('as' in spec ? spec.as : undefined)));
}

describe('applySettings', () => {
  it.each(builtinScenarioNames)('leaves %s as it is when nothing is set', (name) => {
    expect(applySettings(builtinScenario(name), {})).toEqual(builtinScenario(name));
  });

  it('sets every setting', () => {
    const changed = applySettings(faultFault, {
      gfns: '3',
      frames: '9',
      arch: 'none',
      conversion: 'vm-attributes',
      attribute: 'shared',
      gate: 'false',
      hookFails: 'true',
      allocationFails: 'true',
    });
    const { name, title } = faultFault;
    expect(changed).toMatchObject({
      name,
      title,
      gfns: 3,
      frames: 9,
      arch: 'none',
      conversion: 'vm-attributes',
      attribute: 'shared',
      attributes: ['shared', 'shared', 'shared'],
      gate: false,
      hookFails: true,
      allocationFails: true,
    });
  });

  it('leaves memslots the pages that they show', () => {
    const set = { gfns: '1', maxOrder: '0' };
    expect(() => applySettings(builtinScenario('slots-half-folio'), set)).toThrow(
      'gfns is "1"; allowed: a whole number from 2',
    );
  });

  it('refuses another meaning of numbers that no memslot has', () => {
    const given = builtinScenario('slots-vs-punch');
    const [host] = given.actors.slice(1);
    const calls = [{ spec: { call: 'convert', gfn: 0, count: 2, to: 'shared' } as const }];
    expect(() => applySettings({ ...given, actors: [{ ...host, calls }] }, { conversion: 'vm-attributes' })).toThrow(
      '--set conversion=vm-attributes: convert names gfns then, and 0, 1 are not of one memslot; allowed: 4 (the memslots)',
    );
  });

  it('refuses large folios where a device has the file', () => {
    expect(() => applySettings(builtinScenario('dma-vs-punch'), { maxOrder: '1', gfns: '2', frames: '2' })).toThrow(
      '--set maxOrder=1: dma-map where folios are large, and an IOPTE would be; allowed: maxOrder 0',
    );
  });

  it('refuses VM attributes of large folios in memslots', () => {
    expect(() => applySettings(builtinScenario('slots-half-folio'), { conversion: 'vm-attributes' })).toThrow(
      '--set conversion=vm-attributes: memslots where folios are large',
    );
  });

  it('does not change the scenario it was given', () => {
    const before = structuredClone(faultFault);
    applySettings(faultFault, { gfns: '2', attribute: 'shared', gate: 'false' });
    expect(faultFault).toEqual(before);
  });

  it('keeps the number of spare frames when only gfns is set', () => {
    expect(applySettings(faultFault, { gfns: '4' }).frames).toBe(6);
  });

  it('turns the guest accesses that went along with the attribute', () => {
    expect(accessesOf(applySettings(faultFault, { attribute: 'shared' }))).toEqual(Array(4).fill('shared'));
  });

  it('keeps an access that was written against the attribute', () => {
    const scenario = builtinScenario('user-fault-vs-convert');
    expect(accessesOf(applySettings(scenario, { attribute: 'shared' }))).toEqual(accessesOf(scenario));
  });

  it('keeps the gfns that the scenario overrides', () => {
    expect(applySettings(userFault, { gfns: '3' }).attributes).toEqual(['private', 'shared', 'private']);
    expect(applySettings(userFault, { attribute: 'shared' }).attributes).toEqual(['shared', 'shared']);
  });

  it.each([
    ['gfns', '1', 'gfns is "1"; allowed: a whole number from 2 to 4096'],
    ['gfns', 'two', 'gfns is "two"; allowed: a whole number from 2 to 4096'],
    ['gfns', '1e1', 'gfns is "1e1"; allowed: a whole number from 2 to 4096'],
    ['frames', '1', 'frames is "1"; allowed: a whole number from 2 to 8192'],
    ['arch', 'cca', 'arch is "cca"; allowed: none, snp, tdx, pkvm'],
    ['conversion', '', 'conversion is ""; allowed: in-place, vm-attributes'],
    ['attribute', 'public', 'attribute is "public"; allowed: private, shared'],
    ['gate', 'off', 'gate is "off"; allowed: true, false'],
    ['hookFails', '1', 'hookFails is "1"; allowed: true, false'],
    ['allocationFails', 'yes', 'allocationFails is "yes"; allowed: true, false'],
    ['arhc', 'snp', `unknown setting "arhc"; allowed: ${scenarioSettings.join(', ')}; did you mean "arch"?`],
  ])('refuses %s=%s', (name, value, sentence) => {
    expect(() => applySettings(neighbours, { [name]: value })).toThrow(
      new InputError(`faultline: --set ${name}=${value}: ${sentence}`),
    );
  });

  it('refuses fewer frames than the gfns that are set with them', () => {
    expect(() => applySettings(neighbours, { gfns: '8', frames: '7' })).toThrow('from 8 to 8192');
  });
});
