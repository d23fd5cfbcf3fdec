/**
 * Reading finding files of either kind. Imported by the verbs that are given one.
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { type FindingFile, findingFileSchema } from './finding-schema.js';
import { type LiveFindingFile, liveFindingFileSchema } from './live-finding-schema.js';
import { schemaProblem } from './schema-problem.js';

const anyFindingSchema = z.discriminatedUnion('schema', [findingFileSchema, liveFindingFileSchema(findingFileSchema)]);

/**
 * Reads a finding file; of a live finding's file, the reproducer in it.
 *
 * @throws InputError when it cannot be read, is none, or holds a live finding that has no reproducer
 */
export function readFindingFile(path: string): FindingFile {
  const content = readAnyFinding(path);
  if (content.schema === 'faultline.finding/1') return content;
  if (content.reproducer !== null) return content.reproducer;
  throw new InputError(
    `faultline: ${path} holds a live finding for which no reproducer was found, so there is nothing to replay; faultline show prints what is known.`,
  );
}

/** Reads a finding file of either kind. Throws InputError when it cannot be read or is none. */
export function readAnyFinding(path: string): FindingFile | LiveFindingFile {
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
  if (parsed.success) return parsed.data as FindingFile | LiveFindingFile;
  throw new InputError(`faultline: ${path} is no finding file: ${schemaProblem(parsed.error, content)}`);
}
