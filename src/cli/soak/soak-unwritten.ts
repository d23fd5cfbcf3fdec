/**
 * What the disk did not take of a soak: findings of which there is no record, each with the reproducer that a search comes
 * to. They are told at the end of the session or nowhere. Imported by run-soak and by what prints it.
 */

import type { StepFinding } from '../../campaign/live-step.js';
import { InputError, ModelError } from '../../core/errors.js';
import { findingContent } from '../../kept/finding-content.js';
import type { FindingFile } from '../../kept/finding-schema.js';
import { liveFindingId } from '../../kept/live-finding-file.js';
import { type ReproducerSearch, searchReproducer } from '../../kept/reproducer.js';
import type { ReplayedBy } from '../../kept/story.js';
import { tokenWorldOf } from '../../kept/world-document.js';
import { usualWorkers } from '../options/engine-options.js';
import { watchdog } from '../terminal/interrupt.js';
import type { SoakSubjects } from './soak-subjects.js';

/** A finding that has no record. */
export interface UnwrittenFinding extends StepFinding {
  readonly id: string;
  /** The reproducer with its columns, and what replays it; undefined when none was reached. */
  readonly reproducer: { readonly content: FindingFile; readonly by: ReplayedBy } | undefined;
}

/** Searches a reproducer for each, unless the signal cuts that short. */
export async function unwrittenFindings(
  unwritten: readonly StepFinding[],
  subjects: SoakSubjects,
  signal: AbortSignal,
): Promise<UnwrittenFinding[]> {
  const found: UnwrittenFinding[] = [];
  for (const { step, finding } of unwritten) {
    const world = await subjects.of(step);
    let search: ReproducerSearch | undefined;
    try {
      if (!signal.aborted) {
        search = await searchReproducer(world, finding, {
          seed: step.seed,
          workers: usualWorkers(),
          signal,
          guard: watchdog(),
        });
      }
    } catch (error) {
      // What was found live stands, whether or not the controlled engine takes the model.
      if (!(error instanceof InputError || error instanceof ModelError)) throw error;
    }
    found.push({ step, finding, id: liveFindingId(world, finding), reproducer: reproducerOf(search) });
  }
  return found;
}

function reproducerOf(search: ReproducerSearch | undefined): UnwrittenFinding['reproducer'] {
  if (search?.reproducer === undefined) return undefined;
  const { subject, finding, program } = search.reproducer;
  const content = findingContent(subject, finding, program);
  return { content, by: { token: content.token, world: subject.builtIn ? undefined : tokenWorldOf(subject) } };
}
