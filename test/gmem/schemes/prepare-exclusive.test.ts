import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });

describe('prepare-exclusive', () => {
  it('prepares with the invalidate lock held for write', async () => {
    const after = await play('prepare-exclusive', [write(0)]);
    expect(after.returned).toEqual([0]);
    expect(
      after.missing('down_write(invalidate_lock)', 'rmp_make_private($i)', 'up_write(invalidate_lock)'),
    ).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'private', rmp: 'assigned' });
  });

  it('makes faults on different pages wait for each other, which v3-inplace does not', async () => {
    const waits = async (scheme: string) => {
      const both = await stage(scheme, { vCPU0: [write(0)], vCPU1: [write(1)] }, { gfns: 2 });
      return !both.runTo('vCPU0', 'rmp_make_private($i)').run('vCPU1').isDone('vCPU1');
    };
    expect(await waits('prepare-exclusive')).toBe(true);
    expect(await waits('v3-inplace')).toBe(false);
  });
});
