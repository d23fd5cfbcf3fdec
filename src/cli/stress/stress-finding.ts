/**
 * A finding of a stress run as it is reported. Imported by what runs it and by its text.
 */

import { signatureText } from '../../core/story/signature.js';
import type { FindingFile } from '../../kept/finding-schema.js';
import { liveFindingId } from '../../kept/live-finding-file.js';
import type { ReproducerSearch } from '../../kept/reproducer.js';
import type { ReplayedBy } from '../../kept/story.js';
import { tokenWorldOf } from '../../kept/world-document.js';
import type { FoundAgain } from '../../live/live-report.js';
import { liveTitle } from '../../report/live-history.js';
import type { ReportedFinding } from '../../report/result-document.js';
import type { Subject } from '../../subject/subject.js';

/** What was found live, and what came of the search for a reproducer. */
export interface StressFinding {
  readonly world: Subject;
  readonly found: FoundAgain;
  /** Undefined when none was made. */
  readonly search: ReproducerSearch | undefined;
  /** The reproducer with its token and columns. */
  readonly content: FindingFile | undefined;
  /** Why the controlled engine does not take the model, in one sentence. */
  readonly refusal: string | undefined;
  readonly interrupted: boolean;
  /** Undefined when it could not be written. */
  readonly file: string | undefined;
}

/** The title: that of the reproducer, which knows what the step conflicts with, else what is known. */
export function stressTitle({ content, found, search, interrupted }: StressFinding): string {
  return content?.finding.title ?? liveTitle(found.finding, search !== undefined && !interrupted);
}

/** What replays the reproducer, if there is one: without a file also what its token is about. */
export function stressReplay({ content, search, file }: StressFinding): ReplayedBy {
  const { reproducer } = search ?? {};
  if (reproducer === undefined || content === undefined) return { file };
  if (reproducer.subject.builtIn) return { token: content.token, file };
  return file === undefined ? { token: content.token, world: tokenWorldOf(reproducer.subject) } : { file };
}

/** For the result document. */
export function reportedFinding(reported: StressFinding): ReportedFinding {
  const { world, found, search, content } = reported;
  const { kind, signature, epoch, seconds, calls, faults } = found.finding;
  const { steps, contextSwitches, minimal } = content?.finding ?? {};
  return {
    finding: {
      ...{ id: liveFindingId(world, found.finding), kind, signature: signatureText(signature) },
      ...{ title: stressTitle(reported), steps, contextSwitches, minimal },
    },
    ...stressReplay(reported),
    live: { count: found.count, epoch, seconds, lastSeconds: found.lastSeconds, calls, faults },
    search: search && { schedules: search.schedules, candidates: search.candidates },
  };
}
