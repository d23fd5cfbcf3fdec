/**
 * Trace lines: the text forms of a kernel's trace made into one event table. tracefs `trace`, `trace-cmd report -t`,
 * `perf script --ns` and lines that bpftrace prints; one expression each. Knows no guest_memfd.
 */

/** One line of a trace. */
export interface TraceLine {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly comm: string;
  readonly pid: number;
  /** In the units of the trace's clock. */
  readonly time: number;
  /** Name of the event. */
  readonly event: string;
  /** What follows the name. */
  readonly text: string;
}

/** A trace as text says it. */
export interface TraceText {
  /** Lines of the header, `# key: value`. */
  readonly header: ReadonlyMap<string, string>;
  readonly lines: readonly TraceLine[];
  /** Lines that are no event and no header, by number. */
  readonly foreign: readonly number[];
}

/**
 * Each with a name for: comm, pid, time, event, text. A time is a whole number, or seconds with a fraction of six or nine
 * digits. tracefs writes flags between the processor and the time where it has them.
 */
const FORMS: readonly RegExp[] = [
  // tracefs:  `   vcpu1-143     [003] d..1.  48563212794: pf_out: (...) ret=5`, also with a tgid column.
  /^\s*(?<comm>.+?)-(?<pid>\d+)\s+(?:\(\s*[\d-]+\)\s+)?\[\d+\]\s+(?:[^\s\d]\S*\s+)?(?<time>\d+(?:\.\d+)?): (?<event>[^\s:(]+)(?::|(?=\())?\s?(?<text>.*)$/,
  // trace-cmd report -t: the same, without brackets around the header lines; perf script: `comm pid [cpu] time: group:event: text`.
  /^\s*(?<comm>.+?)\s+(?<pid>\d+)(?:\/\d+)?\s+\[\d+\]\s+(?:[^\s\d]\S*\s+)?(?<time>\d+(?:\.\d+)?):\s+(?:[\w-]+:)?(?<event>[^\s:(]+)(?::|(?=\())?\s*(?<text>.*)$/,
  // bpftrace: printf("%s %d %llu %s ...", comm, tid, nsecs, ...)
  /^(?<comm>\S+) (?<pid>\d+) (?<time>\d+) (?<event>[A-Za-z_]\w*):? ?(?<text>.*)$/,
];

const DIGITS = 9;

/** Reads the text of a trace. */
export function readTraceText(text: string): TraceText {
  const header = new Map<string, string>();
  const lines: TraceLine[] = [];
  const foreign: number[] = [];
  let form: RegExp | undefined;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() === '') continue;
    if (line.startsWith('#')) {
      const field = /^#\s*([\w /-]+?):\s?(.*)$/.exec(line);
      if (field !== null && !header.has(field[1])) header.set(field[1], field[2].trim());
      continue;
    }
    const found: RegExp | undefined = form?.test(line) === true ? form : FORMS.find((each) => each.test(line));
    const match = found?.exec(line);
    if (match?.groups === undefined) {
      foreign.push(number);
      continue;
    }
    form = found;
    const { comm, pid, time, event, text: rest } = match.groups;
    lines.push({ line: number, comm, pid: Number(pid), time: timeOf(time), event, text: rest });
  }
  return { header, lines, foreign };
}

/** Seconds with a fraction as a whole number of nanoseconds; what is whole as it is. */
function timeOf(text: string): number {
  const [whole, fraction] = text.split('.');
  return fraction === undefined ? Number(whole) : Number(whole + fraction.padEnd(DIGITS, '0').slice(0, DIGITS));
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
