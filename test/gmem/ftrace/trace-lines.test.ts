/** Every text form of a trace gives the same table of events. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf, readTraceText, type TraceLine } from '../../../src/gmem/ftrace/trace-lines.js';
import { textOf } from './fixture-traces.js';

/** What an event says, wherever it stands. */
type Said = Omit<TraceLine, 'line'>;

const said = (text: string): Said[] => readTraceText(text).lines.map(({ line: _, ...each }) => each);

/** The events of the samples below. */
const EVENTS: readonly Said[] = [
  {
    ...{ comm: 'vcpu1', pid: 143, time: 48563212794123, event: 'pf_in' },
    text: '(kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004',
  },
  {
    ...{ comm: 'vcpu1', pid: 143, time: 48563212794990, event: 'kvm_tdp_mmu_spte_changed' },
    text: 'as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67',
  },
  {
    ...{ comm: 'vcpu1', pid: 143, time: 48563212801700, event: 'pf_out' },
    text: '(kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003',
  },
  {
    ...{ comm: 'qemu (main) 2', pid: 144, time: 48563212900001, event: 'sys_fallocate' },
    text: '(fd: 5, mode: 3, offset: 0x9000, len: 0x4000)',
  },
  { comm: 'qemu (main) 2', pid: 144, time: 48563213000002, event: 'sys_fallocate', text: '-> 0x0' },
];

/** Written by hand after what each tool prints. */
const SAMPLES: Readonly<Record<string, string>> = {
  tracefs: `# tracer: nop
#
# entries-in-buffer/entries-written: 5/5   #P:4
#
#           TASK-PID     CPU#     TIMESTAMP  FUNCTION
#              | |         |         |         |
           vcpu1-143     [003]  48563.212794123: pf_in: (kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004
           vcpu1-143     [003]  48563.212794990: kvm_tdp_mmu_spte_changed: as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67
           vcpu1-143     [003]  48563.212801700: pf_out: (kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003
   qemu (main) 2-144     [001]  48563.212900001: sys_fallocate(fd: 5, mode: 3, offset: 9000, len: 4000)
   qemu (main) 2-144     [001]  48563.213000002: sys_fallocate -> 0x0
`,
  'tracefs with the tgid and flags': `#                                _-----=> irqs-off/BH-disabled
           vcpu1-143     (    140) [003] d..1.  48563.212794123: pf_in: (kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004
           vcpu1-143     (    140) [003] ...2.  48563.212794990: kvm_tdp_mmu_spte_changed: as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67
           vcpu1-143     (-------) [003] dNh1.  48563.212801700: pf_out: (kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003
   qemu (main) 2-144     (    140) [001] .....  48563.212900001: sys_fallocate(fd: 5, mode: 3, offset: 0x9000, len: 0x4000)
   qemu (main) 2-144     (    140) [001] .....  48563.213000002: sys_fallocate -> 0x0
`,
  'tracefs with a clock that counts': `           vcpu1-143     [003]  48563212794123: pf_in: (kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004
           vcpu1-143     [003]  48563212794990: kvm_tdp_mmu_spte_changed: as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67
           vcpu1-143     [003]  48563212801700: pf_out: (kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003
   qemu (main) 2-144     [001]  48563212900001: sys_fallocate(fd: 5, mode: 3, offset: 0x9000, len: 0x4000)
   qemu (main) 2-144     [001]  48563213000002: sys_fallocate -> 0x0
`,
  'trace-cmd report -t': `cpus=4
           vcpu1-143   [003] d..1. 48563.212794123: pf_in:                (kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004
           vcpu1-143   [003] 48563.212794990: kvm_tdp_mmu_spte_changed: as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67
           vcpu1-143   [003] 48563.212801700: pf_out:               (kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003
   qemu (main) 2-144   [001] 48563.212900001: sys_enter_fallocate:  fd: 0x00000005, mode: 0x00000003, offset: 0x00009000, len: 0x00004000
   qemu (main) 2-144   [001] 48563.213000002: sys_exit_fallocate:   0x0
`,
  'perf script --ns': `# ========
# os release : 7.2.12
# nrcpus online : 4
# ========
#
           vcpu1   143 [003] 48563.212794123:                 probe:pf_in: (kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004
           vcpu1   143 [003] 48563.212794990: kvmmmu:kvm_tdp_mmu_spte_changed: as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67
           vcpu1   140/143   [003] 48563.212801700:                probe:pf_out: (kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003
   qemu (main) 2   144 [001] 48563.212900001: syscalls:sys_enter_fallocate: fd: 0x00000005, mode: 0x00000003, offset: 0x00009000, len: 0x00004000
   qemu (main) 2   144 [001] 48563.213000002:  syscalls:sys_exit_fallocate: 0x0
`,
  bpftrace: `vcpu1 143 48563212794123 pf_in: (kvm_tdp_page_fault+0x4/0xf0 [kvm]) vcpu=1 gfn=0x10003 err=0x100000004
vcpu1 143 48563212794990 kvm_tdp_mmu_spte_changed: as id 0 gfn 10003 level 1 old_spte 8000000000000000 new_spte 20e52e67
vcpu1 143 48563212801700 pf_out: (kvm_mmu_do_page_fault+0x1db/0x220 [kvm] <- kvm_tdp_page_fault) ret=5 vcpu=1 gfn=0x10003
qemu (main) 2 144 48563212900001 sys_fallocate(fd: 5, mode: 3, offset: 0x9000, len: 0x4000)
qemu (main) 2 144 48563213000002 sys_fallocate -> 0x0
`,
};

it.each(Object.entries(SAMPLES))('%s gives the table', (_, text) => {
  expect(said(text)).toEqual(EVENTS);
  expect(readTraceText(text).foreign).toEqual([]);
});

it('counts lines from 1 as they stand in the file, whatever ends them', () => {
  const text = SAMPLES.tracefs.replaceAll('\n', '\r\n');
  expect(readTraceText(text).lines.map(({ line }) => line)).toEqual([7, 8, 9, 10, 11]);
  expect(said(text)).toEqual(EVENTS);
});

it('names the lines that are neither event nor header', () => {
  const text = `Attaching 3 probes...\n${SAMPLES.bpftrace}what is this\n`;
  const { lines, foreign } = readTraceText(text);
  expect(foreign).toEqual([1, 7]);
  expect(lines).toHaveLength(EVENTS.length);
});

describe('the header', () => {
  it('is what the recorder says', () => {
    const { header } = readTraceText('# kernel: 7.3.4 #1 SMP\n# cpus: 4\n# clock: local [x86-tsc]\n# tracer: nop\n#\n');
    expect([header.get('kernel'), header.get('cpus'), header.get('clock')]).toEqual([
      '7.3.4 #1 SMP',
      '4',
      'local [x86-tsc]',
    ]);
  });

  it('of perf and of trace-cmd has the same names', () => {
    const perf = readTraceText(SAMPLES['perf script --ns']).header;
    expect([perf.get('kernel'), perf.get('cpus')]).toEqual(['7.2.12', '4']);
    expect(readTraceText(SAMPLES['trace-cmd report -t']).header.get('cpus')).toBe('4');
  });
});

describe('losses', () => {
  it.each([
    ['# overrun: overrun: 0 overrun: 0\n', 0],
    ['# overrun: overrun: 2 overrun: 3\n', 5],
    ['# entries-in-buffer/entries-written: 100/107   #P:4\n', 7],
    ['# overrun: overrun: 7 overrun: 0\n# entries-in-buffer/entries-written: 100/107   #P:4\n', 7],
    ['CPU:2 [LOST 12 EVENTS]\nCPU:3 [LOST EVENTS]\n', 13],
    ['CPU:2 [12 EVENTS DROPPED]\nCPU:1 [EVENTS DROPPED]\n', 13],
    ['Lost 5 events\nLost 2 events\n', 7],
    ['           vcpu1   143 [003] 48563.2127941: PERF_RECORD_LOST lost 9\n', 9],
    ['# entries-in-buffer/entries-written: 10/10   #P:4\nCPU:2 [LOST 3 EVENTS]\n', 3],
    [SAMPLES.bpftrace, undefined],
  ])('%j: %s', (text, lost) => {
    expect(readTraceText(text).lost).toBe(lost);
    expect(readTraceText(text).foreign).toEqual([]);
  });
});

/** Any event that a kernel could print. */
const anyEvent = fc.record({
  comm: fc
    .stringMatching(/^[A-Za-z<][\w /:.()>-]{0,13}[a-z>]$/)
    // A name that looks like what follows it could be read either way, by anybody.
    .filter((comm) => !/\d\s|\s\d|-\d/.test(comm)),
  pid: fc.integer({ min: 0, max: 4_194_304 }),
  time: fc.integer({ min: 1_000_000_000, max: 9_000_000_000_000_000 }),
  event: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}[a-z]$/).filter((name) => !name.startsWith('sys_')),
  text: fc.stringMatching(/^[a-z][\w =:(),+/<>[\]-]{0,60}[a-z]$/),
});

/** A time as seconds. */
const seconds = (time: number): string => {
  const digits = String(time).padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
};

const cpu = (pid: number): string => `[${String(pid % 64).padStart(3, '0')}]`;

/** How each tool writes an event. */
const WRITERS: Readonly<Record<string, (event: Said) => string>> = {
  tracefs: ({ comm, pid, time, event, text }) =>
    `${comm.padStart(16)}-${String(pid).padEnd(7)} ${cpu(pid)}  ${time}: ${event}: ${text}`,
  'tracefs with flags': ({ comm, pid, time, event, text }) =>
    `${comm.padStart(16)}-${String(pid).padEnd(7)} (${String(pid).padStart(7)}) ${cpu(pid)} d.h1.  ${seconds(time)}: ${event}: ${text}`,
  'trace-cmd': ({ comm, pid, time, event, text }) =>
    `${comm.padStart(16)}-${String(pid).padEnd(5)} ${cpu(pid)} ${seconds(time)}: ${`${event}:`.padEnd(21)} ${text}`,
  perf: ({ comm, pid, time, event, text }) =>
    `${comm.padStart(16)} ${String(pid).padStart(7)} ${cpu(pid)} ${seconds(time)}: ${`kvm:${event}`.padStart(30)}: ${text}`,
  bpftrace: ({ comm, pid, time, event, text }) => `${comm} ${pid} ${time} ${event}: ${text}`,
};

it.each(Object.entries(WRITERS))('%s: what was written is what is read', (_, write) => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), (events) => {
      expect(said(events.map(write).join('\n'))).toEqual(events);
    }),
  );
});

it.each(Object.entries(WRITERS))('%s: a recorded trace is the same table', (_, write) => {
  const events = said(textOf('i3', 'trace'));
  expect(events.length).toBeGreaterThan(6000);
  expect(said(events.map(write).join('\n'))).toEqual(events);
});

it('reads whatever it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { lines, foreign } = readTraceText(text);
      expect(lines.length + foreign.length).toBeLessThanOrEqual(text.split('\n').length);
    }),
  );
});

it('a long line that is no event takes no longer than its length', () => {
  const line = `${'a-1 '.repeat(100_000)}\n`;
  expect(readTraceText(line).foreign).toEqual([1]);
});

it('fields are what stands on both sides of an equals sign', () => {
  expect([...fieldsOf('(f+0x4/0xf0 [kvm]) ret=5 gfn=0x10003 ret=7')]).toEqual([
    ['ret', '5'],
    ['gfn', '0x10003'],
  ]);
});
