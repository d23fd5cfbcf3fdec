/**
 * Short hashes: eight hex digits that stand for a text in ids and tokens, where a person compares or copies them.
 * Imported by the engines (ids of findings) and the reports (tokens).
 */

import { createHash } from 'node:crypto';

/** The first 32 bits of the text's SHA-256, as eight hex digits. Parts are told apart: ('ab', 'c') is not ('a', 'bc'). */
export function shortHash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
