/**
 * Random walks that go on after a check has failed. A live run looks at checks that span words only when everybody is at
 * rest, so it may meet what a broken check leads to before it meets the check; the controlled engines end a run there.
 */

import { Field, Flag } from '../../dist/src/core/automaton/automaton.js';
import { Random } from '../../dist/src/core/random.js';
import { Executor } from '../../dist/src/core/run/executor.js';
import { StepFlag } from '../../dist/src/core/run/step-flag.js';
import { compileModel } from '../../dist/src/model/model.js';

const STEPS = 2_000;
/** An actor keeps its turn this often out of 8. */
const STAYS = [0, 4, 6, 7];

/** Number of the walk, from 1, that shows the kind after other checks have failed; undefined if none of `walks` does. */
export async function walkBeyondChecks(model, kind, walks) {
  const executor = new Executor(await compileModel(model));
  const random = new Random(1n, 0);
  for (let walk = 0; walk < walks; walk++) {
    if (shows(executor, kind, random, STAYS[walk % STAYS.length])) return walk + 1;
  }
  return undefined;
}

function shows(executor, kind, random, stays) {
  executor.reset();
  let actor = -1;
  for (let step = 0; step < STEPS && executor.runnableCount > 0; step++) {
    const runnable = executor.runnable.subarray(0, executor.runnableCount);
    if (!runnable.includes(actor) || random.below(8) >= stays) actor = runnable[random.below(runnable.length)];
    const choices = executor.choicesOf(actor);
    const node = executor.nodeOf(actor);
    const flags = executor.step(actor, choices > 1 ? random.below(choices) : 0);
    if ((flags & StepFlag.Violation) === 0) continue;
    if (executor.violation.kind === kind) return true;
    // As in src/explore/enumerate.ts: an op that was refused leaves its actor before it, and nobody knows what follows.
    const now = executor.nodeOf(actor);
    const midway = (executor.automaton.nodes[now + Field.flags] & Flag.Continues) !== 0;
    if (flags === StepFlag.Violation && (now === node || midway)) return false;
  }
  return false;
}
