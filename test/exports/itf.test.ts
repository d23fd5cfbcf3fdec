import { describe, expect, it } from 'vitest';
import { itfOf } from '../../src/exports/itf.js';
import { hostileRace, race } from './documents.js';

describe('ITF', () => {
  const trace = JSON.parse(itfOf(race));

  it('has a state before the first step and behind each, with a value of every variable', () => {
    expect(trace.states).toHaveLength(race.steps.length + 1);
    for (const { '#meta': _, ...values } of trace.states) expect(Object.keys(values)).toEqual(trace.vars);
  });

  it('says what each cell holds: numbers, states of regions, sets of actors', () => {
    expect(trace.states[2]).toEqual({
      '#meta': { index: 2 },
      'mbt::actionTaken': 'punch: kvm_gmem_punch_hole: truncate',
      'i_pages[0]': 'null',
      'folio 1': { life: 'free', contents: 'zero' },
      'folio lock': { holder: { '#set': ['punch'] } },
      seq: { 'changed since': { '#set': ['vCPU0'] } },
      refs: { '#bigint': '1' },
    });
    expect(trace.states[3]['folio lock']).toEqual({ holder: { '#set': [] } });
  });

  it('goes round where a livelock does', () => {
    expect(JSON.parse(itfOf({ ...race, loopFrom: 2 })).loop).toBe(2);
    expect(trace.loop).toBeUndefined();
  });

  it('gives cells whose names the format has a meaning for, or that share one, names of their own', () => {
    const { vars } = JSON.parse(itfOf(hostileRace));
    expect(vars.slice(1, 3)).toEqual(['_meta', '_meta (2)']);
    expect(new Set(vars).size).toBe(vars.length);
  });
});
