import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { folioMachine } from '../../machines/folio.js';
import { folioEvents } from '../../machines/folio-event.js';
import { compileMachine } from '../../src/core/machine/machine-table.js';
import { firstByUrgency, initialRegions, referenceStep, walk } from '../core/machine/machine-reference.js';
import { folioLaw } from './folio-law.js';

describe('folioMachine', () => {
  it.each(Object.keys(folioLaw))('answers every event in region %s as the law says', (region) => {
    const actual = Object.keys(folioLaw[region]!).map((state) => {
      const changes = folioEvents.flatMap((event) => {
        const states = { ...initialRegions(folioMachine), [region]: state };
        const { next, entered } = referenceStep(folioMachine, states, event);
        const refusal = entered.find((violation) => violation.state.startsWith(`${region}.`));
        if (refusal !== undefined) return [[event, `*** ${refusal.kind} ***`]];
        return next[region] === state ? [] : [[event, next[region]]];
      });
      return [state, Object.fromEntries(changes)];
    });
    expect(Object.fromEntries(actual)).toEqual(folioLaw[region]);
  });

  it('has the regions and states of the law, violations aside', () => {
    const regions = Object.values(folioMachine.root.states).map((region) => {
      const states = Object.values(region.states).filter((state) => !state.tags.includes('violation'));
      return [region.key, states.map((state) => state.key)];
    });
    expect(Object.fromEntries(regions)).toEqual(
      Object.fromEntries(Object.entries(folioLaw).map(([region, states]) => [region, Object.keys(states)])),
    );
  });

  it('starts as a free, unassigned page frame with residue', () => {
    expect(initialRegions(folioMachine)).toEqual({
      contents: 'residue',
      uptodate: 'clear',
      presence: 'free',
      mapping: 'unmapped',
      pins: 'none',
      guest: 'unmapped',
      rmp: 'unassigned',
    });
  });

  it('gives each tag to the states it names and to no other', () => {
    const tags = Object.values(folioMachine.root.states).flatMap((region) =>
      Object.values(region.states).flatMap((state) => state.tags.map((tag) => `${tag}: ${region.key}.${state.key}`)),
    );
    expect(tags.filter((tag) => !tag.startsWith('violation')).sort()).toEqual([
      'assigned: rmp.assigned',
      'cached: presence.cached',
      'free: presence.free',
      'guest-private: guest.private',
      'guest-shared: guest.shared',
      'image: contents.image',
      'mapped: mapping.mapped',
      'pinned: pins.one',
      'pinned: pins.two',
      'residue: contents.residue',
      'uptodate: uptodate.set',
    ]);
  });

  it('reports each of its violations somewhere, except two that an earlier region always reports', () => {
    const reported = new Set<string>();
    walk(folioMachine, folioEvents, (_states, _event, _next, entered) => {
      const first = firstByUrgency(entered);
      if (first !== undefined) reported.add(first.state);
    });
    const silent = compileMachine(folioMachine).violations.filter(({ state }) => !reported.has(state));
    // A mapped folio is in the page cache, so freeing it is presence's use-after-free already.
    expect(silent.map(({ state }) => state)).toEqual(['mapping.useAfterFree', 'guest.useAfterFree']);
  });

  it('is a declaration only: a machine made from its JSON has the same table', () => {
    const copy = compileMachine(createMachine(JSON.parse(JSON.stringify(folioMachine.config))));
    const table = compileMachine(folioMachine);
    expect(copy.violations).toEqual(table.violations);
    let compared = 0;
    for (let word = 0; word < 2 ** table.bits; word++) {
      if (!isWord(word)) continue;
      for (let event = 0; event < table.events.length; event++, compared++) {
        if (copy.next(word, event) !== table.next(word, event)) expect.fail(`${table.describe(word)}, event ${event}`);
      }
    }
    expect(compared).toBe(6 * 2 * 4 * 2 * 3 * 3 * 3 * folioEvents.length);
  });

  it.each(compileMachine(folioMachine).violations)('says what follows from $state', ({ words }) => {
    expect(words).toMatch(/^[a-z].*[a-z]$/s);
  });
});

function isWord(word: number): boolean {
  try {
    compileMachine(folioMachine).decode(word);
    return true;
  } catch {
    return false;
  }
}
