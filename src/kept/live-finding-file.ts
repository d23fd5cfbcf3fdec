/**
 * Live finding files: what a live run found, with all that is known of how it came about, and the reproducer that was
 * searched for it. `replay` runs the reproducer, `show` prints both. Imported by the verbs that run live.
 */

import { signatureText } from '../core/story/signature.js';
import { findingId } from '../explore/finding-of.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { FoundAgain } from '../live/live-report.js';
import type { Subject } from '../subject/subject.js';
import { findingContent } from './finding-content.js';
import { writeJsonFile } from './finding-file.js';
import type { LiveFindingFile } from './live-finding-schema.js';
import type { ReproducerSearch } from './reproducer.js';

/** A live finding that was kept. */
export interface LiveFindingKept {
  /** Short stable hash of signature and world: 8 hex digits. */
  readonly id: string;
  readonly path: string;
  /** The reproducer in columns; undefined when there is none. */
  readonly columns: string | undefined;
}

/**
 * Writes the file of a live finding into a folder: at once or not at all, over what was written of it before.
 *
 * @param search what the search for a reproducer came to; undefined: not searched yet
 * @throws what the file system throws: a full disk, a folder that cannot be written
 */
export function writeLiveFinding(
  folder: string,
  world: Subject,
  { finding, count, lastSeconds }: FoundAgain,
  search: ReproducerSearch | undefined,
): LiveFindingKept {
  const id = liveFindingId(world, finding);
  const { reproducer } = search ?? {};
  const drawn = reproducer && findingContent(reproducer.subject, reproducer.finding, reproducer.program);
  const content: LiveFindingFile = {
    ...{ schema: 'faultline.live-finding/1', id, world: world.record, found: { finding, count, lastSeconds } },
    search: search === undefined ? null : { schedules: search.schedules, candidates: search.candidates },
    reproducer: drawn ?? null,
  };
  return { id, path: writeJsonFile(folder, id, content), columns: drawn?.columns };
}

/** The id of a live finding of a world. */
export function liveFindingId(world: Subject, { signature }: LiveFinding): string {
  return findingId(world.model, signatureText(signature));
}
