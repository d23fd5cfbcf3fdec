/**
 * Traces that the script of `conform --probes` recorded on Debian's own kernels: 7.3.4 and 7.2.12, under software emulation
 * (scripts/record). And the same traces as if fewer probes had been there: what is not recorded is never a reason to refuse.
 */
import { describe, expect, it } from 'vitest';
import { conformTrace } from '../../../src/gmem/ftrace/conform-trace.js';
import { v2HookEveryFault as scheme } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { type FixtureName, logOf, traceOf, without } from './fixture-traces.js';

describe('a recording of all probes', () => {
  it.each<FixtureName>(['f2', 'f4'])('%s is explained, with every access of its log', async (name) => {
    const report = await conformTrace(traceOf(name), { scheme, ...logOf(name) });
    expect(report).toMatchObject({ verdict: 'explained', kernel: '7.3.4+deb13-amd64', lost: 0 });
    expect(report.explained).toBe(report.events);
    expect(report.accesses?.explained).toBe(report.accesses?.of);
  });

  it('in which a page comes back behind the truncation that has removed it is explained', async () => {
    expect((await conformTrace(traceOf('t2'), { scheme })).verdict).toBe('explained');
  });

  it('with a memslot that is deleted and made again is undecided, and says so', async () => {
    const { verdict, because, explained } = await conformTrace(traceOf('r2'), { scheme });
    expect(verdict).toBe('undecided');
    expect(because).toBe('SPTEs are zapped by a call that is not recorded, as where a memslot is deleted');
    expect(explained).toBeGreaterThan(1000);
  });
});

/** Both ends of a function. */
const both = (...names: readonly string[]) => names.flatMap((name) => [`${name}_in`, `${name}_out`]);

describe('without some of its probes', () => {
  // Each of these was refused once.
  it.each<[string, FixtureName, readonly string[]]>([
    ['entries of page tables', 'f2', ['kvm_tdp_mmu_spte_changed', 'kvm_mmu_set_spte']],
    ['the frames of faults, and of the guest', 'f2', [...both('pf', 'get_folio'), 'kvm_entry', 'kvm_exit']],
    ['where fallocate begins', 'f2', [...both('fallocate'), 'sys_fallocate']],
    [
      'all of fallocate',
      'f2',
      [
        ...both('fallocate', 'ginv_start', 'unmap', 'inv_end', 'trunc', 'findlock'),
        'inv_start_out',
        'free_folio',
        'sys_fallocate',
      ],
    ],
    ['the end of fallocate', 'f2', both('fallocate')],
    ['user faults', 'f4', both('ufault')],
    ['all of user mappings', 'f4', [...both('ufault'), 'unmap_mapping_folio', 'kvm_unmap_hva_range']],
  ])('%s: not refused', async (_, name, events) => {
    const report = await conformTrace(without(traceOf(name), ...events), {
      scheme,
      ...logOf(name),
      maxStates: 300,
    });
    expect(report.verdict, JSON.stringify(report.refusal)).not.toBe('refused');
  });

  it.each<[FixtureName, number]>([
    ['d2', 2986],
    ['i3', 1741],
    ['f2', 2627],
  ])('nor without its beginning: %s from line %i on', async (name, from) => {
    const trace = traceOf(name);
    const { verdict, because } = await conformTrace({ ...trace, lines: trace.lines.slice(from) }, { scheme });
    expect({ verdict, because }).toEqual({
      verdict: 'undecided',
      because: 'the VM or the file was in use before the recording begins',
    });
  });

  it('and with none of functions: not refused', async () => {
    const trace = traceOf('f4');
    const lines = trace.lines.filter(({ event }) => /^(kvm_|sys_|mm_filemap_)/.test(event));
    const { verdict } = await conformTrace({ ...trace, lines }, { scheme, maxStates: 300 });
    expect(verdict).not.toBe('refused');
  });
});
