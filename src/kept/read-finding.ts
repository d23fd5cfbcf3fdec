/**
 * Reading finding files of any kind. Imported by the verbs that are given one.
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { type ConformFinding, conformFindingSchema } from './conform-finding.js';
import { type FindingFile, findingFileSchema } from './finding-schema.js';
import { type LiveFindingFile, liveFindingFileSchema } from './live-finding-schema.js';
import { schemaProblem } from './schema-problem.js';

/** What a finding file of any kind holds. */
export type AnyFinding = FindingFile | LiveFindingFile | ConformFinding;

const anyFindingSchema = z.discriminatedUnion('schema', [
  findingFileSchema,
  liveFindingFileSchema(findingFileSchema),
  conformFindingSchema,
]);

/**
 * Reads a finding file; of a live finding's file, the reproducer in it.
 *
 * @throws InputError when it cannot be read, is none, or holds no run: a live finding without a reproducer, a refused trace
 */
export function readFindingFile(path: string): FindingFile {
  const content = readAnyFinding(path);
  if (content.schema === 'faultline.finding/1') return content;
  if (content.schema === 'faultline.conform-finding/1') {
    throw new InputError(
      `faultline: ${path} holds a refused trace, and no run of a model; faultline replay holds it again.`,
    );
  }
  if (content.reproducer !== null) return content.reproducer;
  throw new InputError(
    `faultline: ${path} holds a live finding for which no reproducer was found, so there is nothing to replay; faultline show prints what is known.`,
  );
}

/** Reads a finding file of any kind. Throws InputError when it cannot be read or is none. */
export function readAnyFinding(path: string): AnyFinding {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InputError(
      `faultline: ${path} ${code ? `cannot be read (${code})` : 'is no JSON'}; name a finding file.`,
    );
  }
  const parsed = anyFindingSchema.safeParse(content);
  if (parsed.success) return parsed.data as AnyFinding;
  throw new InputError(`faultline: ${path} is no finding file: ${schemaProblem(parsed.error, content)}`);
}
