import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { gmem } from '../../../src/gmem/model.js';
import { builtinScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import { type Scenario, type ScenarioActor, scenarioBounds } from '../../../src/gmem/scenarios/scenario.js';
import { withVcpus } from '../../../src/gmem/scenarios/with-vcpus.js';
import { compileModel } from '../../../src/model/model.js';

const punch = builtinScenario('fault-vs-punch');
const populate = builtinScenario('populate-vs-fault');

const namesOf = ({ actors }: Scenario) => actors.map(({ name }) => name);
const specsOf = ({ calls }: ScenarioActor) => calls.map(({ spec }) => spec);

/** A log: the second vCPU comes after the first, the host after the second, the first's second call after the host. */
const ordered: Scenario = {
  ...punch,
  gfns: 1,
  actors: [
    {
      ...{ name: 'vCPU0', kind: 'vcpu' },
      calls: [
        { spec: { call: 'write', gfn: 0, as: 'private' } },
        { spec: { call: 'read', gfn: 0, as: 'private' }, after: [{ actor: 2, calls: 1 }] },
      ],
    },
    {
      ...{ name: 'vCPU1', kind: 'vcpu' },
      calls: [{ spec: { call: 'read', gfn: 0, as: 'private' }, after: [{ actor: 0, calls: 1 }] }],
    },
    {
      ...{ name: 'puncher', kind: 'host' },
      calls: [{ spec: { call: 'punch-hole', gfn: 0, count: 1 }, after: [{ actor: 1, calls: 1 }] }],
    },
  ],
};

/** Pairs "call a of the original comes before call b", both as `actor.call`, with what follows from the scripts. */
function orderOf({ actors }: Scenario): Set<string> {
  const before = (actor: number, call: number): string[] => {
    const own = call > 0 ? [[actor, call - 1]] : [];
    const others = (actors[actor].calls[call].after ?? []).map((each) => [each.actor, each.calls - 1]);
    return [...own, ...others].flatMap(([other, last]) => [`${other}.${last}`, ...before(other, last)]);
  };
  return new Set(
    actors.flatMap(({ calls }, actor) =>
      calls.flatMap((_, call) => before(actor, call).map((first) => `${first} < ${actor}.${call}`)),
    ),
  );
}

describe('withVcpus', () => {
  it.each(builtinScenarioNames.filter((name) => builtinScenario(name).actors.some(({ kind }) => kind === 'vcpu')))(
    'gives %s as many vCPUs as asked for, each with the calls of one of its own, and keeps the host actors',
    (name) => {
      const scenario = builtinScenario(name);
      const vcpus = scenario.actors.filter(({ kind }) => kind === 'vcpu');
      const hosts = scenario.actors.filter(({ kind }) => kind === 'host');
      for (const count of [1, 2, 3, 7]) {
        const { actors } = withVcpus(scenario, count);
        expect(actors.filter(({ kind }) => kind === 'host')).toEqual(hosts);
        expect(actors.filter(({ kind }) => kind === 'vcpu').map(specsOf)).toEqual(
          Array.from({ length: count }, (_, k) => specsOf(vcpus[k % vcpus.length])),
        );
        expect(new Set(namesOf({ ...scenario, actors })).size).toBe(actors.length);
      }
    },
  );

  it('returns the scenario itself when it has as many, and does not change it otherwise', () => {
    const before = structuredClone(punch);
    expect(withVcpus(punch, 1)).toBe(punch);
    withVcpus(punch, 3);
    expect(punch).toEqual(before);
  });

  it('puts the copies behind the last vCPU and counts their names on', () => {
    expect(namesOf(withVcpus(punch, 3))).toEqual(['vCPU0', 'vCPU1', 'vCPU2', 'puncher']);
    expect(namesOf(withVcpus(builtinScenario('fault-fault'), 3))).toEqual(['vCPU0', 'vCPU1', 'vCPU2']);
  });

  it('takes no name that another actor has', () => {
    const [vcpu, host] = punch.actors;
    const scenario = { ...punch, actors: [vcpu, { ...host, name: 'vCPU1' }] };
    expect(namesOf(withVcpus(scenario, 3))).toEqual(['vCPU0', 'vCPU2', 'vCPU3', 'vCPU1']);
  });

  it("the launch gate holds every copy back until the populater's last call, wherever it stands by then", async () => {
    const gated = withVcpus({ ...populate, gate: true }, 4);
    const { actors } = await compileModel(gmem(gated, 'v3-inplace'));
    const vcpus = actors.filter(({ name }) => name.startsWith('vCPU'));
    expect(vcpus).toHaveLength(4);
    const populater = actors.findIndex(({ name }) => name === 'populater');
    for (const { calls } of vcpus) expect(calls[0].after).toEqual([{ actor: populater, calls: 1 }]);
  });

  it('what waits for a vCPU waits for its copies too, and indices behind the copies move', () => {
    const { actors } = withVcpus(ordered, 4);
    expect(actors.map(({ name, calls }) => [name, calls.map(({ after }) => after)])).toEqual([
      ['vCPU0', [undefined, [{ actor: 4, calls: 1 }]]],
      [
        'vCPU1',
        [
          [
            { actor: 0, calls: 1 },
            { actor: 2, calls: 1 },
          ],
        ],
      ],
      ['vCPU2', [undefined, [{ actor: 4, calls: 1 }]]],
      [
        'vCPU3',
        [
          [
            { actor: 0, calls: 1 },
            { actor: 2, calls: 1 },
          ],
        ],
      ],
      [
        'puncher',
        [
          [
            { actor: 1, calls: 1 },
            { actor: 3, calls: 1 },
          ],
        ],
      ],
    ]);
  });

  it('what waited for a vCPU that is left out waits for what that one waited for', () => {
    const { actors } = withVcpus(ordered, 1);
    expect(actors.map(({ name, calls }) => [name, calls.map(({ after }) => after)])).toEqual([
      ['vCPU0', [undefined, [{ actor: 1, calls: 1 }]]],
      ['puncher', [[{ actor: 0, calls: 1 }]]],
    ]);
  });

  it('whatever the order of a log, the calls that are kept stay in it', () => {
    fc.assert(
      fc.property(logs, ({ scenario, kept }) => {
        const vcpus = scenario.actors.filter(({ kind }) => kind === 'vcpu').length;
        const count = 1 + (kept % vcpus);
        const left = scenario.actors.flatMap(({ kind }, actor) =>
          kind === 'host' || scenario.actors.slice(0, actor).filter((each) => each.kind === 'vcpu').length < count
            ? [actor]
            : [],
        );
        const rename = (pair: string) => {
          const [first, second] = pair.split(' < ').map((place) => place.split('.').map(Number));
          const [one, other] = [left.indexOf(first[0]), left.indexOf(second[0])];
          return one < 0 || other < 0 ? [] : [`${one}.${first[1]} < ${other}.${second[1]}`];
        };
        const expected = new Set([...orderOf(scenario)].flatMap(rename));
        expect(orderOf(withVcpus(scenario, count))).toEqual(expected);
      }),
    );
  });

  it.each([
    [punch, 0, 'faultline: --vcpus 0: vcpus is 0; allowed: a whole number from 1 to 255 in fault-vs-punch'],
    [punch, 256, 'faultline: --vcpus 256: vcpus is 256; allowed: a whole number from 1 to 255 in fault-vs-punch'],
    [
      builtinScenario('populate-vs-user-fault'),
      2,
      'faultline: --vcpus 2: populate-vs-user-fault has no vCPU that could be copied',
    ],
  ])('refuses what cannot be had: %#', (scenario, count, sentence) => {
    expect(() => withVcpus(scenario, count)).toThrow(new InputError(sentence));
  });

  it('takes as many as there is room for', () => {
    expect(withVcpus(punch, scenarioBounds.actors - 1).actors).toHaveLength(scenarioBounds.actors);
  });
});

/** Scenarios of 2 to 4 actors, the first a vCPU, whose calls wait for calls that come earlier in one order of all. */
const logs = fc
  .record({
    kinds: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
    calls: fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(), { maxLength: 2 })), { minLength: 1, maxLength: 9 }),
    kept: fc.nat(),
  })
  .map(({ kinds, calls, kept }) => {
    const actors = [true, ...kinds].map((isVcpu, index) => ({
      ...{ name: isVcpu ? `vCPU${index}` : `host${index}`, kind: isVcpu ? ('vcpu' as const) : ('host' as const) },
      calls: [] as { spec: ScenarioActor['calls'][number]['spec']; after?: { actor: number; calls: number }[] }[],
    }));
    for (const [who, waits] of calls) {
      const self = who % actors.length;
      const after = [...new Set(waits.map((wait) => wait % actors.length))]
        .filter((other) => other !== self && actors[other].calls.length > 0)
        .map((other) => ({ actor: other, calls: actors[other].calls.length }));
      const spec =
        actors[self].kind === 'vcpu'
          ? ({ call: 'read', gfn: 0, as: 'private' } as const)
          : ({ call: 'punch-hole', gfn: 0, count: 1 } as const);
      actors[self].calls.push(after.length === 0 ? { spec } : { spec, after });
    }
    return { scenario: { ...punch, actors } as Scenario, kept };
  });
