/**
 * Check words: what a check that does not hold has to say. Imported by all that run checks: executors and live runs.
 */

/** The words that the check gave; of one that gave none, its name. */
export function checkWords(name: string, answer: unknown): string {
  return typeof answer === 'string' && answer !== '' ? answer : `"${name}" no longer holds`;
}
