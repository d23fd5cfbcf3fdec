import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import type { Scenario } from '../../../src/gmem/scenarios/scenario.js';
import {
  gfnsOfIdentities,
  keepScenarioCalls,
  scenariosAround,
  worldCallOf,
} from '../../../src/gmem/scenarios/scenarios-around.js';

const world = parseScenario(
  `title: t
gfns: 8
frames: 12
actors:
  - name: vCPU0
    calls: [{ write: 0 }, { read: 0 }]
  - name: vCPU1
    calls: [{ write: 1 }]
  - name: host
    calls: [{ punch-hole: { gfn: 0, count: 2 } }, { convert: { gfn: 0, to: shared } }]
`,
  'world.yaml',
);

/** A scenario in one line: what each actor does. */
function told({ actors }: Scenario): string {
  return actors
    .map(({ name, calls }) => {
      const each = calls.map(({ spec }) => `${spec.call} ${spec.gfn}${'count' in spec ? `+${spec.count}` : ''}`);
      return `${name}: ${each.join(', ')}`;
    })
    .join('; ');
}

describe('scenariosAround', () => {
  const made = [
    {
      actor: 0,
      calls: [
        { call: 0, gfns: [2] },
        { call: 1, gfns: [5] },
        { call: 0, gfns: [5] },
      ],
    },
    { actor: 1, calls: [{ call: 0, gfns: [7] }] },
    { actor: 2, calls: [{ call: 0, gfns: [4, 5] }] },
  ];

  it('begins with the last calls on the broken gfns, and ends with all that is remembered', () => {
    const cuts = scenariosAround(world, made, [5]);
    expect(told(cuts[0].scenario)).toBe('vCPU0: write 1; host: punch-hole 0+2');
    expect(told(cuts[1].scenario)).toBe('vCPU0: write 1; vCPU1: write 2; host: punch-hole 0+2');
    expect(told(cuts.at(-1)!.scenario)).toBe('vCPU0: write 0, read 2, write 2; vCPU1: write 3; host: punch-hole 1+2');
  });

  it('leaves the pages of a world with memslots where they are', () => {
    const slots = [{ gfn: 0, pages: 8, index: 0 }];
    const [{ scenario }] = scenariosAround({ ...world, slots }, [{ actor: 1, calls: [{ call: 0, gfns: [1] }] }], [1]);
    expect(told(scenario)).toBe('vCPU1: write 1');
    expect([scenario.gfns, scenario.slots]).toEqual([8, slots]);
  });

  it('leaves a call at its place in the block where folios may be large, and a range as long as it was', () => {
    const large = { ...world, maxOrder: 1 };
    const [{ scenario }] = scenariosAround(
      large,
      [
        { actor: 1, calls: [worldCallOf(large, 1, { call: 0, identities: [3] })] },
        { actor: 2, calls: [worldCallOf(large, 2, { call: 0, identities: [3] })] },
      ],
      gfnsOfIdentities(large, [3]),
    );
    expect(told(scenario)).toBe('vCPU1: write 1; host: punch-hole 0+2');
    expect([scenario.gfns, scenario.frames]).toEqual([2, 4]);
  });

  it('keeps blocks apart that a live run had apart', () => {
    const large = { ...world, maxOrder: 1 };
    const drawn = [0, 1].map((actor) => ({
      actor,
      calls: [worldCallOf(large, actor, { call: 0, identities: [actor] })],
    }));
    const [{ scenario }] = scenariosAround(large, drawn, []);
    expect(told(scenario)).toBe('vCPU0: write 0; vCPU1: write 3');
  });

  it('gives each scenario once', () => {
    const texts = scenariosAround(world, made, [5]).map(({ scenario }) => JSON.stringify(scenario));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('keeps neighbours neighbours, and needs no more gfns than are used', () => {
    const [{ scenario }] = scenariosAround(world, made, [5]);
    expect(scenario.gfns).toBe(2);
    expect(scenario.frames).toBe(4);
    expect(scenario.attributes).toEqual(['private', 'private']);
  });

  it('lets the first conversion of a gfn be one', () => {
    const converts = [{ actor: 2, calls: [{ call: 1, gfns: [3] }] }];
    const shared = { ...world, attributes: world.attributes.map(() => 'shared' as const) };
    const cuts = scenariosAround(shared, converts, [3]);
    expect(cuts.map(({ scenario }) => scenario.attributes)).toEqual([['shared'], ['private']]);
    expect(cuts[1].what).toBe('the last call of each actor, as if converted before');
  });

  it('has nothing to cut where nobody made a call', () => {
    expect(scenariosAround(world, [{ actor: 0, calls: [] }], [])).toEqual([]);
  });

  it('drops what waits for other actors, and the gate', () => {
    const [{ scenario }] = scenariosAround({ ...world, gate: true }, made, [5]);
    expect(scenario.gate).toBe(false);
  });
});

describe('keepScenarioCalls', () => {
  it('leaves out calls, actors without calls, and gfns that nobody uses', () => {
    const kept = keepScenarioCalls(world, [[1], [], [0]]);
    expect(told(kept)).toBe('vCPU0: read 0; host: punch-hole 0+2');
    expect(kept.gfns).toBe(2);
  });

  it('of a cut is called as the cut', () => {
    const once = keepScenarioCalls(world, [[0], [0], [0]]);
    expect(keepScenarioCalls(once, [[0], [0], [0]]).name).toBe(once.name);
  });
});
