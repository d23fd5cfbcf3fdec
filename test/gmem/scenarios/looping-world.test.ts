import { expect, it } from 'vitest';
import { usualScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { loadScenario } from '../../../src/gmem/scenarios/load-scenario.js';
import { loopingWorld } from '../../../src/gmem/scenarios/looping-world.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';

function parsed(text: string) {
  return parseScenario(text, 'world.yaml');
}

it('built-in scenarios keep all their calls', () => {
  for (const name of usualScenarioNames) {
    const scenario = loadScenario(name);
    const world = loopingWorld(scenario);
    expect(world.notes).toEqual([]);
    expect(world.scenario.actors).toEqual(scenario.actors);
  }
});

it('behind the launch gate populate is over before vCPUs run', () => {
  const scenario = parsed(`title: t
gfns: 1
actors:
  - name: vCPU0
    calls: [{ write: 0 }]
  - name: loader
    calls: [{ populate: 0 }, { punch-hole: 0 }]
  - name: launcher
    calls: [{ populate: 0 }]
`);
  const { scenario: world, notes } = loopingWorld(scenario);
  expect(world.actors.map(({ name, calls }) => [name, calls.map(({ spec }) => spec.call)])).toEqual([
    ['vCPU0', ['write']],
    ['loader', ['punch-hole']],
  ]);
  expect(notes).toEqual(['The launch gate is on, and vCPUs loop: 2 populate calls are left out.']);
});

it('without the gate populate comes round again and again', () => {
  const scenario = loadScenario('populate-vs-fault');
  expect(loopingWorld(scenario)).toEqual({ scenario, notes: [] });
});
