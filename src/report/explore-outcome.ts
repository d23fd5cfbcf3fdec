/**
 * Explore outcome: what a run of explore that found nothing came to, in a sentence or two: over how many schedules that
 * is said, and what became of the others. Used by the command line.
 */

import type { BoundedRuns, ExploreStats, StreamStats } from '../explore/stats.js';
import { growingText } from './growing-text.js';
import { countText, plural } from './quantities.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** Loops that are named; "Not covered" has them all. */
const NAMED = 3;

/** The outcome; lines of at most 75 characters, the last without '\n'. */
export function exploreOutcome(stats: ExploreStats): string {
  const { schedules, completed, bounded, joined, interrupted, stream } = stats;
  const count = plural(schedules, 'schedule');
  if (interrupted) return `Interrupted: nothing was found in ${count}.`;
  const head =
    completed === 0
      ? `No answer: none of ${count} came to its end.`
      : `Clean in ${bounded === 0 ? count : `${countText(completed + joined)} of ${count}`}.`;
  if (stream?.exhausted) return wrapWords(exhausted(stream, completed), WIDTH).join('\n');
  return wrapWords(bounded === 0 ? head : `${head} ${givenUp(stats)}`, WIDTH).join('\n');
}

/** Said only where the stream came to its end, nothing broke, and no run of it was given up. */
function exhausted({ schedules }: StreamStats, completed: number): string {
  const tried = `every interleaving was tried (${plural(schedules, 'schedule')}, equal states merged)`;
  return completed === 0 ? `No answer: ${tried}, and none came to its end.` : `Clean: ${tried}.`;
}

function givenUp(stats: ExploreStats): string {
  const { bounded, stepBound, boundedBy, completed } = stats;
  const were = bounded === 1 ? 'was' : 'were';
  const who =
    completed === 0 ? plural(bounded, 'schedule') : `The ${bounded === 1 ? 'other' : `other ${countText(bounded)}`}`;
  const what = `${who} ${were} given up after at most ${plural(stepBound, 'step')}: ${loopsText(boundedBy)}.`;
  return `${what} ${prospectText(stats)}`;
}

function loopsText(loops: readonly BoundedRuns[]): string {
  const named = loops.slice(0, NAMED).map(({ actor, loop }) => `${actor} kept going in ${loop}`);
  const more = loops.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** What is known of those that were given up, and who can tell more. */
function prospectText({ bounded, boundedOpen: open, growing }: ExploreStats): string {
  if (growing.length > 0) return growingText(growing);
  const verify = 'faultline verify tells whether a run can go round for ever.';
  if (open === bounded) return `${bounded === 1 ? 'It' : 'Each'} could still have come to an end; ${verify}`;
  const of = open === 0 ? '' : ` of ${countText(bounded - open)} of them`;
  return `Whether an end could still have come is not known${of}; ${verify}`;
}
