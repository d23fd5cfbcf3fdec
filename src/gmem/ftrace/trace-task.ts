/**
 * Trace task: a trace to hold against a scheme, as one thread hands it to another, and the words that both of them have
 * meanwhile. Used by the worker and by whoever starts it.
 */

import { inputProblem } from '../../core/input-sentence.js';
import { loadScheme } from '../scheme-lookup.js';
import { conformTrace, type TraceReport } from './conform-trace.js';
import { readTraceText } from './trace-lines.js';

/** What to hold against what; plain data. */
export interface TraceTask {
  /** What sentences call the trace. */
  readonly name: string;
  readonly text: string;
  readonly userLog: string | undefined;
  /** A name with mutations, or a file. */
  readonly scheme: string;
  readonly clockError: number;
  readonly maxStates: number | undefined;
  /** As `Shared` says. */
  readonly shared: Int32Array;
}

/** Where this module lies, for a thread that loads it. */
export const traceTaskModule = import.meta.url;

/** The words that both threads have: whether to stop, and the events that were explained of how many. */
export const Shared = { stop: 0, explained: 1, events: 2, words: 3 } as const;

const FORMS = 'tracefs, trace-cmd report -t, perf script --ns or bpftrace, also gzip';

/**
 * Holds a trace against a scheme until it is told to stop.
 *
 * @throws InputError for a scheme that there is not, and for what `conformTrace` refuses
 */
export async function holdTask(task: TraceTask): Promise<TraceReport> {
  const { name, text, userLog, scheme, clockError, maxStates, shared } = task;
  const trace = readTraceText(text);
  if (trace.lines.length === 0) {
    throw inputProblem(name, `has no line of a trace; allowed: the text of ${FORMS}`);
  }
  return await conformTrace(trace, {
    scheme: await loadScheme(scheme),
    clockError,
    ...(userLog === undefined ? {} : { userLog }),
    ...(maxStates === undefined ? {} : { maxStates }),
    goOn(explained, events) {
      Atomics.store(shared, Shared.explained, explained);
      Atomics.store(shared, Shared.events, events);
      return Atomics.load(shared, Shared.stop) === 0;
    },
  });
}
