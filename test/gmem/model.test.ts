import { describe, expect, it } from 'vitest';
import { callKindOf } from '../../src/gmem/calls/registry.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import type { CallSpec } from '../../src/gmem/scenarios/scenario.js';
import { compileModel } from '../../src/model/model.js';
import { stage } from './stage.js';

describe('the guest_memfd model', () => {
  it.each(builtinScenarioNames)('has the actors of %s, and names their calls', async (name) => {
    const scenario = builtinScenario(name);
    const { actors } = await compileModel(gmem(scenario, 'v2-hook-every-fault'));
    const written = actors.slice(0, scenario.actors.length);
    expect(written.map((actor) => actor.name)).toEqual(scenario.actors.map((actor) => actor.name));
    expect(written.map(({ calls }) => calls.length)).toEqual(scenario.actors.map(({ calls }) => calls.length));
    for (const [actor, { calls }] of written.entries()) {
      for (const [place, call] of calls.entries()) {
        const { pages } = callKindOf(scenario.actors[actor].calls[place].spec.call);
        expect(call.name).toMatch(pages === 'none' ? /^[a-z]/ : /^[a-zA-Z -]+ (?:gfns?|index|indexes) [\d-]+/);
      }
    }
    // The kernel's own work comes behind them.
    for (const { name: own } of actors.slice(written.length)) expect(own).toMatch(/^(?:\w+\.)?[a-z_]+$/);
  });

  it('travels to a worker thread: its parameters are plain', () => {
    const { parameters, source } = gmem(builtinScenario('hook-fails'), 'v3-inplace+no-seq-check');
    expect(structuredClone(parameters)).toEqual(parameters);
    expect(JSON.parse(JSON.stringify(parameters))).toEqual(parameters);
    expect(source).toMatch(/gmem\/model\.[tj]s$/);
  });

  it('shares the local states of a call among actors and gfns', async () => {
    const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });
    const both = await stage('v2-hook-every-fault', { vCPU0: [write(0)], vCPU1: [write(1)] }, { gfns: 2 });
    both.run('vCPU0');
    const nodes = both.program.automaton.size;
    both.run('vCPU1');
    expect(both.returned).toEqual([0, 0]);
    expect(both.program.automaton.size).toBe(nodes);
  });

  it('starts a call only after the calls that had ended before it', async () => {
    const { name, ...scenario } = builtinScenario('fault-fault');
    const [first, second] = scenario.actors;
    const ordered = { ...second, calls: second.calls.map((call) => ({ ...call, after: [{ actor: 0, calls: 1 }] })) };
    const program = await compileModel(gmem({ ...scenario, name, actors: [first, ordered] }, 'v2-hook-every-fault'));
    expect(program.actors[1].calls.map(({ after }) => after)).toEqual([
      [{ actor: 0, calls: 1 }],
      [{ actor: 0, calls: 1 }],
    ]);
  });

  it('has room for the refs of its longest call', async () => {
    const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 10 };
    const convert: CallSpec = { call: 'convert', gfn: 0, count: 10, to: 'shared' };
    const populate: CallSpec = { call: 'populate', gfn: 0, count: 10 };
    for (const scheme of [
      'bitmap-nolock+plain-bitmap-word',
      'cmpxchg-tristate',
      'v3-inplace+refcount-accepts-mapcount',
    ]) {
      const alone = await stage(
        scheme,
        { host: [populate, convert, { ...convert, to: 'private' }, punch] },
        { gfns: 10 },
      );
      alone.run('host');
      expect(alone.returned).toEqual([10, 0, 0, 0]);
    }
  });
});
