/** Whom an RMP entry names: what the hook gives, and what becomes of a page that is given elsewhere (R54) or to another guest (R83). */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const V2 = 'v2-hook-every-fault+clear-whole-folio';
const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });

describe('a page of 4K', () => {
  it('is given to the gfn that its slot has for it, and that may lie below its index', async () => {
    const world = { gfns: 4, frames: 6, slots: [{ gfn: 1, pages: 1, index: 3 }] };
    const after = await play(V2, [write(1)], world);
    expect([after.violation, after.cell('rmp_shift')]).toEqual([undefined, -2]);
  });

  it('names no gfn where there are no memslots', async () => {
    const { program } = await play(V2, [write(0)]);
    expect(program.layout.regions.filter(({ name }) => name === 'rmp_shift')).toEqual([]);
  });
});

describe('a folio of which a slot shows the upper half', () => {
  const aligned = { gfns: 2, maxOrder: 1, frames: 4, slots: [{ gfn: 3, pages: 1, index: 1 }] };
  const odd = { ...aligned, slots: [{ gfn: 2, pages: 1, index: 1 }] };

  it('is mapped a page at a time', async () => {
    const after = await play(V2, [write(3)], aligned);
    expect([after.violation, after.cell('private_leaf_order')]).toEqual([undefined, 0]);
  });

  it('is assigned as a whole all the same, to gfns below the slot', async () => {
    const after = await play(V2, [write(3)], aligned);
    expect([after.folio(0).rmp, after.cell('rmp_shift', 0)]).toEqual(['assigned', 2]);
  });

  it('is assigned by the page where the hook is asked for what can be mapped', async () => {
    const after = await play(`${V2}+prepare-exact`, [write(3)], aligned);
    expect([after.folio(0).rmp, after.folio(1).rmp]).toEqual(['unassigned', 'assigned']);
  });

  it('goes to other gfns where these lie otherwise in their blocks', async () => {
    const after = await play(V2, [write(2)], odd);
    expect([after.violation, after.cell('rmp_shift', 1)]).toEqual(['unprepared-map', 0]);
  });
});

describe('a hook that compares the gfn', () => {
  const world = {
    ...{ gfns: 2, maxOrder: 1, frames: 4 },
    slots: [
      { gfn: 1, pages: 1, index: 1 },
      { gfn: 2, pages: 1, index: 0 },
    ],
  };

  it('returns an error for a page that is given elsewhere', async () => {
    const after = await play(`${V2}+compare-gpa`, [write(1), write(2)], world);
    expect([after.violation, after.returned]).toEqual([undefined, [0, -22]]);
  });

  it('lets the one pass to whom it is given', async () => {
    const after = await play(`${V2}+compare-gpa`, [write(1), write(1)], world);
    expect(after.returned).toEqual([0, 0]);
  });
});

describe('a page of an inode that two VMs have files of', () => {
  const linked = {
    files: [
      { vm: 0, inode: 0 },
      { vm: 1, inode: 0 },
    ],
    fileOf: { other: 1 },
  };
  const both = { vCPU0: [write(0)], other: [write(0)] };

  it('names the guest that it was given to, and nobody once it is taken back', async () => {
    const world = await stage(
      'v2-hook-every-fault',
      { other: [write(0)], host: [{ call: 'punch-hole', gfn: 0, count: 1 }] },
      linked,
    );
    expect(world.call('other').cell('rmp_asid')).toBe(2);
    expect(world.call('host').cell('rmp_asid')).toBe(0);
  });

  it('breaks something where the other guest maps it', async () => {
    const world = await stage('v2-hook-every-fault', both, linked);
    expect(world.call('vCPU0').call('other').violation).toBe('unprepared-map');
  });

  it('is an error of the other guest where the hook compares its owner', async () => {
    const world = await stage('v2-hook-every-fault+compare-owner', both, linked);
    world.call('vCPU0').call('other');
    expect([world.violation, world.returned]).toEqual([undefined, [0, -22]]);
  });

  it('that each tracks by itself is cleared under its owner', async () => {
    const world = await stage('bitmap-nolock+prepared-by-vm', both, linked);
    expect(world.call('vCPU0').call('other').violation).toBe('host-rmp-fault');
  });

  it('names no guest where each has an inode of its own', async () => {
    const files = [linked.files[0], { vm: 1, inode: 1 }];
    const { program } = await stage('v2-hook-every-fault', both, { ...linked, files, frames: 4 });
    expect(program.layout.regions.filter(({ name }) => name === 'rmp_asid')).toEqual([]);
  });
});
