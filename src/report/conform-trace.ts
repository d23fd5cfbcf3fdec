/**
 * Conform trace: a refused recording as a trace document: the last events before the one that the model cannot explain, and
 * that one. Imported by whoever shows refusals.
 */

import type { DocumentStep, TraceDocument } from '../trace/trace-schema.js';
import type { ConformDocument } from './conform-schema.js';
import { conformText, conformTitle } from './conform-text.js';
import { plural } from './quantities.js';

type RecordedEvent = NonNullable<ConformDocument['refusal']>['event'];

/** The document of a refusal. Tasks are actors, and events are steps. */
export function conformTraceDocument(
  report: ConformDocument,
  source: Omit<TraceDocument['source'], 'engine'> = {},
): TraceDocument {
  const { refusal, tasks, scheme } = report;
  const events = refusal === undefined ? [] : [...refusal.before, refusal.event];
  const names = [...new Set([...tasks, ...events.map(({ task }) => task)])];
  const violation = refusal && {
    ...{ kind: 'refused', rule: refusal.event.name },
    words: refusal.reasons.map(({ words, states }) => `${words} (${plural(states, 'state')})`).join('; '),
  };
  const steps = events.map((event): DocumentStep => {
    const step = stepOf(event, names.indexOf(event.task));
    return event === refusal?.event && violation ? { ...step, violation } : step;
  });
  return {
    schema: 'faultline.trace/1',
    title: conformTitle(report),
    source: { engine: 'recorded', ...source, scheme },
    order: 'total',
    ...(violation && { violation }),
    actors: names.map((name) => ({ name, calls: [] })),
    machines: [],
    cells: [],
    steps,
    conflicts: [],
    ...(refusal && { blame: { step: steps.length - 1, shows: true, function: refusal.event.name } }),
    columns: conformText(report),
  };
}

function stepOf({ name, kind, text, line, time }: RecordedEvent, actor: number): DocumentStep {
  const frames = kind === 'tracepoint' ? [] : [{ name, visit: 0 }];
  return { actor, text, frames, line, time, ...(kind === 'leave' && { endsCall: true }) };
}
