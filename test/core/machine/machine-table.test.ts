import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { folioMachine } from '../../../machines/folio.js';
import { folioEvents } from '../../../machines/folio-event.js';
import { rmpMachine } from '../../../machines/rmp.js';
import { ModelError } from '../../../src/core/errors.js';
import { compileMachine } from '../../../src/core/machine/machine-table.js';
import { arbitraryEvents, arbitraryMachine } from './machine-arbitrary.js';
import { firstByUrgency, initialRegions, walk } from './machine-reference.js';

/** Compares table and XState on every reachable state and event. Returns the number of reachable states. */
function compare(machine: AnyStateMachine, events: readonly string[]): number {
  const table = compileMachine(machine);
  return walk(machine, events, (states, event, next, entered) => {
    const actual = table.next(table.encode(states), table.events.indexOf(event));
    const violation = firstByUrgency(entered);
    if (violation === undefined) expect(actual >= 0 && table.decode(actual)).toEqual(next);
    else expect(actual < 0 && table.violations[-actual - 1]).toEqual(violation);
  });
}

describe('a table', () => {
  it('equals XState on every reachable state and event of the folio machine', () => {
    expect(compileMachine(folioMachine).events).toEqual([...folioEvents].sort());
    expect(compare(folioMachine, folioEvents)).toBe(603);
  });

  it('equals XState on every reachable state and event of the RMP machine', () => {
    expect(compare(rmpMachine, folioEvents)).toBe(3);
  });

  it('equals XState on generated machines, guards and defaults included', () => {
    fc.assert(
      fc.property(arbitraryMachine, (machine) => {
        compare(machine, arbitraryEvents);
      }),
      { numRuns: 300 },
    );
  });

  it('starts where XState starts', () => {
    fc.assert(
      fc.property(arbitraryMachine, (machine) => {
        const table = compileMachine(machine);
        expect(table.decode(table.initial)).toEqual(initialRegions(machine));
      }),
    );
  });

  it('is compiled once for a machine', () => {
    expect(compileMachine(folioMachine)).toBe(compileMachine(folioMachine));
  });

  it('packs each region into the bits it needs', () => {
    // 6, 2, 4, 2, 3, 3 and 3 states
    expect(compileMachine(folioMachine).bits).toBe(3 + 1 + 2 + 1 + 2 + 2 + 2);
  });

  it('names its machine, its tags in order and no tag for violations', () => {
    const table = compileMachine(rmpMachine);
    expect([table.name, table.tags]).toEqual(['rmp', ['assigned']]);
    expect(compileMachine(folioMachine).tags).toEqual([...compileMachine(folioMachine).tags].sort());
  });

  it('lists violations by urgency and knows the region of each', () => {
    const table = compileMachine(rmpMachine);
    expect(table.violations.map(({ kind, state }) => [kind, state])).toEqual([
      ['host-rmp-fault', 'rmp.hostRmpFault'],
      ['free-while-assigned', 'rmp.freeWhileAssigned'],
      ['unprepared-map', 'rmp.unpreparedMap'],
      ['attribute-mismatch', 'rmp.attributeMismatch'],
      ['double-prepare', 'rmp.doublePrepare'],
    ]);
    const folio = compileMachine(folioMachine);
    expect(folio.violations.map((_, violation) => folio.regionOf(violation))).toEqual(
      folio.violations.map(({ state }) => state.split('.')[0]),
    );
  });

  it('reports the most urgent of several refusals', () => {
    const table = compileMachine(folioMachine);
    const states = { ...table.decode(table.initial), presence: 'removed', pins: 'one', rmp: 'assigned' };
    const refused = table.next(table.encode(states), table.events.indexOf('FREE'));
    expect(table.violations[-refused - 1]).toMatchObject({ kind: 'use-after-free', state: 'pins.useAfterFree' });
  });

  it('describes a word region by region, in the order of declaration', () => {
    const table = compileMachine(folioMachine);
    expect(table.describe(table.initial)).toBe(
      'contents residue, uptodate clear, presence free, mapping unmapped, pins none, guest unmapped, rmp unassigned',
    );
  });

  it('has a tag exactly when a region is in a state of that tag', () => {
    const table = compileMachine(folioMachine);
    for (const presence of ['free', 'allocated', 'cached', 'removed']) {
      for (const pins of ['none', 'one', 'two']) {
        const word = table.encode({ ...table.decode(table.initial), presence, pins });
        expect(table.hasTag(word, 'cached')).toBe(presence === 'cached');
        expect(table.hasTag(word, 'pinned')).toBe(pins !== 'none');
      }
    }
  });
});

describe('encode and decode', () => {
  it('undo each other on every state', () => {
    const table = compileMachine(folioMachine);
    const words = new Set<number>();
    for (const region of Object.values(folioMachine.root.states)) {
      for (const state of Object.values(region.states).filter((node) => !node.tags.includes('violation'))) {
        const states = { ...table.decode(table.initial), [region.key]: state.key };
        const word = table.encode(states);
        expect(table.decode(word)).toEqual(states);
        words.add(word);
      }
    }
    expect(words.size).toBe(23 - 7 + 1);
  });

  it.each([
    ['a missing region', {}, 'machine "rmp", region "rmp" is missing; its states are unassigned, assigned, absent'],
    ['an unknown state', { rmp: 'shared' }, 'machine "rmp", region "rmp" cannot be "shared"'],
    ['a violation', { rmp: 'hostRmpFault' }, 'machine "rmp", region "rmp" cannot be "hostRmpFault"'],
    ['an unknown region', { rmp: 'absent', pins: 'one' }, 'machine "rmp" has no region "pins"'],
  ])('refuse %s', (_what, value, message) => {
    const encode = () => compileMachine(rmpMachine).encode(value as Record<string, string>);
    expect(encode).toThrow(ModelError);
    expect(encode).toThrow(message);
  });
});

describe('a table is asked for something it has not', () => {
  const table = compileMachine(rmpMachine);

  it.each([-1, 3, 4, Number.NaN])('word %s', (word) => {
    const message = `machine "rmp" has no state with the word ${word}`;
    expect(() => table.next(word, 0)).toThrow(message);
    expect(() => table.decode(word)).toThrow(message);
    expect(() => table.hasTag(word, 'assigned')).toThrow(message);
  });

  it.each([-1, folioEvents.length, Number.NaN])('event %s', (event) => {
    expect(() => table.next(table.initial, event)).toThrow(`machine "rmp" has no event number ${event}`);
  });

  it('an unknown tag', () => {
    expect(() => table.hasTag(table.initial, 'private')).toThrow(
      'machine "rmp" has no tag "private"; its tags are assigned',
    );
  });

  it('an unknown violation', () => {
    expect(() => table.regionOf(5)).toThrow('machine "rmp" has no violation number 5');
  });
});

describe('the width of a word', () => {
  /** A machine of `count` regions with two states each: one bit a region. */
  function wide(count: number): AnyStateMachine {
    const region = { initial: 'off', states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } } };
    const regions = Array.from({ length: count }, (_, place) => [`r${place}`, region]);
    return createMachine({ id: 'wide', type: 'parallel', states: Object.fromEntries(regions) });
  }

  it('goes up to 31 bits, and words stay positive', () => {
    const table = compileMachine(wide(31));
    expect(table.next(table.initial, 0)).toBe(2 ** 31 - 1);
    expect(table.next(2 ** 31 - 1, 0)).toBe(0);
  });

  it('is refused beyond 31 bits', () => {
    expect(() => compileMachine(wide(32))).toThrow('machine "wide": its states need 32 bits; at most 31 fit a word');
  });
});
