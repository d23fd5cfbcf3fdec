/**
 * Task order: what the lines of one task say of one another, whatever the state of the file. A vCPU that enters the guest
 * has left it before, a fault that begins was announced, every line of a call names its page or its range. The order of a
 * task's lines is exact. Imported by who reads traces.
 */

import { hex } from './hex.js';
import { addressOf, argumentOf, faultedGfn, PAGE_BYTES, spteOf, TABLE_ENTRIES } from './kernel-fields.js';
import type { RecordedCall } from './recorded-call.js';
import type { Survey } from './survey.js';
import { numberOf, type TraceLine } from './trace-lines.js';

/** A line of a task, with the call that it lies in. */
export interface TaskLine {
  readonly line: TraceLine;
  readonly fields: ReadonlyMap<string, string>;
  readonly call: RecordedCall;
  /** The pfn that the fault has found; undefined outside of faults, and before. */
  readonly pfn: number | undefined;
}

type Rule = (
  now: TaskLine,
  before: TaskLine | undefined,
  survey: Survey & { readonly baseGfn: number },
) => string | undefined;

/** What a line contradicts: the one before it, or the call that it lies in. */
export function contradictionOf(
  now: TaskLine,
  before: TaskLine | undefined,
  survey: Survey & { readonly baseGfn: number },
): string | undefined {
  return FOLLOWS.get(now.line.event)?.(now, before, survey) ?? namesItsPages(now, survey);
}

/** A vCPU is in the guest, or has just left it. */
const GUEST: ReadonlySet<string> = new Set(['kvm_entry', 'kvm_exit']);

/** Of events that can only follow certain others. */
const FOLLOWS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['kvm_entry', (_, before) => (before?.line.event === 'kvm_entry' ? 'the vCPU is in the guest already' : undefined)],
  [
    'kvm_exit',
    (_, before, { kinds }) =>
      before !== undefined && kinds.has('kvm_entry') && before.line.event !== 'kvm_entry'
        ? 'the vCPU is not in the guest'
        : undefined,
  ],
  [
    'kvm_page_fault',
    (now, before, { kinds }) => {
      if (before === undefined || !kinds.has('kvm_exit')) return undefined;
      if (before.line.event !== 'kvm_exit' || !/reason (npf|EPT_VIOLATION)/i.test(before.line.text)) {
        return 'the vCPU has not left the guest for a nested page fault';
      }
      const left = /info2 (0x[0-9a-f]+)/.exec(before.line.text)?.[1];
      return left === undefined || Number(left) === addressOf(now.line)
        ? undefined
        : `the vCPU left the guest at ${left}`;
    },
  ],
  [
    'pf_in',
    (now, before, { kinds }) => {
      if (before === undefined || !kinds.has('kvm_page_fault')) return undefined;
      // KVM_PRE_FAULT_MEMORY announces none: then the task has not been in the guest since its last fault.
      if (GUEST.has(before.line.event)) return 'no fault was announced (kvm_page_fault)';
      if (before.line.event !== 'kvm_page_fault') return undefined;
      const gfn = faultedGfn(before.line);
      return numberOf(now.fields.get('gfn')) === gfn ? undefined : `the fault is on gfn ${hex(gfn)}`;
    },
  ],
  [
    'fallocate_in',
    (now, before, { kinds }) => {
      if (before === undefined || !kinds.has('sys_fallocate')) return undefined;
      if (before.line.event !== 'sys_fallocate') return 'no system call has begun';
      for (const key of ['mode', 'offset', 'len']) {
        const asked = argumentOf(before.line, key);
        if (asked !== undefined && asked !== numberOf(now.fields.get(key)))
          return `the system call has ${key} ${asked}`;
      }
      return undefined;
    },
  ],
  [
    'sys_fallocate',
    (now, before, { kinds }) => {
      if (before === undefined || !kinds.has('fallocate_out')) return undefined;
      const returns = /-> (\w+)/.exec(now.line.text)?.[1];
      if (returns === undefined)
        return before.line.event === 'sys_fallocate' && !before.line.text.includes('->')
          ? 'a system call is open'
          : undefined;
      if (before.line.event !== 'fallocate_out') return 'kvm_gmem_fallocate() has not returned';
      return Number(returns) === numberOf(before.fields.get('ret'))
        ? undefined
        : `kvm_gmem_fallocate() returned ${before.fields.get('ret')}`;
    },
  ],
]);

/** Pages of a huge page. */
const HUGE = [TABLE_ENTRIES, TABLE_ENTRIES ** 2];

/** Every line of a call names its page or its range, where it names one. */
function namesItsPages(
  { line, fields, call, pfn }: TaskLine,
  { baseGfn }: { readonly baseGfn: number },
): string | undefined {
  const said = pfn === undefined ? undefined : pfnOf(line, fields);
  // Of a huge page the map names the first frame, as its SPTE does the first gfn (kvm_mmu_hugepage_adjust()).
  const counts = call.call !== 'ordinary-fault' ? [] : call.isOpen ? HUGE : [call.leaf.count];
  const isFirst = (own: number, first: number) => counts.some((count) => first === own - (own % count));
  if (said !== undefined && said !== pfn && !isFirst(pfn!, said)) return `the fault has found pfn ${hex(pfn)}`;
  const { event } = line;
  if (call.call === 'fault' || call.call === 'ordinary-fault') {
    const own = call.call === 'fault' ? call.page + baseGfn : call.gfn;
    const gfn = gfnOf(line, fields);
    const isOwn = gfn === undefined || gfn === own || (spteOf(line) !== undefined && isFirst(own, gfn));
    if (!isOwn) return `the fault is on gfn ${hex(own)}`;
    if (call.call === 'ordinary-fault') return undefined;
    const index = event.startsWith('get_folio_') ? numberOf(fields.get('index')) : undefined;
    return index === undefined || index === call.page ? undefined : `the fault is on index ${call.page}`;
  }
  if (call.call === 'punch') {
    const end = call.first + call.count;
    const wrong = RANGES.get(event)?.flatMap(([key, value]) => {
      const said = numberOf(fields.get(key));
      const own = value(call.first, end, baseGfn);
      return said === undefined || said === own ? [] : [`${key} is ${hex(own)} for this call`];
    });
    return wrong?.[0];
  }
  return undefined;
}

/** The pfn that an event behind the lookup names. */
function pfnOf(line: TraceLine, fields: ReadonlyMap<string, string>): number | undefined {
  const isMap = line.event === 'map_in' || line.event === 'map_out';
  return isMap ? numberOf(fields.get('pfn')) : spteOf(line)?.pfn;
}

/** The gfn that an event of a fault names. */
function gfnOf(line: TraceLine, fields: ReadonlyMap<string, string>): number | undefined {
  return FAULT_EVENTS.has(line.event) ? (numberOf(fields.get('gfn')) ?? spteOf(line)?.gfn) : undefined;
}

const FAULT_EVENTS: ReadonlySet<string> = new Set([
  ...[
    'pf_in',
    'pf_out',
    'faultin_in',
    'faultin_out',
    'get_pfn_in',
    'get_pfn_out',
    'stale_in',
    'stale_out',
    'map_in',
    'map_out',
  ],
  ...['kvm_tdp_mmu_spte_changed', 'kvm_mmu_set_spte'],
]);

type Bound = (first: number, end: number, baseGfn: number) => number;

const RANGES: ReadonlyMap<string, readonly (readonly [string, Bound])[]> = new Map([
  ['ginv_start_in', indexes()],
  ['ginv_start_out', indexes()],
  ['unmap_in', gfns()],
  ['unmap_out', gfns()],
  ['trunc_in', bytes()],
  ['trunc_out', bytes()],
  ['findlock_in', [['end', (_: number, end: number) => end - 1]]],
  [
    'fallocate_out',
    [
      ['offset', (first: number) => first * PAGE_BYTES],
      ['len', (first: number, end: number) => (end - first) * PAGE_BYTES],
    ],
  ],
]);

function indexes(): readonly (readonly [string, Bound])[] {
  return [
    ['start', (first) => first],
    ['end', (_, end) => end],
  ];
}

function gfns(): readonly (readonly [string, Bound])[] {
  return [
    ['start', (first, _, base) => first + base],
    ['end', (_, end, base) => end + base],
  ];
}

function bytes(): readonly (readonly [string, Bound])[] {
  return [
    ['lstart', (first) => first * PAGE_BYTES],
    ['lend', (_, end) => end * PAGE_BYTES - 1],
  ];
}
