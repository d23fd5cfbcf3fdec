import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, setup, stateIn } from 'xstate';
import { ModelError } from '../../../src/core/errors.js';
import { readRegions } from '../../../src/core/machine/machine-region.js';
import { compileMachine } from '../../../src/core/machine/machine-table.js';

const leak = { tags: 'violation', meta: { kind: 'leak', words: 'data leaks' } };

/** A sound machine of two regions, with its parts replaced. */
function machineOf(parts: {
  machine?: object;
  region?: object;
  states?: object;
  off?: object;
  on?: object;
}): AnyStateMachine {
  const region = {
    initial: 'off',
    on: { TICK: {} },
    ...parts.region,
    states: {
      off: { on: { FLIP: 'on' }, ...parts.off },
      on: { on: { FLIP: 'off' }, ...parts.on },
      ...parts.states,
    },
  };
  const other = { initial: 'only', states: { only: { on: { FLIP: {}, TICK: {} } } } };
  const states = { lamp: region, other };
  return createMachine({ id: 'm', type: 'parallel', ...parts.machine, states } as never) as AnyStateMachine;
}

describe('readRegions', () => {
  it('reads states, tags, violations and answers, a state before its region', () => {
    const machine = machineOf({
      off: { tags: ['dark', 'cold'], on: { FLIP: [{ target: 'on', guard: stateIn({ other: 'only' }) }, 'leak'] } },
      states: { leak },
    });
    expect(readRegions(machine)).toEqual([
      {
        name: 'lamp',
        initial: 'off',
        states: [
          { name: 'off', tags: ['cold', 'dark'] },
          { name: 'on', tags: [] },
        ],
        refusals: [{ name: 'leak', kind: 'leak', words: 'data leaks' }],
        answers: [
          { source: 'off', event: 'FLIP', target: 'on', guard: [{ region: 'other', state: 'only' }] },
          { source: 'off', event: 'FLIP', target: 'leak', guard: [] },
          { source: 'off', event: 'TICK', target: 'off', guard: [] },
          { source: 'on', event: 'FLIP', target: 'off', guard: [] },
          { source: 'on', event: 'TICK', target: 'on', guard: [] },
        ],
      },
      {
        name: 'other',
        initial: 'only',
        states: [{ name: 'only', tags: [] }],
        refusals: [],
        answers: [
          { source: 'only', event: 'FLIP', target: 'only', guard: [] },
          { source: 'only', event: 'TICK', target: 'only', guard: [] },
        ],
      },
    ]);
  });

  it('reads a machine without regions as one region of its own name', () => {
    const machine = createMachine({ id: 'lamp', initial: 'off', on: { TICK: '.off' }, states: { off: {} } });
    expect(readRegions(machine).map(({ name, initial }) => [name, initial])).toEqual([['lamp', 'off']]);
  });

  it('lets the answer of a state replace the default of its region', () => {
    const machine = machineOf({ off: { on: { FLIP: 'on', TICK: 'on' } } });
    const answers = readRegions(machine)[0]!.answers.filter(
      ({ source, event }) => source === 'off' && event === 'TICK',
    );
    expect(answers.map(({ target }) => target)).toEqual(['on']);
  });

  it('falls back on the default of the region when no guard of the state holds', () => {
    const machine = machineOf({
      off: { on: { FLIP: 'on', TICK: { target: 'on', guard: stateIn({ other: 'only' }) } } },
    });
    const answers = readRegions(machine)[0]!.answers.filter(
      ({ source, event }) => source === 'off' && event === 'TICK',
    );
    expect(answers.map(({ target }) => target)).toEqual(['on', 'off']);
  });
});

const region = 'machine "m", region "lamp"';
const off = `${region}, state "off"`;
const everything = [
  {
    name: 'no id',
    machine: createMachine({ initial: 'a', states: { a: {} } }),
    says: 'machine "(machine)": it needs an id',
  },
  {
    name: 'context',
    machine: machineOf({ machine: { context: { n: 0 } } }),
    says: 'machine "m": context is not allowed',
  },
  {
    name: 'no states',
    machine: createMachine({ id: 'm' }),
    says: 'machine "m", region "m": a region needs an initial',
  },
  {
    name: 'transitions beside regions',
    machine: machineOf({ machine: { on: { FLIP: {} } } }),
    says: 'machine "m", event "FLIP": a machine with regions has no transitions',
  },
  {
    name: 'always on the machine',
    machine: machineOf({ machine: { always: { guard: () => false } } }),
    says: 'machine "m": eventless',
  },
  {
    name: 'tags on the machine',
    machine: machineOf({ machine: { tags: 'x' } }),
    says: 'machine "m": tags belong to states',
  },
  { name: 'tags on a region', machine: machineOf({ region: { tags: 'x' } }), says: `${region}: tags belong to states` },
  {
    name: 'an atomic region',
    machine: createMachine({ id: 'm', type: 'parallel', states: { lamp: {} } }),
    says: `${region}: a region needs`,
  },
  {
    name: 'actions on the way to the initial state',
    machine: machineOf({ region: { initial: { target: 'off', actions: () => {} } } }),
    says: `${region}: its initial state must be given by name`,
  },
  {
    name: 'an initial state that is a violation',
    machine: machineOf({ region: { initial: 'leak' }, states: { leak } }),
    says: `${region}: its initial state must be one of its own states and no violation`,
  },
  {
    name: 'region actions',
    machine: machineOf({ region: { entry: () => {} } }),
    says: `${region}: entry and exit actions are not allowed`,
  },
  {
    name: 'onDone',
    machine: machineOf({ region: { onDone: { target: 'other' } } }),
    says: `${region}, event "xstate.done.state.m.lamp": transitions on XState's own events`,
  },
  {
    name: 'nested states',
    machine: machineOf({ off: { initial: 'a', states: { a: {} } } }),
    says: `${off}: a state must be atomic, and this one is compound`,
  },
  {
    name: 'a final state',
    machine: machineOf({ states: { end: { type: 'final' } } }),
    says: `${region}, state "end": a state must be atomic, and this one is final`,
  },
  {
    name: 'a history state',
    machine: machineOf({ states: { back: { type: 'history' } } }),
    says: `${region}, state "back": a state must be atomic, and this one is history`,
  },
  {
    name: 'always',
    machine: machineOf({ off: { on: { FLIP: 'on' }, always: { target: 'on', guard: () => false } } }),
    says: `${off}: eventless transitions (always) are not allowed`,
  },
  {
    name: 'after',
    machine: machineOf({ off: { on: { FLIP: 'on' }, after: { 10: 'on' } } }),
    says: `${off}: delayed transitions (after) are not allowed`,
  },
  {
    name: 'invoke',
    machine: machineOf({ off: { on: { FLIP: 'on' }, invoke: { src: 'x' } } }),
    says: `${off}: invoked actors are not allowed`,
  },
  {
    name: 'entry actions',
    machine: machineOf({ off: { on: { FLIP: 'on' }, entry: () => {} } }),
    says: `${off}: entry and exit actions are not allowed`,
  },
  {
    name: 'exit actions',
    machine: machineOf({ off: { on: { FLIP: 'on' }, exit: () => {} } }),
    says: `${off}: entry and exit actions are not allowed`,
  },
  {
    name: 'transition actions',
    machine: machineOf({ off: { on: { FLIP: { target: 'on', actions: () => {} } } } }),
    says: `${off}, event "FLIP": actions are not allowed`,
  },
  {
    name: 'a wildcard',
    machine: machineOf({ off: { on: { FLIP: 'on', '*': {} } } }),
    says: `${off}, event "*": wildcards are not allowed`,
  },
  {
    name: 'an event without answer',
    machine: machineOf({ off: { on: {} } }),
    says: `${off}, event "FLIP": nothing answers it: name it in the state`,
  },
  {
    name: 'an event of another region without answer',
    machine: machineOf({ region: { on: {} } }),
    says: `${off}, event "TICK": nothing answers it`,
  },
  {
    name: 'an answer with guards only',
    machine: machineOf({ off: { on: { FLIP: { target: 'on', guard: stateIn({ other: 'only' }) } } } }),
    says: `${off}, event "FLIP": nothing answers it when no guard holds`,
  },
  {
    name: 'another guard than stateIn',
    machine: machineOf({ off: { on: { FLIP: [{ target: 'on', guard: () => true }, {}] } } }),
    says: `${off}, event "FLIP": only stateIn guards are allowed`,
  },
  {
    name: 'a target in another region',
    machine: machineOf({ off: { on: { FLIP: '#m.other.only' } } }),
    says: `${off}, event "FLIP": a transition must lead to one state of the same region`,
  },
  {
    name: 'a region as target',
    machine: machineOf({ off: { on: { FLIP: '#m.lamp' } } }),
    says: `${off}, event "FLIP": a transition must lead to one state`,
  },
  {
    name: 'two targets',
    machine: machineOf({ off: { on: { FLIP: { target: ['on', '#m.other.only'] } } } }),
    says: `${off}, event "FLIP": a transition must lead to one state`,
  },
  {
    name: 'a violation without meta',
    machine: machineOf({ states: { bad: { tags: 'violation' } } }),
    says: `${region}, state "bad": meta.kind must be one of use-after-free, `,
  },
  {
    name: 'an unknown kind',
    machine: machineOf({ states: { bad: { ...leak, meta: { kind: 'leaks', words: 'x' } } } }),
    says: `${region}, state "bad": meta.kind must be one of`,
  },
  {
    name: 'a violation without words',
    machine: machineOf({ states: { bad: { ...leak, meta: { kind: 'leak', words: '' } } } }),
    says: `${region}, state "bad": meta.words must be`,
  },
  {
    name: 'a violation with transitions',
    machine: machineOf({ states: { bad: { ...leak, on: { FLIP: 'off' } } } }),
    says: `${region}, state "bad": a violation state ends the run`,
  },
  {
    name: 'a violation with another tag',
    machine: machineOf({ states: { bad: { ...leak, tags: ['violation', 'x'] } } }),
    says: `${region}, state "bad": a violation state can have no other tag`,
  },
];

describe('the discipline', () => {
  it('accepts the machine that the following ones are made from', () => {
    expect(() => compileMachine(machineOf({}))).not.toThrow();
  });

  it.each(everything)('refuses $name', ({ machine, says }) => {
    expect(() => compileMachine(machine)).toThrow(ModelError);
    expect(() => compileMachine(machine)).toThrow(says);
  });

  it('sees a guard through its name in the setup', () => {
    const machine = setup({ guards: { dark: () => true } }).createMachine({
      id: 'm',
      initial: 'off',
      states: { off: { on: { FLIP: [{ target: 'on', guard: 'dark' }, {}] } }, on: { on: { FLIP: 'off' } } },
    });
    expect(() => compileMachine(machine)).toThrow('event "FLIP": only stateIn guards are allowed');
  });
});
