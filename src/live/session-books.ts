/**
 * Session books: what a live run found and what befell it, from its first epoch to its report. Used by the session.
 */

import type { Program } from '../core/program/program.js';
import { signatureText } from '../core/story/signature.js';
import type { LiveFinding } from './live-finding.js';
import type { FoundAgain, ThreadDeath, UnfinishedEpochs } from './live-report.js';
import type { ActorStory } from './messages.js';

/** Deaths in a row, without a call in between, after which the run gives up. */
const DEATHS_IN_A_ROW = 20;

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** The books of one run. */
export class SessionBooks {
  readonly deaths: ThreadDeath[] = [];
  /** Epochs that did not come to their end; undefined while there are none. */
  unfinished: UnfinishedEpochs | undefined;
  readonly #findings = new Map<string, Changeable<FoundAgain>>();
  #deathsInARow = 0;
  #callsAtDeath = -1;

  constructor(readonly program: Program) {}

  /** In the order in which they were found first. */
  get findings(): readonly FoundAgain[] {
    return [...this.#findings.values()].map((found) => ({ ...found }));
  }

  /** Enters a finding; whether none with its signature was found before. */
  found(finding: LiveFinding): boolean {
    const key = signatureText(finding.signature);
    const known = this.#findings.get(key);
    if (known === undefined) {
      this.#findings.set(key, { finding, count: 1, lastSeconds: finding.seconds });
      return true;
    }
    known.count++;
    known.lastSeconds = finding.seconds;
    return false;
  }

  /** Enters an epoch that was given up, and of the first what its actors were at that had to finish. */
  gaveUp(epoch: number, stories: readonly ActorStory[]): void {
    const { actors } = this.program;
    const left = stories.flatMap(({ actor, place }) =>
      place === undefined || actors[actor].daemon ? [] : [{ actorName: actors[actor].name, at: place }],
    );
    const { count = 0, ...first } = this.unfinished ?? { epoch, actors: left };
    this.unfinished = { ...first, count: count + 1 };
  }

  /** Throws when threads die again and again without a call in between; `calls` were completed so far. */
  refuseEndlessDeath(calls: number): void {
    this.#deathsInARow = calls > this.#callsAtDeath ? 1 : this.#deathsInARow + 1;
    this.#callsAtDeath = calls;
    if (this.#deathsInARow < DEATHS_IN_A_ROW) return;
    throw new Error(`threads of the live run died ${DEATHS_IN_A_ROW} times without completing a call in between`);
  }
}
