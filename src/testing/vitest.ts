/**
 * Matchers for vitest: `await expect(model).toBeRaceFree()` and `await expect(model).toVerify()`. To be named among the
 * `setupFiles` of vitest's configuration, or imported by a test.
 */

import { expect, TestRunner } from 'vitest';
import type { Model } from '../model/model.js';
import { type Judgement, judgeRaces, judgeVerdict, type RaceOptions, type VerdictOptions } from './judge.js';

/** What the matchers add to `expect`. */
interface FaultlineMatchers<R = unknown> {
  /**
   * Explores the model's schedules and fails with the smallest that breaks it. Passing is a proof only where every
   * interleaving was tried. `.not` fails when nothing is found, which is no proof either.
   */
  toBeRaceFree(options?: RaceOptions): R;
  /** Searches every interleaving of the model; fails with a counterexample, and also where there is no answer. */
  toVerify(options?: VerdictOptions): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends FaultlineMatchers<T> {}
}

expect.extend({
  async toBeRaceFree(model: Model, options?: RaceOptions) {
    return told(await judgeRaces(model, options, leftMs()), this.isNot, 'a race is expected');
  },
  async toVerify(model: Model, options?: VerdictOptions) {
    return told(await judgeVerdict(model, options, leftMs()), this.isNot, 'a counterexample is expected');
  },
});

/** An answer that nobody can give fails either way. */
function told(
  { holds, message }: Judgement,
  isNot: boolean,
  expected: string,
): { pass: boolean; message: () => string } {
  const isMissing = isNot && holds === true;
  return { pass: holds ?? isNot, message: () => (isMissing ? `${message}; ${expected}, and there is none` : message) };
}

/** The time that the test under way has left; none outside of a test, and without a limit. */
function leftMs(): number {
  const test = TestRunner.getCurrentTest();
  const { timeout = 0 } = test ?? {};
  if (timeout <= 0 || !Number.isFinite(timeout)) return Number.POSITIVE_INFINITY;
  const startMs = test?.result?.startTime;
  // A matcher may run for a while before the next one: what the test has used is what its clock says.
  return startMs === undefined
    ? timeout
    : Math.max(1, timeout - (performance.timeOrigin + performance.now() - startMs));
}
