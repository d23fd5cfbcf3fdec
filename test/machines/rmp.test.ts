import { describe, expect, it } from 'vitest';
import { folioMachine } from '../../machines/folio.js';
import { folioEvents } from '../../machines/folio-event.js';
import { rmpMachine } from '../../machines/rmp.js';
import { initialRegions, referenceStep } from '../core/machine/machine-reference.js';

const states = ['unassigned', 'assigned', 'absent'];

describe('rmpMachine', () => {
  it.each(states)('answers every event in state %s as the folio machine does in its region', (state) => {
    for (const event of folioEvents) {
      const alone = referenceStep(rmpMachine, { rmp: state }, event);
      const within = referenceStep(folioMachine, { ...initialRegions(folioMachine), rmp: state }, event);
      expect(alone.next.rmp).toBe(within.next.rmp);
      expect(alone.entered).toEqual(within.entered.filter((violation) => violation.state.startsWith('rmp.')));
    }
  });

  it('kills the host on its own store, and only while the page is assigned', () => {
    const fatal = states.flatMap((state) =>
      folioEvents
        .filter((event) => referenceStep(rmpMachine, { rmp: state }, event).entered[0]?.kind === 'host-rmp-fault')
        .map((event) => `${state} ${event}`),
    );
    expect(fatal).toEqual(['assigned CLEAR', 'assigned POPULATE', 'assigned HOST_WRITE']);
  });

  it('refuses nothing on a machine without an RMP', () => {
    const refused = folioEvents.filter(
      (event) => referenceStep(rmpMachine, { rmp: 'absent' }, event).entered.length > 0,
    );
    expect(refused).toEqual([]);
  });
});
