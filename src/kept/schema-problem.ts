/**
 * What is wrong with a document of ours, in a sentence. Imported by whatever reads one.
 */

import type { z } from 'zod';
import { didYouMean } from '../core/input-sentence.js';

/** `finding.kind: Invalid option: expected one of ...; did you mean "leak"?`: the first problem of a document. */
export function schemaProblem({ issues: [issue] }: z.core.$ZodError, document: unknown): string {
  return `${issue.path.join('.') || 'it'}: ${issue.message}${meant(issue, document)}`;
}

/** The name that was probably meant where one is none, or the member where one is missing; or the end of the sentence. */
function meant(issue: z.core.$ZodIssue, document: unknown): string {
  const given = memberAt(document, issue.path);
  if (issue.code === 'invalid_value') return didYouMean(given, issue.values.map(String), '.');
  const parent = memberAt(document, issue.path.slice(0, -1));
  if (given !== undefined || typeof parent !== 'object' || parent === null) return '.';
  return didYouMean(issue.path.at(-1), Object.keys(parent), '.').replace('did you mean', 'is it meant by');
}

function memberAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], document);
}
