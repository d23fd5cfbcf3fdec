/**
 * Holding a trace: a thread of its own searches, and this one stops it, at its next event or else by force. Imported by the
 * verb `conform` and by replays of its refusals.
 */

import type { TraceReport } from '../../gmem/ftrace/conform-trace.js';
import { Shared, type TraceTask, traceTaskModule } from '../../gmem/ftrace/trace-task.js';
import { conformDocument } from '../../report/conform-document.js';
import type { ConformDocument } from '../../report/conform-schema.js';
import { traceName } from '../../report/conform-text.js';
import { countText, plural } from '../../report/quantities.js';
import { type Refusal, refusedError } from '../../threads/refusal.js';
import { endPool, workerPool } from '../../threads/worker-pool.js';
import type { Progress } from '../terminal/progress.js';

/** Time between two looks at how far it is. */
const LOOK_EVERY_MS = 100;
/** Time that the thread has to stop by itself. */
const PATIENCE_MS = 500;

/** What the thread answers. */
type TraceReply = { readonly report: TraceReport } | Refusal;

/** What is held against what. */
export interface Holding {
  /** As the user named it. */
  readonly trace: string;
  readonly text: string;
  readonly log: { readonly path: string; readonly text: string } | undefined;
  readonly scheme: string;
  readonly clockError: number;
  readonly maxStates: number | undefined;
  /** When it has to be over, on the clock of `performance.now`. */
  readonly endMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** What came of it; a sentence where the thread had to be ended. */
export type HeldTrace = { readonly document: ConformDocument } | { readonly noAnswer: string };

/**
 * Holds a trace against a scheme; what came of it.
 *
 * @throws InputError for a trace or a scheme that is none
 */
export async function holdTrace(holding: Holding): Promise<HeldTrace> {
  const { trace, text, log } = holding;
  const shared = new Int32Array(new SharedArrayBuffer(4 * Shared.words));
  const reply = await replyOf(holding, shared);
  if (reply === undefined || reply === 'memory') return { noAnswer: noAnswer(holding, shared, reply) };
  if ('refused' in reply) throw refusedError(reply);
  return { document: settled(conformDocument({ trace, text, log }, reply.report), holding) };
}

/** Who stopped it is known here alone. */
function settled(document: ConformDocument, { signal }: Holding): ConformDocument {
  if (document.because !== 'stopped') return document;
  return { ...document, because: signal.aborted ? 'it was interrupted' : 'the budget is spent' };
}

/** Why there is none. */
export function noAnswer(
  { trace, signal }: Pick<Holding, 'trace' | 'signal'>,
  shared?: Int32Array,
  want?: 'memory',
): string {
  const ended = signal.aborted ? 'it was interrupted' : 'the budget was spent';
  const why = want === undefined ? ended : 'it ran out of memory (--max-states bounds it)';
  const [explained, events] = shared === undefined ? [0, 0] : [shared[Shared.explained], shared[Shared.events]];
  const where =
    events === 0
      ? 'the first event was looked at'
      : `more than ${countText(explained)} of ${plural(events, 'event')} were explained`;
  return `faultline: ${traceName(trace)}: no answer: ${why} before ${where}.`;
}

/** The thread's answer; undefined when it had to be ended, `memory` when it ended for want of that. */
async function replyOf(holding: Holding, shared: Int32Array): Promise<TraceReply | 'memory' | undefined> {
  const { text, log, scheme, clockError, maxStates, endMs, signal, progress, trace } = holding;
  const name = trace === '-' ? 'standard input' : trace;
  const task: TraceTask = { name, text, userLog: log?.text, scheme, clockError, maxStates, shared };
  const pool = workerPool('conform', 'runHolding', 1);
  let looking: NodeJS.Timeout | undefined;
  const ended = new Promise<undefined>((resolve) => {
    let stoppedAtMs: number | undefined;
    looking = setInterval(() => {
      const now = performance.now();
      const [explained, events] = [Atomics.load(shared, Shared.explained), Atomics.load(shared, Shared.events)];
      if (events > 0) progress.update(`${traceName(trace)}: ${countText(explained)} of ${plural(events, 'event')}`);
      if (stoppedAtMs === undefined && (signal.aborted || now >= endMs)) {
        stoppedAtMs = now;
        Atomics.store(shared, Shared.stop, 1);
      }
      if (stoppedAtMs !== undefined && now >= stoppedAtMs + PATIENCE_MS) resolve(undefined);
    }, LOOK_EVERY_MS);
  });
  try {
    return await Promise.race([pool.run({ module: traceTaskModule, task }) as Promise<TraceReply>, ended]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return 'memory';
    throw error;
  } finally {
    clearInterval(looking);
    await endPool(pool);
  }
}
