/**
 * What lies ahead of runs of the stream in which only daemons go on, or which go round. Used by the stream.
 */

import type { Program } from '../../core/program/program.js';
import type { Move } from '../../core/run/closure.js';
import type { Executor } from '../../core/run/executor.js';
import { OUTLOOK_STATES, Outlook, type Prospect } from '../../core/run/outlook.js';

/** States that may be looked at in all, for runs in which only daemons go on. */
const MOST_LOOKED = 500_000;

/** Looks ahead of runs of one program. */
export class Ahead {
  #outlook: Outlook | undefined;

  constructor(readonly program: Program) {}

  /** What can still come of a run. */
  of(executor: Executor): Prospect {
    return this.#look.of(executor);
  }

  /** The steps to the end of a run in which only daemons go on, if all that they do can only repeat itself. */
  wayToEnd(executor: Executor): readonly Move[] | undefined {
    const look = this.#look;
    const prospect = look.of(executor, look.looked < MOST_LOOKED ? OUTLOOK_STATES : 0);
    return prospect.kind === 'end' ? prospect.way : undefined;
  }

  get #look(): Outlook {
    this.#outlook ??= new Outlook(this.program);
    return this.#outlook;
  }
}
