/** A second VM that is given the memory of the first: what it needs before it can use it, and what it holds. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EBADF, EEXIST, EFAULT } from '../../../src/gmem/errno.js';
import { reachedNodes } from '../../../src/gmem/world/file-list.js';
import { type Stage, stage } from '../stage.js';

const of = (call: 'link' | 'bind' | 'close'): CallSpec => ({ call, gfn: 0 });
const read: CallSpec = { call: 'read', gfn: 0, as: 'shared' };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

function linked(actors: Readonly<Record<string, readonly CallSpec[]>>): Promise<Stage> {
  const files = [0, 1].map((vm) => ({ vm, inode: 0 }));
  const fileOf = { second: 1, vCPU1: 1 };
  return stage('v3-inplace', actors, { arch: 'none', attribute: 'shared', files, fileOf });
}

describe('a VM that is linked', () => {
  it('has a descriptor first, then memslots, and then memory', async () => {
    const world = await linked({ second: [of('bind'), of('link'), of('bind')], vCPU1: [read, read, read] });
    for (const who of ['second', 'vCPU1', 'second', 'vCPU1', 'second', 'vCPU1']) world.call(who);
    expect([world.violation, world.returned]).toEqual([undefined, [-EBADF, -EFAULT, 0, -EFAULT, 0, 0]]);
  });

  it('is linked once, and not to a file that is closed', async () => {
    const twice = await linked({ second: [of('link'), of('link')] });
    expect(twice.call('second').call('second').returned).toEqual([0, -EEXIST]);
    const late = await linked({ first: [of('close')], second: [of('link')] });
    expect(late.call('first').call('second').returned).toEqual([0, -EBADF]);
  });

  it('keeps the memory when the first VM has closed its file, and is told of a hole', async () => {
    const world = await linked({ first: [of('close')], second: [of('link'), of('bind'), punch], vCPU1: [read] });
    world.call('second').call('second').call('vCPU1').call('first');
    expect([world.folio(0).presence, world.cell('i_count')]).toEqual(['cached', 1]);
    world.call('second');
    expect([world.violation, world.folio(0).presence]).toEqual([undefined, 'free']);
  });
});

describe('who goes along a list', () => {
  it('comes to what it leads to, and stops where it goes round', () => {
    expect([...reachedNodes([2, 0, 1, 0])]).toEqual([2, 1]);
    expect([...reachedNodes([1, 1])]).toEqual([1]);
  });
});
