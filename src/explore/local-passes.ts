/**
 * Local passes: makes a list of steps smaller one edit at a time, until no single edit helps any more.
 *
 * For programs that are too large to search for the shortest schedule: blocks of steps are left out or joined with
 * their actor's next or previous block, steps are left out, choices become 0. Deterministic. Used by the shrinker.
 */

import { type Block, blocksOf, isSmaller, type Step } from './step-list.js';

/** Runs a list of steps; the run as it happened if it still shows the finding, else undefined. */
export type Try = (steps: readonly Step[]) => readonly Step[] | undefined;

/** The smallest list that single edits lead to. `exhausted` stops early. */
export function localPasses(start: readonly Step[], attempt: Try, exhausted: () => boolean): readonly Step[] {
  let best = start;
  for (let improved = true; improved; ) {
    improved = false;
    for (const edits of [blockEdits, stepEdits, choiceEdits]) {
      // From the back: what comes late depends on most, and is needed by least.
      for (let place = edits(best).length - 1; place >= 0; place--) {
        for (const edit of edits(best)[place] ?? []) {
          if (exhausted()) return best;
          const run = attempt(edit());
          if (run === undefined || !isSmaller(run, best)) continue;
          best = run;
          improved = true;
          break;
        }
      }
    }
  }
  return best;
}

type Edits = readonly (readonly (() => Step[])[])[];

/** A block left out, joined with its actor's next block, joined with the previous one. */
function blockEdits(steps: readonly Step[]): Edits {
  const blocks = blocksOf(steps);
  return blocks.map(({ actor }, place) => {
    const next = blocks.findIndex((block, at) => at > place && block.actor === actor);
    const previous = blocks.findLastIndex((block, at) => at < place && block.actor === actor);
    return [
      () => flat(blocks.toSpliced(place, 1)),
      ...(next < 0 ? [] : [() => flat(joined(blocks, place, next))]),
      ...(previous < 0 ? [] : [() => flat(joined(blocks, place, previous))]),
    ];
  });
}

function stepEdits(steps: readonly Step[]): Edits {
  return steps.map((_, place) => [() => steps.toSpliced(place, 1)]);
}

function choiceEdits(steps: readonly Step[]): Edits {
  return steps.map((step, place) =>
    step.choice <= 0
      ? []
      : [
          () => steps.with(place, { ...step, choice: 0 }),
          () => steps.with(place, { ...step, choice: step.choice - 1 }),
        ],
  );
}

/** The blocks with the one at `from` moved to the one at `to`, which is of the same actor. */
function joined(blocks: readonly Block[], from: number, to: number): Block[] {
  const steps = from < to ? [...blocks[from].steps, ...blocks[to].steps] : [...blocks[to].steps, ...blocks[from].steps];
  return blocks.with(to, { actor: blocks[to].actor, steps }).toSpliced(from, 1);
}

function flat(blocks: readonly Block[]): Step[] {
  return blocks.flatMap((block) => block.steps);
}
