/** The dynamic PAMT of a region: what the TDX module answers to each event, and what it refuses. */
import { expect, it } from 'vitest';
import { pamtEvents, pamtMachine } from '../../machines/pamt.js';
import { compileMachine } from '../../src/core/machine/machine-table.js';
import { initialRegions, referenceStep } from '../core/machine/machine-reference.js';

const [[region]] = Object.entries(initialRegions(pamtMachine));
const REFUSED = '*** vm-dead ***';

it.each([
  ['absent', { ADD: 'present', USE: REFUSED, REMOVE: REFUSED }],
  ['present', { ADD: REFUSED, USE: 'present', REMOVE: 'absent' }],
])('answers every event where the PAMT is %s', (state, law) => {
  const answers = pamtEvents.map((event) => {
    const { next, entered } = referenceStep(pamtMachine, { [region]: state }, event);
    return [event, entered[0] === undefined ? next[region] : `*** ${entered[0].kind} ***`];
  });
  expect(Object.fromEntries(answers)).toEqual(law);
});

it('says whether it is there', () => {
  const table = compileMachine(pamtMachine);
  expect(table.tags).toEqual(['present']);
  for (const { words } of table.violations) expect(words).toMatch(/^[a-zA-Z].*[a-z]$/s);
});
