/**
 * Inspection: what is wrong with a world at rest: a check that fails, or a deadlock. Used by the live session.
 */

import { stepDoesNotComeBack } from '../core/automaton/stuck.js';
import { CutOff } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { Audit } from './audit.js';
import { deadlockAtRest } from './deadlock-at-rest.js';
import { auditFinding, type Circumstances, deadlockFinding, type LiveFinding } from './live-finding.js';
import type { LiveSettled } from './live-session.js';
import type { ActorState } from './messages.js';
import type { Supervisor } from './supervisor.js';

/** How often checks are asked that do not come back. */
const ATTEMPTS = 3;

/** Where everybody is, and what came of a word (-1: of none). */
type Asks = (word: number) => Promise<Circumstances>;

/** What is wrong, if something is; and whether everybody who must finish has finished. */
export interface Inspected {
  readonly finding?: LiveFinding;
  readonly finished: boolean;
}

/** Looks at the worlds of one run. */
export class Inspection {
  readonly #audit: Audit;

  constructor(
    readonly program: Program,
    readonly supervisor: Supervisor,
    readonly options: Pick<LiveSettled, 'mode' | 'guard'>,
  ) {
    this.#audit = new Audit(program);
  }

  /** What the initial state breaks. */
  async initially(circumstances: Asks): Promise<LiveFinding | undefined> {
    const broken = this.#checked(() => this.#audit.initial());
    return broken && auditFinding(this.program, broken, await circumstances(broken.checked[0] ?? -1), true);
  }

  /**
   * Looks at the world as it is at rest.
   *
   * @param eventful whether something has happened meanwhile that ends the epoch in any case
   */
  async of(circumstances: Asks, eventful: () => boolean): Promise<Inspected> {
    const { supervisor, program, options } = this;
    const { memory } = supervisor;
    // Who waits is asked once more: what it waited for as it paused, another thread may have done on its way to rest.
    const isQuiet = supervisor.states.every(({ state }) => state !== 'ready');
    const states = isQuiet ? await supervisor.look() : supervisor.states;
    if (eventful()) return { finished: false };
    const finished = options.mode === 'once' && this.#isFinished(states);
    const broken = this.#checked(() =>
      finished ? this.#audit.finished(memory.model) : this.#audit.spanning(memory.model),
    );
    if (broken !== undefined) {
      const finding = auditFinding(program, broken, await circumstances(broken.checked[0] ?? -1));
      return { finding, finished };
    }
    const deadlock = finished ? undefined : deadlockAtRest(memory, states);
    if (deadlock === undefined) return { finished };
    const { stuck, ring } = deadlock;
    return { finding: deadlockFinding(program, stuck, ring, await circumstances(-1)), finished };
  }

  /** Asks checks of the model's; they may not come back. More than once: it may be the machine that is slow. */
  #checked<T>(work: () => T): T {
    for (let attempt = 1; ; attempt++) {
      try {
        return this.options.guard.run(work);
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        if (attempt === ATTEMPTS) throw stepDoesNotComeBack('a check of the model', error);
      }
    }
  }

  /** Mode once: everybody who must finish has finished, and nobody else can go on. */
  #isFinished(states: readonly ActorState[]): boolean {
    return states.every(
      ({ actor, state }) => state === 'done' || (this.program.actors[actor].daemon && state !== 'ready'),
    );
  }
}
