import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, stateIn } from 'xstate';
import { folioMachine } from '../../machines/folio.js';
import { folioEvents } from '../../machines/folio-event.js';
import { rmpMachine } from '../../machines/rmp.js';
import { mermaidOf } from '../../src/report/mermaid.js';
import { arbitraryMachine } from '../core/machine/machine-arbitrary.js';
import { initialRegions, referenceStep } from '../core/machine/machine-reference.js';

/** What a diagram says, by its own text alone. */
function read(diagram: string) {
  const lines = diagram.split('\n').map((line) => line.trim());
  const matches = (pattern: RegExp) => lines.flatMap((line) => [pattern.exec(line)].filter((match) => match !== null));
  return {
    composites: matches(/^state "(.*)" as (\w+) \{$/).map(([, label]) => label),
    states: matches(/^state "(.*)" as (\w+)$/).map(([, label, id]) => ({ label: label!, id: id! })),
    initial: matches(/^\[\*\] --> (\w+)$/).map(([, id]) => id),
    arrows: matches(/^(\w+) --> (\w+) : (.*)$/).map(([, from, to, label]) => ({
      from,
      to,
      labels: label!.split(', '),
    })),
    separators: lines.filter((line) => line === '--').length,
    violations: matches(/^class (\S+) violation$/).flatMap(([, ids]) => ids!.split(',')),
  };
}

/** Every change of state that XState makes in one region, others resting, as the diagram should write it. */
function changesOf(machine: AnyStateMachine): string[] {
  const parallel = machine.root.type === 'parallel';
  const regions = parallel ? Object.values(machine.root.states) : [machine.root];
  return regions.flatMap((region) =>
    Object.values(region.states)
      .filter((state) => !state.tags.includes('violation'))
      .flatMap((state) =>
        folioEvents.flatMap((event) => {
          const { next } = referenceStep(machine, { ...initialRegions(machine), [region.key]: state.key }, event);
          const target = next[region.key];
          return target === state.key ? [] : [`${region.key}_${state.key} ${event} ${region.key}_${target}`];
        }),
      ),
  );
}

describe.each([
  { name: 'folio', machine: folioMachine as AnyStateMachine },
  { name: 'rmp', machine: rmpMachine as AnyStateMachine },
])('the diagram of the $name machine', ({ machine }) => {
  const diagram = read(mermaidOf(machine));
  const regions = machine.root.type === 'parallel' ? Object.values(machine.root.states) : [machine.root];

  it('shows every state once, violations by their kind', () => {
    const expected = regions.flatMap((region) =>
      Object.values(region.states).map((state) => ({
        id: `${region.key}_${state.key}`,
        label: state.tags.includes('violation') ? state.meta.kind : state.key,
      })),
    );
    expect(diagram.states.sort(byId)).toEqual(expected.sort(byId));
  });

  it('shows every transition that changes a state once, and no other', () => {
    const shown = diagram.arrows.flatMap(({ from, to, labels }) => labels.map((event) => `${from} ${event} ${to}`));
    expect(shown.sort()).toEqual(changesOf(machine).sort());
  });

  it('joins the events between two states on one arrow, in alphabetical order', () => {
    const pairs = diagram.arrows.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    for (const { labels } of diagram.arrows) expect(labels).toEqual([...labels].sort());
  });

  it('shows where each region starts', () => {
    expect(diagram.initial).toEqual(
      Object.entries(initialRegions(machine)).map(([region, state]) => `${region}_${state}`),
    );
  });

  it('marks exactly the violation states', () => {
    const expected = regions.flatMap((region) =>
      Object.values(region.states)
        .filter((state) => state.tags.includes('violation'))
        .map((state) => `${region.key}_${state.key}`),
    );
    expect(diagram.violations).toEqual(expected);
  });

  it('shows regions as composite states beside each other', () => {
    const names = regions.map((region) => region.key);
    expect(diagram.composites).toEqual(machine.root.type === 'parallel' ? [machine.id, ...names] : names);
    expect(diagram.separators).toBe(names.length - 1);
  });
});

describe('mermaidOf', () => {
  it('draws a small machine like this', () => {
    const machine = createMachine({
      id: 'lamp',
      initial: 'off',
      states: {
        off: { on: { PUSH: 'on', PULL: 'on', LOOK: {} } },
        on: { on: { PUSH: 'off', PULL: 'torn', LOOK: {} } },
        torn: { tags: 'violation', meta: { kind: 'assertion', words: 'the cord is in your hand' } },
      },
    });
    expect(mermaidOf(machine)).toBe(`stateDiagram-v2
  classDef violation fill:#fde0e0,stroke:#b00020,color:#7f0015
  state "lamp" as lamp_region {
    state "off" as lamp_off
    state "on" as lamp_on
    state "assertion" as lamp_torn
    [*] --> lamp_off
    lamp_off --> lamp_on : PULL, PUSH
    lamp_on --> lamp_off : PUSH
    lamp_on --> lamp_torn : PULL
  }
  class lamp_torn violation
`);
  });

  it('writes what a guard asks for, and else for what happens otherwise', () => {
    const fuse = { initial: 'whole', states: { whole: { on: { PUSH: {} } } } };
    const lamp = {
      initial: 'off',
      states: {
        off: { on: { PUSH: [{ target: 'on', guard: stateIn({ fuse: 'whole' }) }, 'dead'] } },
        on: { on: { PUSH: {} } },
        dead: { on: { PUSH: {} } },
      },
    };
    const machine = createMachine({ id: 'm', type: 'parallel', states: { lamp, fuse } });
    expect(read(mermaidOf(machine)).arrows).toEqual([
      { from: 'lamp_off', to: 'lamp_on', labels: ['PUSH [fuse whole]'] },
      { from: 'lamp_off', to: 'lamp_dead', labels: ['PUSH [else]'] },
    ]);
  });

  it('keeps ids apart that would be the same word', () => {
    const machine = createMachine({
      id: 'm',
      type: 'parallel',
      states: {
        a: { initial: 'b_c', states: { b_c: {} } },
        a_b: { initial: 'c', states: { c: {} } },
        'a b': { initial: 'region', states: { region: {} } },
      },
    } as never);
    const diagram = read(mermaidOf(machine));
    const ids = diagram.states.map(({ id }) => id);
    expect(diagram.states.map(({ label }) => label)).toEqual(['b_c', 'c', 'region']);
    expect(new Set(ids).size).toBe(3);
  });

  it('declares every id it uses, on any machine', () => {
    fc.assert(
      fc.property(arbitraryMachine, (machine) => {
        const { states, arrows, initial, violations } = read(mermaidOf(machine));
        const ids = new Set(states.map(({ id }) => id));
        expect(ids.size).toBe(states.length);
        const used = [...arrows.flatMap(({ from, to }) => [from, to]), ...initial, ...violations];
        expect(used.filter((id) => !ids.has(id!))).toEqual([]);
      }),
    );
  });
});

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}
