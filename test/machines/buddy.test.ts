/** The buddy machine: what it says of a block follows from which of its frames were handed out, and from nothing else. */
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { buddyMachineOf } from '../../machines/buddy.js';
import { compileMachine } from '../../src/core/machine/machine-table.js';
import { initialRegions, referenceStep, walk } from '../core/machine/machine-reference.js';

describe.each([2, 4])('of a block of %i frames', (frames) => {
  const places = Array.from({ length: frames }, (_, place) => place);
  const machine = buddyMachineOf(frames);

  /** The tags after some events. */
  function tagsAfter(events: readonly string[]): readonly string[] {
    let states = initialRegions(machine);
    for (const event of events) states = referenceStep(machine, states, event).next;
    return [...machine.root.states[states[machine.id]!]!.tags].sort();
  }

  it('is whole and has every frame to give at first', () => {
    expect(tagsAfter([])).toEqual([...places.map((place) => `free${place}`), 'whole']);
  });

  it('has the frames to give that were not taken, and is whole with none taken only', () => {
    for (let pattern = 1; pattern < 2 ** frames; pattern++) {
      const taken = places.filter((place) => (pattern & (1 << place)) !== 0);
      const free = places.filter((place) => !taken.includes(place)).map((place) => `free${place}`);
      expect(tagsAfter(taken.map((place) => `TAKE${place}`))).toEqual(free);
      // In any order, and given back one by one.
      expect(tagsAfter([...taken].reverse().map((place) => `TAKE${place}`))).toEqual(free);
      expect(tagsAfter([...taken.map((place) => `TAKE${place}`), ...taken.map((place) => `GIVE${place}`)])).toContain(
        'whole',
      );
    }
  });

  it('gives and takes back all frames at once', () => {
    expect(tagsAfter(['TAKE'])).toEqual([]);
    expect(tagsAfter(['TAKE', 'GIVE'])).toContain('whole');
    // A folio that was split is given back page by page, and pages that were merged as one.
    expect(tagsAfter(['TAKE', ...places.map((place) => `GIVE${place}`)])).toContain('whole');
    expect(tagsAfter([...places.map((place) => `TAKE${place}`), 'GIVE'])).toContain('whole');
  });

  it('can come into every pattern of taken frames, and refuses nothing: frames do that themselves', () => {
    const events = ['TAKE', 'GIVE', ...places.flatMap((place) => [`TAKE${place}`, `GIVE${place}`])];
    const refused: string[] = [];
    const reached = walk(machine, events, (_states, event, _next, entered) => {
      if (entered.length > 0) refused.push(event);
    });
    expect(reached).toBe(2 ** frames);
    expect(refused).toEqual([]);
  });

  it('is a declaration only: a machine made from its JSON has the same table', () => {
    const copy = createMachine(JSON.parse(JSON.stringify(machine.config)));
    expect(compileMachine(copy)).toEqual(compileMachine(machine));
  });
});
