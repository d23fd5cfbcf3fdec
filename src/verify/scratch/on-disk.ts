/**
 * On disk: the search for violations of one run of verify, in a scratch folder. A few states are searched in memory first: a
 * small space comes to its end there, and of a large one they show how its states are best packed. Used by verification.
 */

import { InputError } from '../../core/errors.js';
import { Surprise } from '../../space/met.js';
import type { WantedReductions } from '../../space/plan.js';
import type { CheckedVerifyOptions } from '../options.js';
import type { Preparation } from '../preparation.js';
import type { Searched } from '../searched.js';
import type { Scratched, ScratchRun } from './scratch-run.js';

/** What verification hands over. */
export interface OnDisk {
  readonly run: ScratchRun;
  readonly prepared: Preparation;
  readonly options: CheckedVerifyOptions;
  readonly wanted: WantedReductions;
  /** Searches a few states in memory; stopped by nothing but `farEnough` when there are more. */
  readonly few: () => Promise<Searched>;
  readonly farEnough: string;
  /** Why to stop; `mayEnd`: between two levels. */
  readonly stop: (states: number, mayEnd: boolean) => string | undefined;
}

/** Searches on disk, or in memory where that is enough. @throws InputError when the model cannot be searched on disk */
export async function searchOnDisk(on: OnDisk): Promise<Searched & Partial<Pick<Scratched, 'refused' | 'untold'>>> {
  const { run, prepared } = on;
  for (;;) {
    const { facts } = run;
    let few: Searched | undefined;
    if (facts === undefined) {
      few = await on.few();
      if (few.stoppedBy !== on.farEnough) return few;
      if (few.plan.completion === undefined) throw cannotBe(few);
    }
    const { plan, met } = few ?? (await prepared.planOf(facts!, on.wanted));
    const subject = { plan, met, facts: facts ?? prepared.met.facts() };
    try {
      return { plan, met, threads: 1, ...(await run.run(subject, few?.search, on.stop)) };
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      for (const fact of facts ?? []) prepared.met.learn(fact);
      prepared.met.learn(surprise.fact);
      run.discard();
    }
  }
}

function cannotBe({ plan }: Searched): InputError {
  const why = plan.used.problem ?? 'its routines have too many places';
  return new InputError(
    `faultline: --scratch needs to know all places of the routines beforehand, and does not: ${why}.`,
  );
}
