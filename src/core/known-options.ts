/**
 * Known options: an option or a parameter under a name that nobody reads is refused, for JavaScript would leave it out
 * without a sound, and `maxState: 10` would bound nothing. Seeds, which the library takes as it finds them, are read here
 * too. Imported by whatever takes options from a user of the library.
 */

import { InputError } from './errors.js';
import { notAllowed, unknownName } from './input-sentence.js';

/** A seed has 64 bits. */
export const LARGEST_SEED = 2n ** 64n - 1n;

/**
 * Refuses options of names that are not known.
 *
 * @param who takes them: `verify()`, `m.cell("c")`
 * @throws InputError with the known names and the one that may be meant
 */
export function refuseUnknownOptions(who: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new InputError(
      `faultline: ${who}: ${notAllowed('its options', options, `an object of ${known.join(', ')}`)}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const those = known.length === 0 ? `${who} takes no options` : unknownName('option', name, known);
    throw new InputError(`faultline: ${who}: ${those}`);
  }
}

/**
 * A seed as the engines have it: a bigint, or a whole number that stands for one. Default 1.
 *
 * @throws InputError for anything else
 */
export function seedOf(seed: unknown = 1n): bigint {
  const value = typeof seed === 'number' && Number.isSafeInteger(seed) ? BigInt(seed) : seed;
  if (typeof value === 'bigint' && value >= 0n && value <= LARGEST_SEED) return value;
  throw new InputError(
    `faultline: ${notAllowed('seed', typeof seed === 'bigint' ? `${seed}n` : seed, 'a whole number from 0 to 2^64 - 1, such as 7 or 7n')}`,
  );
}
