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

  it('with a memslot that is deleted and made again is explained', async () => {
    const { verdict, explained, events } = await conformTrace(traceOf('r2'), { scheme });
    expect(verdict).toBe('explained');
    expect(explained).toBe(events);
  });
});

describe('a recording with a memslot that is deleted and made again', () => {
  /** The recording with a line that says something else. */
  const told = (pattern: RegExp, text: string) => {
    const trace = traceOf('r2');
    const at = trace.lines.findIndex((line) => pattern.test(`${line.event} ${line.text}`));
    expect(at).toBeGreaterThan(0);
    return { ...trace, lines: trace.lines.map((line, place) => (place === at ? { ...line, text } : line)) };
  };

  it('is refused where a root that is taken apart has another page', async () => {
    const leaf = /^kvm_tdp_mmu_spte_changed as id 0 gfn 10002 level 1 old_spte bf64e67 new_spte 8000000000000000/;
    const report = await conformTrace(
      told(leaf, 'as id 0 gfn 10002 level 1 old_spte bf68e67 new_spte 8000000000000000'),
      { scheme },
    );
    expect(report.verdict).toBe('refused');
    expect(report.refusal?.event.text).toContain('gfn 10002');
  });

  it('is refused where a fault finds no memslot though there is one', async () => {
    const { lines } = traceOf('r2');
    const first = lines.find(
      ({ event, text }) => event === 'faultin_out' && text.includes('ret=0') && /gfn=0x1000\w/.test(text),
    );
    const asked = /vcpu=\d gfn=0x\w+ mmu_seq=\d+/.exec(first!.text)![0];
    const trace = told(new RegExp(`^faultin_out .*ret=0 ${asked}`), `ret=0 ${asked} pfn=0x8000000000000000`);
    expect((await conformTrace(trace, { scheme })).verdict).toBe('refused');
  });

  it.each([
    ['whose lines do not say which function took a lock', (text: string) => text.replace(/\([^)]*<- [^)]*\)/, '()')],
    ['by a function that we do not know', (text: string) => text.replace('kvm_arch_flush_shadow_memslot', 'another')],
  ])('%s: undecided', async (_, change) => {
    const trace = traceOf('r2');
    const lines = trace.lines.map((line) => ({ ...line, text: change(line.text) }));
    const { verdict, because } = await conformTrace({ ...trace, lines }, { scheme });
    expect(verdict).toBe('undecided');
    expect(because).toContain('as where a memslot is deleted');
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
