/**
 * World documents: what a token is about, where that is not built in and no finding file could be written. With a token
 * they are a whole finding: `faultline replay <token> --world <file>`. Imported by what keeps and what replays findings.
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import type { ReplayToken } from '../report/token.js';
import { schemeFileOf, worldSubject } from '../subject/scenario-subject.js';
import { isModelFile, resolveSubject, type Say, type Subject } from '../subject/subject.js';
import { scenarioOf, subjectRecordSchema } from '../subject/subject-record.js';

const [gmemRecord] = subjectRecordSchema.options;

const worldSchema = z.strictObject({
  schema: z.literal('faultline.world/1'),
  /** The whole scenario, with its settings applied. */
  scenario: gmemRecord.shape.scenario,
  /** Built-in or a file, with its mutations. */
  scheme: z.string().min(1),
});

/** A scenario of guest_memfd under a scheme. */
export type WorldDocument = z.infer<typeof worldSchema>;

/** What a token is about: a scenario and a scheme, or the path of the user's own model. */
export type TokenWorld = WorldDocument | string;

/** What a subject's tokens are about. */
export function tokenWorldOf({ record }: Subject): TokenWorld {
  if (record.model === 'file') return record.modelFile.path;
  const { scenario, scheme } = record;
  return { schema: 'faultline.world/1', scenario, scheme };
}

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
  const [issue] = parsed.error.issues;
  throw new InputError(`faultline: --world: ${path} is no world: ${issue.path.join('.') || 'it'}: ${issue.message}.`);
}
