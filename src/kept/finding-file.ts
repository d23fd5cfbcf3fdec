/**
 * Finding files: a finding with its whole subject, so that it replays where a token alone does not, and after the
 * user's own files have changed. Imported by the verbs.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { findingKinds } from '../core/finding-kind.js';
import { claimedEdgeSchema } from '../report/token-claim.js';
import { subjectRecordSchema } from '../subject/subject-record.js';
import { type LiveFindingFile, liveFindingFileSchema } from './live-finding-schema.js';

const count = z.int().nonnegative();

/** The zod schema of a finding file. */
export const findingFileSchema = z.strictObject({
  schema: z.literal('faultline.finding/1'),
  token: z.string().min(1),
  finding: z.strictObject({
    id: z.string().min(1),
    kind: z.enum(findingKinds),
    signature: z.string(),
    title: z.string(),
    words: z.string(),
    rule: z.string(),
    schedule: z.strictObject({ steps: z.array(count), choices: z.array(count) }),
    kept: z.array(z.array(count)),
    steps: count,
    contextSwitches: count,
    minimal: z.boolean(),
    foundAt: count,
    strategy: z.string().optional(),
    history: z.strictObject({ steps: count, contextSwitches: count }),
    opsHash: z.string(),
    /** Livelock and starvation: the step from which it goes round. */
    loopFrom: count.optional(),
    /** Lock order: each lock of the ring with the one that is wanted while it is held. */
    lockCycle: z.array(claimedEdgeSchema.extend({ state: count })).optional(),
    idle: z.boolean().optional(),
  }),
  subject: subjectRecordSchema,
  /** The story as it was printed. */
  columns: z.string(),
});

/** What a finding file holds. */
export type FindingFile = z.infer<typeof findingFileSchema>;

const anyFindingSchema = z.discriminatedUnion('schema', [findingFileSchema, liveFindingFileSchema(findingFileSchema)]);

/**
 * Writes the file of a finding into a folder, which is made when it is absent: at once or not at all. Returns its path.
 *
 * @throws what the file system throws: a full disk, a folder that cannot be written
 */
export function writeFindingFile(folder: string, content: FindingFile): string {
  return writeJsonFile(folder, content.finding.id, content);
}

/** The same for any document. */
export function writeJsonFile(folder: string, name: string, content: unknown): string {
  makeFolder(resolve(folder));
  const path = join(folder, `${name}.json`);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { flush: true });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return path;
}

/**
 * Makes a folder and those above it. `recursive: true` would loop for ever below /proc, where mkdir says ENOENT although
 * the parent is there. Throws what the file system throws.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

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
  const [issue] = parsed.error.issues;
  throw new InputError(`faultline: ${path} is no finding file: ${issue.path.join('.') || 'it'}: ${issue.message}.`);
}
