/**
 * Logs of recorded workloads: text in, calls in order of time out. Imported by `readTrace` and above.
 *
 * A log opens with PARAMS (numbers of vCPUs and pages) and TIDS (which thread punches, touches, allocates); CAP, DONE
 * and VCPU lines say nothing that the calls need. Then a line a call, grouped by thread and not by time.
 */

import { didYouMean, inputProblem, shown } from '../../core/input-sentence.js';
import { LogLine } from './log-line.js';
import type { RecordedTrace, TraceCall, TraceCallKind } from './trace.js';

const guestForm = 'G vcpu tid seq t0 t1 page r|rw read written';
const rangeForm = 'tid t0 t1 page count ret';
const accessForm = 'tid t0 t1 page written read';

/** The user calls by letter: the thread that makes them, the line's form, the kind. B is an access that got SIGBUS. */
const userCalls: Readonly<Record<string, { thread: string; form: string; kind: TraceCallKind }>> = {
  P: { thread: 'puncher', form: `U P ${rangeForm}`, kind: 'punch-hole' },
  A: { thread: 'allocer', form: `U A ${rangeForm}`, kind: 'allocate' },
  R: { thread: 'toucher', form: `U R ${accessForm}`, kind: 'user-read' },
  W: { thread: 'toucher', form: `U W ${accessForm}`, kind: 'user-write' },
  B: { thread: 'toucher', form: `U B ${accessForm}`, kind: 'user-read' },
};

const headers = ['PARAMS', 'CAP', 'DONE', 'VCPU', 'TIDS'];

interface LogHeader {
  vcpus?: number;
  pages?: number;
  /** TIDS: the thread's name to its tid; 0 when the program had no such thread. */
  tids?: Readonly<Record<string, number>>;
}

/**
 * Reads a log. `fileName` goes into error sentences.
 *
 * @throws InputError `faultline: <file>:<line>: <what is wrong>; expected (or allowed) ...`: lines of no known form,
 * pages outside of the file, times beyond 2^53 - 1, calls of one thread that overlap, a log without calls.
 */
export function parseTrace(text: string, fileName: string): RecordedTrace {
  const header: LogHeader = {};
  const lines = new Map<TraceCall, LogLine>();
  for (const [index, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    const line = new LogLine(fileName, index + 1, content);
    const [word] = line.words;
    if (headers.includes(word)) readHeader(line, header);
    else if (word === 'G') lines.set(guestCall(line, header), line);
    else if (word === 'U') lines.set(userCall(line, header), line);
    else line.fail(`unknown line ${shown(word)}; expected G, U, ${headers.join(', ')}${didYouMean(word, headers)}`);
  }
  const { vcpus, pages } = header;
  if (vcpus === undefined || pages === undefined || lines.size === 0) {
    throw inputProblem(fileName, 'no recorded calls; expected a log with a PARAMS line and G or U lines');
  }
  const calls = [...lines.keys()].sort((one, other) => one.t0 - other.t0 || one.t1 - other.t1 || one.line - other.line);
  refuseOverlaps(calls, lines);
  return { vcpus, pages, calls };
}

function readHeader(line: LogLine, header: LogHeader): void {
  const [word] = line.words;
  if (word === 'PARAMS') {
    header.vcpus = line.field('vcpus', 1);
    header.pages = line.field('pages', 1);
  } else if (word === 'TIDS') {
    const threads = ['puncher', 'toucher', 'allocer'];
    header.tids = Object.fromEntries(threads.map((thread) => [thread, line.field(thread)]));
  }
}

function guestCall(line: LogLine, header: LogHeader): TraceCall {
  line.expectForm(guestForm);
  const { vcpus, pages } = header;
  if (vcpus === undefined || pages === undefined)
    return line.fail('a call before PARAMS; expected a PARAMS line first');
  const vcpu = line.whole(1, 'vcpu', 0, vcpus - 1);
  line.whole(2, 'tid');
  line.whole(3, 'seq');
  const access = line.words[7];
  if (access !== 'r' && access !== 'rw') line.fail(`access is ${shown(access)}; expected r or rw`);
  for (const value of line.words.slice(8)) {
    if (!/^0x[0-9a-f]+$/i.test(value)) line.fail(`value is ${shown(value)}; expected a hexadecimal number such as 0x0`);
  }
  return {
    actor: `vCPU${vcpu}`,
    kind: access === 'r' ? 'guest-read' : 'guest-update',
    page: line.whole(6, 'page', 0, pages - 1),
    count: 1,
    ...times(line, 4),
  };
}

function userCall(line: LogLine, header: LogHeader): TraceCall {
  const letter = line.words[1];
  const call = Object.hasOwn(userCalls, letter ?? '') ? userCalls[letter] : undefined;
  if (call === undefined) {
    return line.fail(`unknown user call ${shown(letter ?? '')}; expected ${Object.keys(userCalls).join(', ')}`);
  }
  line.expectForm(call.form);
  const { pages, tids } = header;
  if (pages === undefined || tids === undefined) {
    return line.fail('a call before PARAMS and TIDS; expected these lines first');
  }
  const tid = line.whole(2, 'tid', 1);
  if (tid !== tids[call.thread]) line.fail(`tid is ${tid}; expected ${tids[call.thread]}, the ${call.thread} of TIDS`);
  const page = line.whole(5, 'page', 0, pages - 1);
  const ranged = call.form.endsWith(rangeForm);
  // The exerciser may ask for pages beyond the file; the kernel has nothing to do there.
  const count = ranged ? Math.min(line.whole(6, 'count', 1), pages - page) : 1;
  return { actor: call.thread, kind: call.kind, page, count, ...times(line, 3) };
}

function times(line: LogLine, position: number): Pick<TraceCall, 't0' | 't1' | 'line'> {
  const t0 = line.whole(position, 't0');
  const t1 = line.whole(position + 1, 't1');
  if (t1 < t0) line.fail(`t1 is ${t1}, before t0 (${t0}); expected t0 <= t1`);
  return { t0, t1, line: line.number };
}

/** A thread makes one call at a time; where a log says otherwise, its order means nothing. */
function refuseOverlaps(calls: readonly TraceCall[], lines: ReadonlyMap<TraceCall, LogLine>): void {
  const previousOf = new Map<string, TraceCall>();
  for (const call of calls) {
    const previous = previousOf.get(call.actor);
    if (previous !== undefined && previous.t1 > call.t0) {
      const sentence = `${call.actor} starts a call at ${call.t0}, before its call of line ${previous.line} ended`;
      lines.get(call)?.fail(`${sentence} (${previous.t1}); expected one call at a time`);
    }
    previousOf.set(call.actor, call);
  }
}
