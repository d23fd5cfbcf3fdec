import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, and, createMachine, not, setup, stateIn } from 'xstate';
import { readGuard } from '../../../src/core/machine/machine-guard.js';

const door = { initial: 'shut', states: { shut: {}, open: { id: 'wide' } } };
const parallel = createMachine({
  id: 'house',
  type: 'parallel',
  states: { door, window: door },
} as never) as AnyStateMachine;
const single = createMachine({ id: 'door', ...door } as never) as AnyStateMachine;

describe('readGuard', () => {
  it.each([
    ['an object', parallel, stateIn({ door: 'open' }), [['door', 'open']]],
    [
      'an object of two regions',
      parallel,
      stateIn({ door: 'open', window: 'shut' }),
      [
        ['door', 'open'],
        ['window', 'shut'],
      ],
    ],
    ['a path', parallel, stateIn('door.open'), [['door', 'open']]],
    ['a default id', parallel, stateIn('#house.window.shut'), [['window', 'shut']]],
    ['a given id', single, stateIn('#wide'), [['door', 'open']]],
    ['a bare name in a machine without regions', single, stateIn('shut'), [['door', 'shut']]],
  ])('reads %s', (_what, machine, guard, terms) => {
    expect(readGuard(machine, guard)).toEqual(terms.map(([region, state]) => ({ region, state })));
  });

  it('reads a guard by its name in the setup, and by a name for that name', () => {
    const machine = setup({ guards: { open: stateIn('open'), alias: 'open' as never } }).createMachine({
      id: 'door',
      ...door,
    });
    expect(readGuard(machine, 'open')).toEqual([{ region: 'door', state: 'open' }]);
    expect(readGuard(machine, { type: 'alias' })).toEqual([{ region: 'door', state: 'open' }]);
  });

  it.each([
    ['a function', () => true],
    ['not', not(stateIn({ door: 'open' }))],
    ['and', and([stateIn({ door: 'open' })])],
    ['a name that the setup lacks', 'open'],
  ])('refuses %s', (_what, guard) => {
    expect(readGuard(parallel, guard)).toBe('only stateIn guards are allowed');
  });

  it.each([
    ['a whole region', parallel, stateIn('door')],
    ['a region by id', parallel, stateIn('#house.door')],
    ['an unknown id', parallel, stateIn('#cellar')],
    ['no region', parallel, stateIn({})],
    ['a nested state', parallel, stateIn({ door: { open: 'ajar' } })],
    ['a region of a machine without regions', single, stateIn({ door: 'open' })],
  ])('refuses %s', (_what, machine, guard) => {
    expect(readGuard(machine, guard)).toContain('must name a state of a region');
  });

  it.each([
    ['region', { cellar: 'open' }, 'cellar.open'],
    ['state', { door: 'ajar' }, 'door.ajar'],
  ])('refuses an unknown %s', (_what, value, name) => {
    expect(readGuard(parallel, stateIn(value))).toBe(`its stateIn guard names ${name}, which does not exist`);
  });
});
