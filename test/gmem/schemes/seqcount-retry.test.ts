import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const scheme = 'seqcount-retry';
const HOOK = 'rmp_make_private($i)';
const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

describe('seqcount-retry', () => {
  it('clears under the folio lock and prepares outside', async () => {
    const after = await play(scheme, [write]);
    expect(after.returned).toEqual([0]);
    expect(after.missing('clear_highpage($i)', 'folio_unlock($i)', HOOK)).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'private', rmp: 'assigned', uptodate: 'set' });
  });

  it('calls no hook for a fault that an invalidation has overtaken', async () => {
    const both = await stage(scheme, { vCPU0: [write], puncher: [punch] });
    both.runThrough('vCPU0', 'folio_unlock($i)').run('puncher');
    expect(both.times(HOOK)).toBe(0);
    both.run('vCPU0').run('vCPU0');
    expect(both.violation).toBeUndefined();
    expect(both.returned).toEqual([0, 0]);
    expect(both.times(HOOK)).toBe(1);
  });

  it('does not undo the hook of a fault that is overtaken after the check', async () => {
    const both = await stage(scheme, { vCPU0: [write], puncher: [punch] });
    both.runTo('vCPU0', HOOK).run('puncher').run('vCPU0');
    expect(both.violation).toBe('free-while-assigned');
  });
});
