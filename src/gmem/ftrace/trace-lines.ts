/**
 * Trace lines: the text forms of a kernel's trace made into one event table. tracefs `trace` and `trace-cmd report -t`,
 * `perf script --ns`, and lines that bpftrace prints; one expression each. Knows no guest_memfd.
 */

/** One line of a trace. */
export interface TraceLine {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly comm: string;
  /** The task's; a thread's own and not its process's. */
  readonly pid: number;
  /** In the units of the trace's clock; nanoseconds where a trace has seconds with a fraction. */
  readonly time: number;
  /** Name of the event, without its group. A system call's enter and exit have the name of the call. */
  readonly event: string;
  /** What follows the name. Of a system call its arguments in brackets, or `-> ` and its result. */
  readonly text: string;
}

/** A trace as text says it. */
export interface TraceText {
  /**
   * Lines of the header, `# key: value`. Whoever records may say kernel, clock, cpus and overrun; what other tools call
   * these is found under the same names.
   */
  readonly header: ReadonlyMap<string, string>;
  readonly lines: readonly TraceLine[];
  /** Lines that are no event and no header, by number. */
  readonly foreign: readonly number[];
  /** Events that the recorder lost, or more of them where a line does not say how many; undefined where nothing is said. */
  readonly lost: number | undefined;
}

/** Names as the kernel has them are up to 15 characters, and may have anything in them. */
const COMM = '(?<comm>.{1,64}?)';
/** A whole number, or seconds with a fraction of six or nine digits. */
const TIME = '(?<time>\\d+(?:\\.\\d+)?)';
/** `[003] d..1. ` with flags where the recorder has them. */
const CPU = '\\[\\d+\\]\\s+(?:[^\\s\\d]\\S*\\s+)?';
/** `pf_out: (...) ret=5`, `sys_fallocate(fd: 5, ...)`, `sys_fallocate -> 0x0`. */
const EVENT = '(?<event>[^\\s:(]+)(?::|(?=\\(| ->))\\s*(?<text>.*)$';

/** The forms that are read, each with a name for: comm, pid, time, event, text. */
const FORMS: readonly RegExp[] = [
  // tracefs: `   vcpu1-143     [003] d..1.  48563212794: pf_out: (...) ret=5`, with a tgid in brackets behind the pid
  // where that is asked for; trace-cmd report -t: the same, with the text in a column of its own.
  new RegExp(`^\\s*${COMM}-(?<pid>\\d+)\\s+(?:\\(\\s*[\\d-]+\\)\\s+)?${CPU}${TIME}:\\s+${EVENT}`),
  // perf script --ns: `   vcpu1   143 [003] 48563.212794123:   probe:pf_out: (...) ret=5`, also with `pid/tid`.
  new RegExp(`^\\s*${COMM}\\s+(?:\\d+\\/)?(?<pid>\\d+)\\s+${CPU}${TIME}:\\s+(?:[\\w-]+:(?=\\w))?${EVENT}`),
  // bpftrace: `vcpu1 143 48563212794 pf_out: ret=5`, of printf("%s %d %llu pf_out: ret=%d\n", comm, tid, nsecs, ...).
  new RegExp(`^${COMM} (?<pid>\\d+) (?<time>\\d+) ${EVENT}`),
];

/** How tools say that events are missing, with their number where it is known. */
const LOSSES: readonly RegExp[] = [
  /^CPU:\d+ \[LOST (?:(\d+) )?EVENTS\]/,
  /^CPU:\d+ \[(?:(\d+) )?EVENTS DROPPED\]/,
  /^Lost (\d+) events/,
  /\bPERF_RECORD_LOST(?:_SAMPLES)? lost (\d+)/,
];

/** Header lines of perf under the names that they have here. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['os release', 'kernel'],
  ['nrcpus online', 'cpus'],
]);

const DIGITS = 9;
/** Numbers that the kernel prints without the mark of hexadecimal ones. */
const PLAIN = 10;

/** Reads the text of a trace. */
export function readTraceText(text: string): TraceText {
  const header = new Map<string, string>();
  const lines: TraceLine[] = [];
  const foreign: number[] = [];
  let lost: number | undefined;
  let form: RegExp | undefined;
  text.split(/\r?\n/).forEach((line, at) => {
    if (line.trim() === '' || readHeader(line, header)) return;
    const losses = lossesOf(line);
    if (losses !== undefined) {
      lost = (lost ?? 0) + losses;
      return;
    }
    let match = form?.exec(line) ?? undefined;
    if (match === undefined) {
      form = FORMS.find((each) => each.test(line)) ?? form;
      match = form?.exec(line) ?? undefined;
    }
    if (match?.groups === undefined) foreign.push(at + 1);
    else lines.push(lineOf(at + 1, match.groups));
  });
  const overwritten = overwrittenOf(header);
  return { header, lines, foreign, lost: overwritten === undefined ? lost : overwritten + (lost ?? 0) };
}

/** Puts down what a line of the header says; whether it is one. */
function readHeader(line: string, header: Map<string, string>): boolean {
  const cpus = /^cpus=(\d+)$/.exec(line);
  const field = cpus === null ? /^#\s*([\w /-]+?)\s*:\s?(.*)$/.exec(line) : ['', 'cpus', cpus[1]];
  if (field !== null) {
    const name = OTHER_NAMES.get(field[1]) ?? field[1];
    if (!header.has(name)) header.set(name, field[2].trim());
  }
  return field !== null || line.startsWith('#');
}

function lineOf(line: number, { comm, pid, time, event, text }: Readonly<Record<string, string>>): TraceLine {
  const of = { line, comm, pid: Number(pid), time: timeOf(time) };
  const call = /^sys_(?:enter_|exit_)?(\w+)$/.exec(event);
  if (call === null) return { ...of, event, text };
  return { ...of, event: `sys_${call[1]}`, text: callText(event, text) };
}

/** A system call as tracefs writes it, of that or of what its tracepoints' own formats make of it. */
function callText(event: string, text: string): string {
  if (event.startsWith('sys_exit_')) return `-> ${text}`;
  if (text.startsWith('->')) return text;
  const list = text.replace(/^\(|\)$/g, '');
  return `(${list.replace(/(\w+): (?:0x)?([0-9a-f]+)\b/g, (_, name, digits) => `${name}: ${hexText(digits)}`)})`;
}

/** Arguments are hexadecimal, with or without the mark. */
function hexText(digits: string): string {
  const value = BigInt(`0x${digits}`);
  return value < PLAIN ? String(value) : `0x${value.toString(16)}`;
}

/** Seconds with a fraction as a whole number of nanoseconds; what is whole as it is. */
function timeOf(text: string): number {
  const [whole, fraction] = text.split('.');
  return fraction === undefined ? Number(whole) : Number(whole + fraction.padEnd(DIGITS, '0').slice(0, DIGITS));
}

/** How many events a line says are missing; undefined for a line that says nothing of that. */
function lossesOf(line: string): number | undefined {
  for (const form of LOSSES) {
    const match = form.exec(line);
    if (match !== null) return Number(match[1] ?? 1);
  }
  return undefined;
}

/** What the header says was overwritten: each processor's overrun, or how many of the written events are still there. */
function overwrittenOf(header: ReadonlyMap<string, string>): number | undefined {
  const overrun = header.get('overrun');
  const entries = /^(\d+)\/(\d+)/.exec(header.get('entries-in-buffer/entries-written') ?? '');
  if (overrun === undefined && entries === null) return undefined;
  const overruns = [...(overrun ?? '').matchAll(/overrun: (\d+)/g)].reduce((sum, [, lost]) => sum + Number(lost), 0);
  return Math.max(overruns, entries === null ? 0 : Number(entries[2]) - Number(entries[1]));
}

/** The fields `key=value` of a line; values are whole numbers, decimal or hexadecimal, or words. */
export function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, key, value] of text.matchAll(/(\w+)=(\S+)/g)) if (!fields.has(key)) fields.set(key, value);
  return fields;
}

/** A number as traces print it: decimal, or hexadecimal with 0x; undefined for what is none. */
export function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^-?(\d+|0x[0-9a-f]+)$/i.test(text) ? undefined : Number(text);
}
