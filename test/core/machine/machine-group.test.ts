import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, stateIn } from 'xstate';
import { askMachine, groupRegions, statesOf } from '../../../src/core/machine/machine-group.js';
import { readRegions } from '../../../src/core/machine/machine-region.js';

/** Regions of two states each; `sees[x]` is the region that x's guard asks for. */
function machineOf(sees: Readonly<Record<string, string | undefined>>): AnyStateMachine {
  const regions = Object.entries(sees).map(([name, seen]) => {
    const guarded = seen === undefined ? [] : [{ target: 'on', guard: stateIn({ [seen]: 'on' }) }];
    return [name, { initial: 'off', on: { E: {} }, states: { off: { on: { E: [...guarded, {}] } }, on: {} } }];
  });
  return createMachine({ id: 'm', type: 'parallel', states: Object.fromEntries(regions) } as never) as AnyStateMachine;
}

function groupNames(machine: AnyStateMachine): string[][] {
  return groupRegions(readRegions(machine)).map((group) => group.map((region) => region.name));
}

describe('groupRegions', () => {
  it('leaves regions alone that no guard joins', () => {
    expect(groupNames(machineOf({ a: undefined, b: undefined, c: 'c' }))).toEqual([['a'], ['b'], ['c']]);
  });

  it('joins a region with the one its guard asks for, in the order of declaration', () => {
    expect(groupNames(machineOf({ a: undefined, b: undefined, c: 'a' }))).toEqual([['a', 'c'], ['b']]);
  });

  it('joins regions through a third one', () => {
    expect(groupNames(machineOf({ a: 'c', b: 'd', c: undefined, d: 'a' }))).toEqual([['a', 'b', 'c', 'd']]);
  });
});

describe('statesOf', () => {
  it('has every combination of the states of a group once', () => {
    const machine = machineOf({ a: 'b', b: undefined, c: undefined });
    const [joined, single] = groupRegions(readRegions(machine)).map((group) => statesOf(machine, group));
    expect(joined.map(String)).toEqual(['off,off', 'off,on', 'on,off', 'on,on']);
    expect(single.map(String)).toEqual(['off', 'on']);
  });

  it('refuses a group whose states do not fit a table', () => {
    const names = Array.from({ length: 13 }, (_, place) => `r${place}`);
    const machine = machineOf(Object.fromEntries(names.map((name) => [name, 'r0'])));
    expect(() => groupRegions(readRegions(machine)).map((group) => statesOf(machine, group))).toThrow(
      `machine "m": guards join the regions ${names.join(', ')}, which have 8192 states together; at most 4096 fit a table`,
    );
  });
});

describe('askMachine', () => {
  it('says of each group what follows', () => {
    const machine = machineOf({ a: 'b', b: undefined, c: undefined });
    const groups = groupRegions(readRegions(machine));
    const ask = (...states: string[][]) => askMachine(machine, groups, states, 'E').map(String);
    expect(ask(['off', 'off'], ['on'])).toEqual(['off,off', 'on']);
    expect(ask(['off', 'on'], ['off'])).toEqual(['on,on', 'off']);
  });
});
