/**
 * A run as a result: the result document of one run, so that what is written from results can be had of a finding that is
 * shown or replayed. Used by the exports only.
 */

import { findingKinds } from '../core/finding-kind.js';
import type { ResultDocument } from '../report/result-schema.js';
import type { TraceDocument } from '../trace/trace-schema.js';

type Finding = ResultDocument['findings'][number];

/** What a verb would say of runs with `--json`, from their documents alone. */
export function resultOfRuns(verb: string, documents: readonly TraceDocument[]): ResultDocument {
  const findings = documents.flatMap(findingOf);
  const shared = (name: 'scenario' | 'scheme' | 'arch') => {
    const [first, ...others] = new Set(documents.map(({ source }) => source[name]));
    return first === undefined || others.length > 0 ? {} : { [name]: first };
  };
  return {
    ...{ schema: 'faultline.result/1', verb, ...shared('scenario'), ...shared('scheme'), ...shared('arch') },
    ...{ verdict: findings.length === 0 ? 'clean' : 'violation', findings },
  };
}

function findingOf(document: TraceDocument): readonly Finding[] {
  const { source, violation, title, steps } = document;
  if (violation === undefined) return [];
  const { signature = title, token, minimal } = source;
  // A refused recording is the model's word against the kernel's: no kind of finding, and the nearest is an assertion.
  const kind = findingKinds.find((each) => each === violation.kind) ?? 'assertion';
  const found = {
    ...{ id: idOf(source.id), kind, signature, title },
    ...{ steps: steps.length, contextSwitches: contextSwitches(document) },
    ...(token === undefined ? {} : { token }),
    ...(minimal === undefined ? {} : { minimal }),
  };
  return [found];
}

/** The document of a run that belongs to a finding of a result; undefined where there is none. */
export function runOfFinding(id: string, runs: readonly TraceDocument[]): TraceDocument | undefined {
  return runs.find(({ source }) => idOf(source.id) === id);
}

/** What replays a finding; undefined where nothing is known that does. */
export function replayOf({ token, file }: Finding, run: TraceDocument | undefined): string | undefined {
  const by = token ?? file;
  return run?.source.replay ?? (by === undefined ? undefined : `faultline replay ${by}`);
}

function idOf(id: string | undefined): string {
  return id ?? '00000000';
}

function contextSwitches({ steps }: TraceDocument): number {
  return steps.filter(({ actor }, place) => place > 0 && actor !== steps[place - 1].actor).length;
}
