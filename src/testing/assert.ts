/**
 * Assertions for node:test, and for any runner that takes a rejected promise for a failure: `await raceFree(model)`,
 * `await verified(model)`. They throw node:assert's AssertionError with the message that vitest's matchers have.
 */

import { AssertionError } from 'node:assert';
import type { Model } from '../model/model.js';
import { type Judgement, judgeRaces, judgeVerdict, type RaceOptions, type VerdictOptions } from './judge.js';

export type { JudgeOptions, RaceOptions, VerdictOptions } from './judge.js';

/** The time of whoever names no budget: node:test has no limit of its own. */
const USUAL_MS = 30_000;

/**
 * Explores the model's schedules, for 30 seconds at most unless `budgetMs` says otherwise.
 *
 * @throws AssertionError with title, columns and replay line when one breaks it, or when none came to its end
 */
export async function raceFree(model: Model, options?: RaceOptions): Promise<void> {
  refuse(await judgeRaces(model, options, USUAL_MS / 0.8), raceFree);
}

/**
 * Searches every interleaving of the model, for 30 seconds at most unless `budgetMs` says otherwise.
 *
 * @throws AssertionError with the counterexample, or when the search was given up
 */
export async function verified(model: Model, options?: VerdictOptions): Promise<void> {
  refuse(await judgeVerdict(model, options, USUAL_MS / 0.8), verified);
}

function refuse({ holds, message }: Judgement, by: (...all: never[]) => unknown): void {
  if (holds !== true) throw new AssertionError({ message, operator: by.name, stackStartFn: by as () => void });
}
