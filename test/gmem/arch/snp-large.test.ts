/** SEV-SNP's 2M entries: when there is one, what splits it, and what a split that fails leads to. */
import { describe, expect, it } from 'vitest';
import { gmem } from '../../../src/gmem/model.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { verify } from '../../../src/verify/verify.js';
import { play, stage } from '../stage.js';

const V2 = 'v2-hook-every-fault+clear-whole-folio';
const V3b = 'v3-inplace+clear-whole-folio';
const LARGE = { gfns: 2, maxOrder: 1 };
const write = (gfn = 0): CallSpec => ({ call: 'write', gfn, as: 'private' });
const read = (gfn = 0, as: 'private' | 'shared' = 'private'): CallSpec => ({ call: 'read', gfn, as });
const validate = (gfn = 0): CallSpec => ({ call: 'validate', gfn });
const punch = (gfn = 0, count = 2): CallSpec => ({ call: 'punch-hole', gfn, count });
const share = (gfn = 0): CallSpec => ({ call: 'convert', gfn, count: 1, to: 'shared' });

describe('the hook', () => {
  it('assigns a block that nobody has a page of by one 2M entry', async () => {
    const after = await play(V2, [write(1)], LARGE);
    expect(after.cell('rmp_2m')).toBe(1);
    expect([after.folio(0).rmp, after.folio(1).rmp]).toEqual(['assigned', 'assigned']);
    expect(after.times('rmp_make_private($i, 2M)')).toBe(1);
    expect(after.cell('private_leaf_order')).toBe(1);
  });

  it('gives a page a 4K entry in a block of which another page is assigned', async () => {
    const calls: CallSpec[] = [{ call: 'populate', gfn: 1, count: 1 }, read(0)];
    const after = await play(V3b, calls, LARGE);
    expect(after.cell('rmp_2m')).toBe(0);
    expect([after.folio(0).rmp, after.folio(1).rmp]).toEqual(['assigned', 'assigned']);
    expect(after.cell('private_leaf_order')).toBe(0);
  });

  it('is asked about the first page of the folio, and does nothing for the page of the fault once that is assigned', async () => {
    const calls: CallSpec[] = [{ call: 'populate', gfn: 0, count: 1 }, read(1)];
    const after = await play(V3b, calls, LARGE);
    expect(after.violation).toBe('unprepared-map');
    expect(after.folio(1).rmp).toBe('unassigned');
  });

  it.each(['prepare-page', 'prepare-every-page'])(
    'asked otherwise assigns the page of the fault: %s',
    async (variant) => {
      const calls: CallSpec[] = [{ call: 'populate', gfn: 0, count: 1 }, read(1)];
      const after = await play(`${V3b}+${variant}`, calls, LARGE);
      expect(after.violation).toBeUndefined();
      expect(after.folio(1)).toMatchObject({ rmp: 'assigned', guest: 'private' });
      expect(after.cell('rmp_2m')).toBe(0);
    },
  );

  it('asked about every page makes one 2M entry where it can', async () => {
    const after = await play(`${V2}+prepare-every-page`, [write(1)], LARGE);
    expect(after.cell('rmp_2m')).toBe(1);
  });
});

describe('a block that goes back', () => {
  it('goes by one RMPUPDATE as long as it has one entry', async () => {
    const after = await play(V2, [write(), punch()], LARGE);
    expect(after.times('rmp_make_shared($i, 2M)')).toBe(1);
    expect(after.cell('rmp_2m')).toBe(0);
    expect([after.folio(0).presence, after.folio(1).presence]).toEqual(['free', 'free']);
  });

  it('goes page by page once the entry was split', async () => {
    const after = await play(V2, [write(), validate(), punch()], LARGE);
    expect(after.times('rmp_make_shared($i, 2M)')).toBe(0);
    expect(after.times('rmp_make_shared($i)')).toBe(2);
    expect([after.folio(0).rmp, after.folio(1).rmp]).toEqual(['unassigned', 'unassigned']);
  });
});

describe('a page of a 2M entry that becomes shared', () => {
  it('is split off first, and leaves its neighbour assigned', async () => {
    const after = await play(V3b, [write(), share()], LARGE);
    expect(after.returned).toEqual([0, 0]);
    expect(after.missing('psmash($i)', 'adjust_direct_map($i)', 'rmp_make_shared($i)')).toBeUndefined();
    expect([after.folio(0).rmp, after.folio(1).rmp]).toEqual(['unassigned', 'assigned']);
    expect(after.cell('rmp_2m')).toBe(0);
  });

  it('never goes back where PSMASH fails: RMPUPDATE is tried again and again, with the invalidate lock held', async () => {
    const world = { ...LARGE, psmashFails: true as const, choices: [1] };
    const set = await stage(V3b, { vCPU0: [write()], host: [share()] }, world);
    set.call('vCPU0');
    for (let round = 0; round < 5; round++) set.run('host');
    expect(set.times('RMPUPDATE($i) == FAIL_OVERLAP')).toBeGreaterThan(3);
    expect(set.times('rmp_make_shared($i)')).toBe(0);
    expect(set.isDone('host')).toBe(false);
    expect(set.folio(0).rmp).toBe('assigned');
    expect(set.locksHeld).toContain('invalidate_lock');
  });

  it('goes back once somebody else has split the entry', async () => {
    // The first PSMASH is the conversion's and fails; that of the handler does not.
    const world = { ...LARGE, psmashFails: true as const, choices: [1, 0] };
    const set = await stage(V2, { vCPU0: [write()], vCPU1: [validate(1)], host: [share()] }, world);
    set.call('vCPU0').run('host');
    expect(set.isDone('host')).toBe(false);
    set.run('vCPU1');
    for (let round = 0; round < 5 && set.cell('rmp_2m') === 1; round++) set.run('vCPU1');
    expect(set.cell('rmp_2m')).toBe(0);
    set.run('host');
    expect(set.isDone('host')).toBe(true);
    expect(set.folio(0).rmp).toBe('unassigned');
  });
});

describe('an RMPUPDATE of a whole 2M entry on the way back', () => {
  const scenario = parseScenario(
    `
title: a large folio is punched while a vCPU uses it
maxOrder: 1
gfns: 2
unassignFails: true
actors:
  - name: vCPU0
    calls:
      - write: 1
  - name: puncher
    calls:
      - punch-hole: { gfn: 0, count: 2 }
`,
    'fails.yaml',
  );
  const options = { all: true, coverage: false, workers: 1 };

  it('may fail, and the frames are freed assigned', async () => {
    const { findings } = await verify(gmem(scenario, 'v1-uptodate-prepared'), options);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['free-while-assigned']));
  });

  it('that fails leaks the folio where the scheme does so', async () => {
    const { verdict } = await verify(gmem(scenario, 'v1-uptodate-prepared+leak-unreclaimed'), options);
    expect(verdict).toBe('verified');
  });
});
