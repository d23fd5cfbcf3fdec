import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type BuiltinScenarioName,
  builtinScenarioNames,
  usualScenarioNames,
} from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario, builtinScenarios } from '../../../src/gmem/scenarios/builtin-scenarios.js';

const folder = join(import.meta.dirname, '../../../src/gmem/scenarios');

/** An actor's calls in one line: `write 0 private, read 0 private`. */
function scripts(name: BuiltinScenarioName): Readonly<Record<string, string>> {
  const line = (spec: object) => Object.values(spec).join(' ');
  return Object.fromEntries(
    builtinScenario(name).actors.map((actor) => [actor.name, actor.calls.map(({ spec }) => line(spec)).join(', ')]),
  );
}

describe('the built-in scenarios', () => {
  it('are the YAML files of the folder', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    expect(files.map((file) => file.replace('.yaml', '')).sort()).toEqual([...builtinScenarioNames].sort());
  });

  it('are listed with a title each, all different', () => {
    const listed = builtinScenarios();
    expect(listed.map(({ name }) => name)).toEqual(builtinScenarioNames);
    expect(new Set(listed.map(({ title }) => title)).size).toBe(builtinScenarioNames.length);
  });
});

describe.each(builtinScenarioNames)('%s', (name) => {
  it('goes by the name of its file', () => {
    expect(builtinScenario(name).name).toBe(name);
  });

  it('is small enough to be searched exhaustively: up to 4 actors, up to 4 gfns, up to 9 calls', () => {
    const { actors, gfns } = builtinScenario(name);
    const calls = actors.reduce((sum, actor) => sum + actor.calls.length, 0);
    expect([1, 2, 3, 4]).toContain(actors.length);
    expect([1, 2, 4]).toContain(gfns);
    expect(calls).toBeLessThanOrEqual(9);
  });

  it('says in a comment which races live in it', () => {
    const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
    expect(text).toMatch(/^# .*\n#\n# (R\d+ |"[A-Z]|The (race|case) )/);
  });
});

describe('what each scenario is for', () => {
  it('fault-fault: two vCPUs write, then read, one gfn', () => {
    const script = 'write 0 private, read 0 private';
    expect(scripts('fault-fault')).toEqual({ vCPU0: script, vCPU1: script });
  });

  it('neighbours: both vCPUs touch both gfns, in opposite order', () => {
    expect(scripts('neighbours')).toEqual({
      vCPU0: 'write 0 private, write 1 private',
      vCPU1: 'write 1 private, write 0 private',
    });
  });

  it('fault-vs-punch: the vCPU can fault again after the punch', () => {
    expect(scripts('fault-vs-punch')).toEqual({
      vCPU0: 'write 0 private, read 0 private',
      puncher: 'allocate 0 1, punch-hole 0 1',
    });
  });

  it('convert-there-and-back: no host access', () => {
    expect(scripts('convert-there-and-back')).toEqual({
      vCPU0: 'write 0 private, read 0 private',
      converter: 'convert 0 1 shared, convert 0 1 private',
    });
  });

  it('fault-vs-convert: the host writes after its conversion', () => {
    expect(scripts('fault-vs-convert')).toEqual({
      vCPU0: 'write 0 private, read 0 private',
      converter: 'convert 0 1 shared, host-write 0',
    });
  });

  it('populate-vs-fault: the gate is off', () => {
    expect(scripts('populate-vs-fault')).toEqual({ vCPU0: 'write 0 private', populater: 'populate 0 1' });
    expect(builtinScenario('populate-vs-fault').gate).toBe(false);
  });

  it('populate-vs-user-fault: the user faults a shared page, a third actor unmaps it', () => {
    expect(scripts('populate-vs-user-fault')).toEqual({
      populater: 'populate 0 1',
      toucher: 'host-write 1',
      unmapper: 'munmap 1',
    });
    expect(builtinScenario('populate-vs-user-fault').attributes).toEqual(['private', 'shared']);
  });

  it('hook-fails: each vCPU can try again', () => {
    const script = 'write 0 private, read 0 private';
    expect(scripts('hook-fails')).toEqual({ vCPU0: script, vCPU1: script });
    expect(builtinScenario('hook-fails').hookFails).toBe(true);
  });

  it('user-fault-vs-convert: mapped and pinned while shared, accessed as private', () => {
    expect(scripts('user-fault-vs-convert')).toEqual({
      vCPU0: 'write 0 private, read 0 private',
      toucher: 'host-write 0, pin 0, unpin 0, pin 0, unpin 0',
      converter: 'user-fault 0, convert 0 1 private',
    });
    expect(builtinScenario('user-fault-vs-convert').attributes).toEqual(['shared']);
  });

  it('memory-failure-alone: nobody else is there', () => {
    expect(scripts('memory-failure-alone')).toEqual({ failer: 'allocate 0 1, memory-failure 0' });
  });

  it('fault-vs-memory-failure, user-fault-vs-memory-failure: one who faults twice, and the failure', () => {
    expect(scripts('fault-vs-memory-failure')).toEqual({
      vCPU0: 'write 0 private, read 0 private',
      failer: 'memory-failure 0',
    });
    expect(scripts('user-fault-vs-memory-failure')).toEqual({
      toucher: 'host-write 0, host-write 0',
      failer: 'memory-failure 0',
    });
  });

  it('memory-failure-vs-punch: the page is allocated anew', () => {
    expect(scripts('memory-failure-vs-punch')).toEqual({
      failer: 'allocate 0 1, memory-failure 0',
      puncher: 'punch-hole 0 1, allocate 0 1',
    });
  });

  it('no-direct-map: the vCPU can try again, and the frame is freed', () => {
    expect(scripts('no-direct-map')).toEqual({
      vCPU0: 'write 0 private, write 0 private',
      puncher: 'punch-hole 0 1',
    });
  });

  it('pwrite-without-direct-map, populate-without-direct-map: the kernel copies where somebody has faulted', () => {
    expect(scripts('pwrite-without-direct-map')).toEqual({ vCPU0: 'write 0 shared', writer: 'pwrite 0' });
    expect(scripts('populate-without-direct-map')).toEqual({
      launcher: 'user-fault 0, convert 0 1 private, populate 0 1',
    });
  });

  it('uffd-copy-vs-fault, uffd-continue, uffd-vs-convert, uffd-vs-punch: the handler of a userfaultfd', () => {
    expect(scripts('uffd-copy-vs-fault')).toEqual({ vCPU0: 'read 0 shared, write 0 shared', handler: 'uffd-copy 0' });
    expect(scripts('uffd-continue')).toEqual({
      vCPU0: 'write 0 shared',
      handler: 'allocate 0 1, uffd-continue 0, host-read 0',
    });
    expect(scripts('uffd-vs-convert')).toEqual({
      vCPU0: 'write 0 private',
      handler: 'uffd-copy 0, uffd-continue 0',
      converter: 'convert 0 1 private',
    });
    expect(scripts('uffd-vs-punch')).toEqual({
      handler: 'uffd-copy 0, uffd-continue 0, host-read 0',
      puncher: 'punch-hole 0 1',
    });
  });

  it('pwrite-vs-fault, pwrite-vs-convert: no lock but that of the folio', () => {
    expect(scripts('pwrite-vs-fault')).toEqual({ vCPU0: 'write 0 shared, read 0 shared', writer: 'pwrite 0' });
    expect(scripts('pwrite-vs-convert')).toEqual({
      vCPU0: 'write 0 private, read 0 private',
      writer: 'pwrite 0',
      converter: 'convert 0 1 private',
    });
  });

  it('launch-in-place: written while shared, measured while private', () => {
    expect(scripts('launch-in-place')).toEqual({
      vCPU0: 'read 0 private',
      launcher: 'host-write 0, convert 0 1 private, populate-in-place 0 1',
      writer: 'pwrite 0',
    });
    expect(builtinScenario('launch-in-place').attributes).toEqual(['shared']);
  });

  it('no-memory: one allocation', () => {
    expect(scripts('no-memory')).toEqual({ allocator: 'allocate 0 1' });
  });

  it('four scenarios are of files whose pages leave the direct map', () => {
    const names = builtinScenarioNames.filter((name) => builtinScenario(name).noDirectMap === true);
    const small = ['no-direct-map', 'pwrite-without-direct-map', 'populate-without-direct-map'];
    expect(names).toEqual([...small, 'huge-no-direct-map']);
  });

  it('only hook-fails lets the hook fail, and only populate-vs-fault opens the gate', () => {
    const where = (test: (name: BuiltinScenarioName) => boolean) => usualScenarioNames.filter(test);
    expect(where((name) => builtinScenario(name).hookFails)).toEqual(['hook-fails']);
    expect(where((name) => !builtinScenario(name).gate)).toEqual(['populate-vs-fault']);
    expect(where((name) => builtinScenario(name).allocationFails)).toEqual([]);
    expect(where((name) => builtinScenario(name).arch !== 'snp')).toEqual([]);
    expect(where((name) => builtinScenario(name).conversion !== 'in-place')).toEqual([]);
  });
});
