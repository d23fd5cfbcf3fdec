/**
 * Conform findings: a refusal of `conform` as a file: what was held against what, by the hashes of the bytes, and the whole
 * report, which `show` draws again. Imported by the verb `conform`, and by what reads finding files.
 */

import { z } from 'zod';
import { shortHash } from '../core/short-hash.js';
import { conformSchema } from '../report/conform-schema.js';
import { writeJsonFile } from './finding-file.js';

/** A file that was read. */
const fileRead = z.strictObject({
  /** As it was named; `-` for standard input. */
  path: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The zod schema of its file. */
export const conformFindingSchema = z.strictObject({
  schema: z.literal('faultline.conform-finding/1'),
  id: z.string().min(1),
  trace: fileRead,
  log: fileRead.optional(),
  /** Scheme and clock error are the report's. */
  maxStates: z.int().positive().optional(),
  report: conformSchema,
});

/** What such a file holds. */
export type ConformFinding = z.infer<typeof conformFindingSchema>;

/** Writes the file of a refusal into a folder; its path. Throws what the file system throws. */
export function writeConformFinding(folder: string, finding: Omit<ConformFinding, 'schema' | 'id'>): string {
  const { trace, log, report } = finding;
  const { scheme, clockError, refusal } = report;
  const about = [trace.sha256, log?.sha256 ?? '', scheme, String(clockError), String(refusal?.event.line)];
  const id = shortHash('conform', ...about);
  const content: ConformFinding = { schema: 'faultline.conform-finding/1', id, ...finding };
  return writeJsonFile(folder, id, content);
}
