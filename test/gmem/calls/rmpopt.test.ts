/** RMPOPT: how often memory is scanned, and what the bit of a GB says meanwhile. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EBUSY } from '../../../src/gmem/errno.js';
import { gmem } from '../../../src/gmem/model.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import { compileModel } from '../../../src/model/model.js';
import { play, Stage } from '../stage.js';

const populate: CallSpec = { call: 'populate', gfn: 0, count: 1 };
const close: CallSpec = { call: 'close', gfn: 0 };
const closeVm: CallSpec = { call: 'close-vm', gfn: 0 };
const shutDown: CallSpec = { call: 'snp-shutdown', gfn: 0 };
const oneGb = { frames: 2, rmpoptFrames: 2 } as const;

/** How many scans two VMs make that end one after the other, all within one delay. */
async function scansOfTwoVms(variant: string): Promise<number> {
  const program = await compileModel(gmem(builtinScenario('rmpopt-two-vms'), `v3-inplace+${variant}`));
  const played = new Stage(program, []);
  for (const actor of ['VMM0', 'VMM1']) played.call(actor);
  for (const actor of ['VMM0', 'VMM1']) played.run(actor);
  const others = program.actors.map(({ name }) => name).filter((name) => !name.startsWith('VMM'));
  for (const actor of others) played.run(actor);
  expect(played.violation).toBeUndefined();
  expect(played.cell('rmpopt')).toBe(1);
  return played.times('RMPOPT(GB 0)');
}

describe('a scan of all memory', () => {
  it.each(['optimize-in-free-inode', 'optimize-in-destroy-inode'])(
    'is made for each inode with %s',
    async (variant) => {
      expect(await scansOfTwoVms(variant)).toBe(2);
    },
  );

  it.each(['optimize-by-work', 'optimize-by-queued-work'])('is made once for both with %s', async (variant) => {
    expect(await scansOfTwoVms(variant)).toBe(1);
  });

  it('is made once by who counts the free pages of a GB', async () => {
    expect(await scansOfTwoVms('optimize-full-range')).toBe(1);
  });
});

describe('the bit of a GB', () => {
  it('goes with the first page that is assigned, and RMPOPT leaves it as it is while there is one', async () => {
    const played = await play('v3-inplace+optimize-in-evict-inode', [populate, close], oneGb);
    expect([played.times('RMPOPT(GB 0)'), played.cell('rmpopt'), played.cell('rmp_assigned')]).toEqual([1, 0, 0]);
  });
});

describe('the shutdown of SNP', () => {
  it('is refused while a guest is there', async () => {
    expect((await play('v3-inplace', [populate, shutDown], oneGb)).returned).toEqual([1, -EBUSY]);
  });

  it('cancels the work, and whoever asks for SNP afterwards finds none', async () => {
    const calls = [populate, closeVm, close, shutDown];
    const played = await play('v3-inplace+optimize-by-work', calls, oneGb);
    expect([played.returned, played.cell('rmpopt_work.timer'), played.cell('CC_ATTR_HOST_SEV_SNP')]).toEqual([
      [1, 0, 0, 0],
      0,
      0,
    ]);
    expect(played.run('rmpopt_work').times('RMPOPT(GB 0)')).toBe(0);
  });
});
