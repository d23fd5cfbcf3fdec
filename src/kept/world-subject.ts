/**
 * World subjects: from the world that a token is given with to the subject that replays. Imported by replays.
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import type { ReplayToken } from '../report/token.js';
import { schemeFileOf, worldSubject } from '../subject/scenario-subject.js';
import { isModelFile, resolveSubject, type Say, type Subject } from '../subject/subject.js';
import { scenarioOf } from '../subject/subject-record.js';
import { subjectRecordSchema } from '../subject/subject-record-schema.js';
import { schemaProblem } from './schema-problem.js';
import type { WorldDocument } from './world-document.js';

const [gmemRecord] = subjectRecordSchema.options;

/** The zod schema of a world document. */
export const worldSchema = z.strictObject({
  schema: z.literal('faultline.world/1'),
  /** The whole scenario, with its settings applied. */
  scenario: gmemRecord.shape.scenario,
  /** Built-in or a file, with its mutations. */
  scheme: z.string().min(1),
});

/** The subject of a token that is about what a file holds: a world document, a scenario, a model. Throws InputError. */
export async function subjectOfWorld({ scheme, settings }: ReplayToken, path: string, say: Say): Promise<Subject> {
  if (path.endsWith('.json')) {
    const world = readWorld(path);
    const scenario = scenarioOf({ model: 'guest_memfd', settings: {}, ...world });
    return worldSubject(scenario, world.scheme, await schemeFileOf(world.scheme));
  }
  return await resolveSubject({ scenario: path, scheme: isModelFile(path) ? undefined : scheme, settings }, say);
}

function readWorld(path: string): WorldDocument {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`faultline: --world: ${path} ${code ? `cannot be read (${code})` : 'is no JSON'}.`);
  }
  const parsed = worldSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InputError(`faultline: --world: ${path} is no world: ${schemaProblem(parsed.error, content)}`);
}
