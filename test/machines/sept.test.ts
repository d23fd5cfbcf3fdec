/** The S-EPT of a TD, page by page: what each step makes of it, and what the TDX module refuses. */
import { describe, expect, it } from 'vitest';
import { septEvents, septMachine } from '../../machines/sept.js';
import { compileMachine } from '../../src/core/machine/machine-table.js';
import { initialRegions, referenceStep } from '../core/machine/machine-reference.js';
import { moves } from './folio-law.js';

const [[region]] = Object.entries(initialRegions(septMachine));

/** What each event leads to; what is not named is refused (vm-dead), or changes nothing where it stands in `stays`. */
const law: Readonly<Record<string, { readonly to: Readonly<Record<string, string>>; readonly stays: string }>> = {
  free: { to: moves({ pending: 'AUG', mapped: 'ADD' }), stays: 'TRACK' },
  pending: { to: moves({ mapped: 'ACCEPT', blockedPending: 'BLOCK', free: 'RECLAIM' }), stays: 'TRACK' },
  mapped: { to: moves({ blockedMapped: 'BLOCK', free: 'RECLAIM' }), stays: 'TRACK ACCEPT EXTEND' },
  blockedPending: { to: moves({ trackedPending: 'TRACK', free: 'RECLAIM' }), stays: 'BLOCK' },
  blockedMapped: { to: moves({ trackedMapped: 'TRACK', free: 'RECLAIM' }), stays: 'BLOCK' },
  trackedPending: { to: moves({ free: 'REMOVE REMOVE_UNASKED RECLAIM', pending: 'DEMOTE' }), stays: 'BLOCK TRACK' },
  trackedMapped: {
    to: { ...moves({ free: 'REMOVE RECLAIM', mapped: 'DEMOTE' }), REMOVE_UNASKED: '*** lost-accept ***' },
    stays: 'BLOCK TRACK',
  },
};

describe('septMachine', () => {
  it.each(Object.keys(law))('answers every event in state %s as the law says', (state) => {
    const { to, stays } = law[state]!;
    for (const event of septEvents) {
      const { next, entered } = referenceStep(septMachine, { [region]: state }, event);
      const [refusal] = entered;
      const outcome = refusal === undefined ? next[region] : `*** ${refusal.kind} ***`;
      const otherwise = stays.split(' ').includes(event) ? state : '*** vm-dead ***';
      expect([event, outcome]).toEqual([event, to[event] ?? otherwise]);
    }
  });

  it('says of a page whether it is there and accepted, also while it is blocked', () => {
    const table = compileMachine(septMachine);
    expect(table.tags).toEqual(expect.arrayContaining(['accepted', 'blocked', 'present']));
    for (const { words } of table.violations) expect(words).toMatch(/^[a-z].*[a-z]$/s);
  });
});
