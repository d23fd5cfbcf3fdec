/**
 * Conform document: a report of `conform` as the JSON document that the verb prints, keeps and makes its text of. Used by
 * the command line.
 */

import type { ConformDocument } from './conform-schema.js';

/** Lines before and behind the refused one that are shown. */
const NEAR = 2;

/** What a report says of itself. */
type Known = Omit<ConformDocument, 'schema' | 'trace' | 'log' | 'refusal' | 'file'>;

/** The same, where undefined is not known. */
type Reported = {
  readonly [Name in keyof Known]: Known[Name] | (undefined extends Known[Name] ? undefined : never);
};

type Refused = Omit<NonNullable<ConformDocument['refusal']>, 'nearest'>;

/** What was held against the model. */
export interface Held {
  /** As the user named them. */
  readonly trace: string;
  /** The text of the trace. */
  readonly text: string;
  readonly log?: { readonly path: string; readonly text: string } | undefined;
}

/** Read-only lists as the report has them. */
type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** The document of a report. */
export function conformDocument(
  { trace, log, text }: Held,
  { refusal, ...report }: Frozen<Reported> & { readonly refusal: Frozen<Refused> | undefined },
): ConformDocument {
  const isThere = ([, value]: [string, unknown]): boolean => value !== undefined;
  const document = {
    ...{ schema: 'faultline.conform/1', trace, log: log?.path },
    ...report,
    refusal: report.verdict === 'refused' && refusal !== undefined ? nearTo(refusal, log, text) : undefined,
  };
  return Object.fromEntries(Object.entries(document).filter(isThere)) as ConformDocument;
}

function nearTo(refusal: Frozen<Refused>, log: Held['log'], text: string) {
  const { isInLog, line } = refusal.event;
  return { ...refusal, nearest: nearestLines(isInLog && log !== undefined ? log.text : text, line) };
}

function nearestLines(text: string, line: number): { line: number; text: string }[] {
  const first = Math.max(1, line - NEAR);
  const lines = text.split('\n').slice(first - 1, line + NEAR);
  return lines.map((each, place) => ({ line: first + place, text: each.trim() })).filter((each) => each.text !== '');
}
