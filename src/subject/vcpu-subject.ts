/**
 * Subjects as live runs take them: whose actors loop, with another number of vCPUs, and which of their actors are vCPUs.
 * Imported by the verbs that run live.
 */

import { InputError } from '../core/errors.js';
import { loopingWorld } from '../gmem/scenarios/looping-world.js';
import type { Scenario } from '../gmem/scenarios/scenario.js';
import { withVcpus } from '../gmem/scenarios/with-vcpus.js';
import { worldSubject } from './scenario-subject.js';
import type { Subject } from './subject.js';
import { scenarioOf } from './subject-record.js';

/** A subject whose actors loop, and what it leaves out of the one it was made from, in sentences. */
export interface LoopingSubject {
  readonly subject: Subject;
  readonly notes: readonly string[];
}

/** The subject without what only calls that are made once can keep; itself when there is nothing of that. */
export async function loopingSubject(subject: Subject): Promise<LoopingSubject> {
  const { record } = subject;
  if (record.model !== 'guest_memfd') return { subject, notes: [] };
  const scenario = scenarioOf(record);
  const { scenario: world, notes } = loopingWorld(scenario);
  return { subject: world === scenario ? subject : await madeOf(world, subject, record), notes };
}

/**
 * The subject with so many vCPUs; the subject itself when it has as many. Throws InputError for a user's own model, and
 * as `withVcpus` does.
 */
export async function subjectWithVcpus(subject: Subject, count: number): Promise<Subject> {
  const { record } = subject;
  if (record.model !== 'guest_memfd') {
    throw new InputError(
      `faultline: --vcpus ${count}: ${subject.scenario} is a model of its own; set its parameters with --set.`,
    );
  }
  const scenario = scenarioOf(record);
  const world = withVcpus(scenario, count);
  return world === scenario ? subject : await madeOf(world, subject, record);
}

/** The subject of a world that was made of another's. */
async function madeOf(world: Scenario, { settings }: Subject, { scheme, schemeFile }: GmemRecord): Promise<Subject> {
  const made = await worldSubject(world, scheme, schemeFile);
  return { ...made, settings, record: { ...made.record, settings } };
}

type GmemRecord = Extract<Subject['record'], { model: 'guest_memfd' }>;

/** The numbers of the actors that are vCPUs; undefined for a user's own model. */
export function vcpusOf({ record }: Subject): readonly number[] | undefined {
  if (record.model !== 'guest_memfd') return undefined;
  return record.scenario.actors.flatMap(({ kind }, actor) => (kind === 'vcpu' ? [actor] : []));
}
