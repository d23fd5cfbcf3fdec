/** The recording script, run on tracing directories that are made of plain files. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { EVENT_TABLE } from '../../../src/gmem/ftrace/event-table.js';
import { probesScript } from '../../../src/gmem/ftrace/probes.js';
import { readTraceText } from '../../../src/gmem/ftrace/trace-lines.js';
import { run, scratch } from '../../cli/run-cli.js';

const script = probesScript();
const probed = [...script.matchAll(/^probe (\w+) (entry|return) '([^']*)' (.+)$/gm)].map(
  ([, event, at, fields, functions]) => ({ event, at, fields, functions: functions.split(' ') }),
);
const traced = [...script.matchAll(/^tracepoint \w+\/(\w+)$/gm)].map(([, name]) => name);

/** What the kernel is said to have. */
interface Kernel {
  readonly functions?: readonly string[];
  readonly readme?: string;
  readonly tracepoints?: readonly string[];
}

/** A tracing directory in which the command of `record` is what the kernel writes into its trace. */
function tracing({ functions = [], readme = '', tracepoints = [] }: Kernel): string {
  const folder = scratch();
  const put = (path: string, text = ''): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  put('dynamic_events');
  put('available_filter_functions', functions.map((name) => `${name} [kvm]\n`).join(''));
  put('README', readme);
  const instance = (path: string, text?: string): void => put(`instances/faultline/${path}`, text);
  for (const path of ['tracing_on', 'buffer_size_kb', 'set_event_pid', 'options/event-fork', 'trace']) instance(path);
  instance('trace_clock', '[local] global counter uptime perf mono mono_raw boot tai x86-tsc\n');
  for (const cpu of [0, 1]) instance(`per_cpu/cpu${cpu}/stats`, `entries: 7\noverrun: ${cpu * 3}\n`);
  for (const path of tracepoints) instance(`events/${path}/enable`, '0\n');
  for (const { event, functions: places } of probed) {
    if (!places.some((name) => functions.includes(name))) continue;
    instance(`events/faultline/${event}/enable`, '0\n');
    instance(`events/faultline/${event}/filter`, 'none\n');
  }
  return folder;
}

/** Runs the script as a user would. */
async function record(folder: string, command: readonly string[]) {
  const path = join(folder, 'record.sh');
  writeFileSync(path, script);
  const words = [`TRACEFS=${folder}`, 'sh', path, ...command];
  const ran = await run('env', words);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { ...ran, read, instance: (name: string) => read(`instances/faultline/${name}`) };
}

const FPROBES = '\t        f[:[<group>/]<event>] <func-name>[%return] [<args>]\n';

it('probes what there is, with fprobe events where the kernel has them', async () => {
  const folder = tracing({ functions: ['kvm_tdp_page_fault', 'folio_unlock'], readme: FPROBES });
  const { status, read, instance, stderr } = await record(folder, ['true']);
  expect(status, stderr).toBe(0);
  const defined = read('dynamic_events')
    .split('\n')
    .filter((line) => !line.startsWith('-:') && line !== '');
  expect(defined.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'f:faultline/pf_in kvm_tdp_page_fault',
    'f:faultline/pf_out kvm_tdp_page_fault%return',
    'f:faultline/folio_unlock folio_unlock',
  ]);
  expect(defined[1]).toContain('ret=$retval:s32 vcpu=vcpu->vcpu_id:s32');
  expect(instance('events/faultline/pf_in/enable')).toBe('0\n');
  expect(instance('events/faultline/folio_unlock/filter')).toContain('mapping == 0');
  expect(stderr).toContain('record: not recorded: faultin_in (there is no function kvm_mmu_faultin_pfn');
});

it('takes its probes away in the end', async () => {
  const folder = tracing({ functions: ['kvm_tdp_page_fault'], readme: FPROBES });
  const { read } = await record(folder, ['true']);
  expect(
    read('dynamic_events')
      .split('\n')
      .filter((line) => line.startsWith('-:')),
  ).toEqual(['-:faultline/pf_in', '-:faultline/pf_out']);
});

it('probes with kprobe events where there are no fprobe events', async () => {
  const folder = tracing({ functions: ['kvm_tdp_page_fault'] });
  const { read } = await record(folder, ['true']);
  expect(read('dynamic_events')).toMatch(/^p:faultline\/pf_in kvm_tdp_page_fault .*\nr:faultline\/pf_out kvm_tdp/);
});

it('takes the older name of a function where there is no newer one', async () => {
  const folder = tracing({ functions: ['kvm_gmem_invalidate_begin'], readme: FPROBES });
  const { read } = await record(folder, ['true']);
  expect(read('dynamic_events')).toContain('f:faultline/ginv_start_in kvm_gmem_invalidate_begin start=');
});

it('enables the tracepoints that there are', async () => {
  const folder = tracing({ tracepoints: ['kvm/kvm_entry'] });
  const { instance, stderr } = await record(folder, ['true']);
  expect(instance('events/kvm/kvm_entry/enable')).toBe('1\n');
  expect(stderr).not.toContain('not recorded: kvm_entry');
  expect(stderr).toContain('not recorded: kvm_exit (this kernel has no such tracepoint)');
});

it('prints the trace below a header that conform reads, with the status of the command', async () => {
  const folder = tracing({ tracepoints: ['kvm/kvm_entry'] });
  const line = '           vcpu1-276     [003]  722776871700: kvm_entry: vcpu 1, rip 0x1000';
  const trace = join(folder, 'instances/faultline/trace');
  const { status, stdout } = await record(folder, ['sh', '-c', `echo '${line}' > ${trace}; echo mine; exit 7`]);
  expect(status).toBe(7);
  const { header, lines, foreign } = readTraceText(stdout);
  expect(foreign).toEqual([]);
  expect(lines).toEqual([
    {
      line: expect.any(Number),
      comm: 'vcpu1',
      pid: 276,
      time: 722776871700,
      event: 'kvm_entry',
      text: 'vcpu 1, rip 0x1000',
    },
  ]);
  expect(header.get('cpus')).toBe('2');
  expect(header.get('overrun')).toBe('overrun: 0 overrun: 3');
  expect(header.get('not recorded')).toContain('pf_in, pf_out');
});

it.each([
  ['without a command', [], {}, 'usage: sh record.sh COMMAND'],
  ['without tracefs', ['true'], { TRACEFS: '/nowhere' }, 'record: /nowhere/dynamic_events cannot be written'],
])('%s it says what is wrong', async (_, command, env, sentence) => {
  const folder = scratch();
  const path = join(folder, 'record.sh');
  writeFileSync(path, script);
  const { status, stderr } = await run('env', [
    ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
    'sh',
    path,
    ...command,
  ]);
  expect(status).toBe(1);
  expect(stderr).toContain(sentence);
});

it('has a probe or a tracepoint for every event that conform looks at', () => {
  const looked = [...EVENT_TABLE.keys()];
  expect(looked.length).toBeGreaterThan(40);
  const known = new Set([...probed.map(({ event }) => event), ...traced, 'sys_fallocate']);
  expect(looked.filter((event) => !known.has(event))).toEqual([]);
  expect(traced).toContain('sys_enter_fallocate');
});

it('reads the range where a fault is found stale', () => {
  for (const event of ['stale_in', 'stale_out']) {
    const fields = probed.find((each) => each.event === event)?.fields;
    expect(fields).toMatch(/rs=\S+range_start:x64 re=\S+range_end:x64/);
  }
});

it.skipIf(spawnSync('shellcheck', ['--version']).error !== undefined)('shellcheck has nothing to say', () => {
  const path = join(scratch(), 'record.sh');
  writeFileSync(path, script);
  const { status, stdout } = spawnSync('shellcheck', [path], { encoding: 'utf8' });
  expect(status, stdout).toBe(0);
});
