/**
 * Live trace: what is known of how a live finding came about, as a trace document: the history of the word that broke.
 * Imported by whoever shows findings.
 */

import type { LiveActorStory, LiveFinding, LiveHistoryStep } from '../live/live-finding.js';
import type { DocumentStep, TraceDocument } from '../trace/trace-schema.js';
import { liveHistory, liveTitle } from './live-history.js';

/** The document of a live finding without a schedule. Its steps are those on the first cell that the finding is about. */
export function liveTraceDocument(
  finding: LiveFinding,
  source: Omit<TraceDocument['source'], 'engine'>,
  unconfirmed: boolean,
): TraceDocument {
  const { kind, words, rule, history, actors, actor, wordsAbout, waits, cell } = finding;
  const violation = { kind, words, rule };
  const [about] = wordsAbout;
  const isOrdered = history.every(({ version }) => version !== undefined);
  const steps = isOrdered ? [...history] : [...history].sort((one, other) => one.actor - other.actor);
  const placeOf = (wanted: number): number => actors.findIndex((each) => each.actor === wanted);
  const told = steps.map((step, place) => stepOf(step, steps[place - 1], placeOf(step.actor)));
  const isRefusal = actor !== undefined && placeOf(actor) >= 0;
  const wanted = waits.map((wait) => ({
    ...{ actor: placeOf(wait.actor), text: wait.lock, lock: wait.lock },
    for: wait.blockers.map((blocker) => ({ actor: placeOf(blocker.actor), as: blocker.mode })),
  }));
  return {
    schema: 'faultline.trace/1',
    title: liveTitle(finding, unconfirmed),
    source: { engine: 'live', ...source },
    order: isOrdered ? 'total' : 'by actor',
    violation,
    actors: actors.map(actorOf),
    machines: [],
    cells: about === undefined ? [] : [{ name: about.name, class: cell, kind: 'cell' }],
    steps: isRefusal ? [...told, refusedStep(finding, placeOf(actor), violation)] : told,
    conflicts: [],
    ...(isRefusal && { blame: { step: told.length, shows: true, function: finding.function } }),
    ...(wanted.length > 0 && {
      deadlock: {
        waits: wanted,
        ring: wanted.map((wait) => wait.actor),
        core: wanted.map((wait) => wait.actor),
        othersRun: true,
      },
    }),
    columns: liveHistory(finding),
  };
}

function actorOf({ actorName, completed, inFlight, at }: LiveActorStory): TraceDocument['actors'][number] {
  const now = inFlight === undefined ? [] : [at === undefined ? inFlight.name : `${inFlight.name} (at ${at.op})`];
  return { name: actorName, calls: [...completed.map(({ name }) => name), ...now] };
}

/** A step holds what the word held behind it; what it held before is known from the step before, where that is in order. */
function stepOf(step: LiveHistoryStep, before: LiveHistoryStep | undefined, actor: number): DocumentStep {
  const { op, value, function: name, version } = step;
  const was = before === undefined || (version === undefined && before.actor !== step.actor) ? undefined : before.value;
  const access = { cell: 0, ...(was !== undefined && { before: was }), ...(was !== value && { after: value }) };
  return { actor, text: op, frames: [{ name, visit: 0 }], ops: [{ text: op, accesses: [access] }] };
}

function refusedStep(
  { op, function: name }: LiveFinding,
  actor: number,
  violation: NonNullable<DocumentStep['violation']>,
): DocumentStep {
  return { actor, text: op, frames: [{ name, visit: 0 }], violation };
}
