/**
 * Conform trace: holds a kernel's trace against a scheme of guest_memfd, and says what was looked at and what was not.
 * Imported by the verb `conform` and the library.
 */

import { type Conformed, conform, type Reason } from '../../conform/conform.js';
import type { ObservedEvent } from '../../conform/observed.js';
import { unguarded } from '../../core/guard.js';
import { compileUnder } from '../../model/model.js';
import type { Scheme } from '../scheme.js';
import { doubtsOfLog } from './doubts.js';
import { type Recorded, type RecordedEvent, recordedOf } from './recorded.js';
import { recordedModel } from './recorded-model.js';
import type { TraceText } from './trace-lines.js';
import { accessTasks, type LoggedAccess, readUserLog } from './user-log.js';

/** How a trace is held against a scheme. */
export interface TraceOptions {
  readonly scheme: Scheme;
  /** The text of a log of accesses that the recorded programs wrote. */
  readonly userLog?: string;
  /** How far time stamps of two tasks may be off, in the units of the trace's clock; 0 if left out. */
  readonly clockError?: number;
  readonly maxStates?: number;
  /** Asked now and then: whether to go on. `explained` of `events` are. */
  readonly goOn?: (explained: number, events: number) => boolean;
}

/** An event as a report shows it. */
export interface ReportedEvent {
  readonly task: string;
  readonly line: number;
  readonly time: number;
  /** The mark of the model that it is the trace of. */
  readonly kind: 'enter' | 'leave' | 'tracepoint';
  readonly name: string;
  /** The line behind the time stamp. */
  readonly text: string;
  /** The line is one of the log, and not of the trace. */
  readonly isInLog?: true;
}

/** What came of it. */
export interface TraceReport {
  readonly verdict: 'explained' | 'refused' | 'undecided';
  readonly scheme: string;
  /** The recorded kernel, its clock and number of processors, where the trace says so. */
  readonly kernel: string | undefined;
  readonly clock: string | undefined;
  readonly cpus: number | undefined;
  /** Events that the recorder lost; undefined where the trace does not say. */
  readonly lost: number | undefined;
  readonly tasks: readonly string[];
  readonly pages: number;
  /** Events that the model speaks of, and how many of them were explained, in order. */
  readonly events: number;
  readonly explained: number;
  /** By group, in the order in which the groups came. */
  readonly groups: readonly { readonly group: string; readonly events: number }[];
  /** Accesses of the log, and how many of them were explained; undefined without a log. */
  readonly accesses: { readonly of: number; readonly explained: number } | undefined;
  /** Lines that say nothing of what the model has, by event, the most frequent first. */
  readonly ignored: readonly { readonly event: string; readonly lines: number }[];
  /** What the trace does not show, and the model was free to choose. */
  readonly notRecorded: readonly string[];
  readonly states: { readonly average: number; readonly most: number };
  readonly clockError: number;
  /** The event that no execution explains, what speaks against it, and the events of all tasks before it. */
  readonly refusal:
    | {
        readonly event: ReportedEvent;
        readonly reasons: readonly Reason[];
        readonly states: number;
        /** The last events before it, oldest first. */
        readonly before: readonly ReportedEvent[];
      }
    | undefined;
  /** Why it is undecided. */
  readonly because: string | undefined;
}

/** Events that a report shows before the one that is refused. */
const BEFORE = 24;

/**
 * Holds a trace against a scheme.
 *
 * @throws InputError for a trace that has nothing of guest_memfd in it
 */
export async function conformTrace(trace: TraceText, options: TraceOptions): Promise<TraceReport> {
  const { scheme, userLog, clockError = 0, maxStates, goOn } = options;
  const recorded = recordedOf(trace);
  const accesses = userLog === undefined ? [] : readUserLog(userLog);
  const { until = Number.POSITIVE_INFINITY } = recorded;
  const held = accesses.filter(({ to }) => to < until);
  const { model, observation } = recordedModel(recorded, scheme, held);
  const program = await compileUnder(model, unguarded, { notesCrossings: true });
  const observed = observation(program);
  const result = conform(program, observed, {
    clockError,
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(goOn === undefined ? {} : { goOn: (explained: number) => goOn(explained, observed.events.length) }),
  });
  return reportOf({ trace, recorded, result, events: observed.events, accesses, options });
}

interface Reported {
  readonly trace: TraceText;
  readonly recorded: Recorded;
  readonly result: Conformed;
  readonly events: readonly ObservedEvent[];
  readonly accesses: readonly LoggedAccess[];
  readonly options: TraceOptions;
}

function reportOf({ trace, recorded, result, events, accesses, options }: Reported): TraceReport {
  const { header } = trace;
  const { event, reasons, before } = result;
  const { tasks } = recorded;
  const shown = (each: ObservedEvent): ReportedEvent => ({
    task: tasks[each.actor]?.name ?? taskOfAccesses(recorded, accesses, each),
    line: each.line,
    time: each.time,
    kind: each.kind,
    name: each.name,
    text: each.text,
    ...(each.actor < tasks.length ? {} : { isInLog: true }),
  });
  const isOfTrace = ({ actor }: ObservedEvent) => actor < tasks.length;
  const done = events.slice(0, result.explained);
  const { lost } = trace;
  const because = undecidedBecause(result, lost, recorded, [...recorded.doubts, ...doubtsOfLog(recorded, accesses)]);
  const cpus = header.get('cpus');
  return {
    verdict: because === undefined ? result.verdict : 'undecided',
    scheme: options.scheme.name,
    kernel: header.get('kernel')?.split(' ')[0],
    clock: /\[([\w-]+)\]/.exec(header.get('clock') ?? '')?.[1],
    cpus: cpus === undefined ? undefined : Number(cpus),
    lost,
    tasks: tasks.filter(({ calls }) => calls.length > 0).map(({ name }) => name),
    pages: recorded.pages,
    events: recorded.events.length,
    explained: done.filter(isOfTrace).length,
    groups: groupsOf(recorded.events),
    accesses:
      options.userLog === undefined
        ? undefined
        : { of: accesses.length, explained: done.filter((each) => each.name === 'access ends').length },
    ignored: [...recorded.ignored].map(([name, lines]) => ({ event: name, lines })).sort((a, b) => b.lines - a.lines),
    notRecorded: notRecorded(recorded),
    states: { average: result.explained === 0 ? 1 : result.sumOfStates / result.explained, most: result.mostStates },
    clockError: options.clockError ?? 0,
    refusal:
      event === undefined
        ? undefined
        : { event: shown(event), reasons, states: before.length, before: done.slice(-BEFORE).map(shown) },
    because,
  };
}

function taskOfAccesses({ tasks }: Recorded, accesses: readonly LoggedAccess[], { actor }: ObservedEvent): string {
  const pid = accessTasks(accesses)[actor - tasks.length];
  return tasks.find((task) => task.pid === pid)?.name ?? `task ${pid}`;
}

/** What keeps a verdict from being said. */
function undecidedBecause(
  { because, verdict, event }: Conformed,
  lost: number | undefined,
  { lacks, events }: Recorded,
  doubts: Recorded['doubts'],
): string | undefined {
  if (because === 'stopped') return 'stopped';
  if (because === 'states') return 'more states than are kept';
  if (lost !== undefined && lost > 0) return `${lost} events were lost by the recorder`;
  if (events.length === 0 && lacks === undefined) return 'no event of the trace is one that the model speaks of';
  const doubt = verdict === 'explained' ? lacks : doubts.find(({ line }) => line <= (event?.line ?? 0));
  if (doubt === undefined) return undefined;
  return doubt.line === 0 ? doubt.what : `line ${doubt.line}: ${doubt.what}`;
}

/** Marks that would say something else in words, and those of them that the trace has none of. */
const PROBES: readonly (readonly [what: string, events: readonly string[]])[] = [
  ['the frames of faults', ['pf_in', 'faultin_in', 'stale_in', 'map_in']],
  ['lookups of folios', ['get_folio_in']],
  ['mmu_lock', ['mmul_raw_read_lock_out', 'mmul_raw_write_lock_out']],
  ['invalidate_lock', ['down_write_out', 'down_read_out']],
  ['the frames of fallocate', ['fallocate_in']],
  ['invalidations', ['inv_end_in', 'ginv_start_in']],
  ['unlocks of folios', ['folio_unlock']],
  ['truncation', ['trunc_in', 'findlock_in']],
  ['user PTEs', ['ufault_in']],
];

/** What the trace does not show, and the model was free in. */
function notRecorded({ kinds }: Recorded): readonly string[] {
  const missing = PROBES.filter(([, events]) => !events.some((event) => kinds.has(event))).map(([what]) => what);
  return [
    'when snapshots were taken',
    'acquisitions of folio locks',
    ...missing,
    'clearing, uptodate and the arch hook, so that schemes which differ in these alone are not told apart',
  ];
}

function groupsOf(events: readonly RecordedEvent[]): TraceReport['groups'] {
  const groups = new Map<string, number>();
  for (const { group } of events) groups.set(group, (groups.get(group) ?? 0) + 1);
  return [...groups].map(([group, count]) => ({ group, events: count }));
}
