/**
 * Fairness: how evenly actors that do the same came on. Used by the stress report.
 */

/** How evenly a run was shared. */
export interface Fairness {
  /** What the slowest did as a share of what the fastest did, 0 .. 1. */
  readonly slowestToFastest: number;
  /**
   * (sum x)^2 / (n * sum x^2), from 1/n (one had everything) to 1 (all the same): Jain, Chiu and Hawe, "A quantitative
   * measure of fairness and discrimination for resource allocation in shared computer systems", DEC-TR-301, 1984.
   */
  readonly jain: number;
}

/** The fairness of what each of them did; undefined for fewer than two, and when nobody did anything. */
export function fairnessOf(amounts: readonly number[]): Fairness | undefined {
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  if (amounts.length < 2 || sum === 0) return undefined;
  const squares = amounts.reduce((total, amount) => total + amount * amount, 0);
  return {
    slowestToFastest: Math.min(...amounts) / Math.max(...amounts),
    jain: (sum * sum) / (amounts.length * squares),
  };
}
