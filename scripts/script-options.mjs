/**
 * Options of a script: what is wrong with them is one sentence and exit status 2. Imported by the scripts that take more
 * than one.
 */

import { parseArgs } from 'node:util';

/** Reads options as `parseArgs` of node:util does; `script` is what a refusal begins with. */
export function scriptOptions(script, config) {
  const refuse = (sentence) => {
    process.stderr.write(`${script}: ${sentence}.\n`);
    process.exit(2);
  };
  let parsed;
  try {
    parsed = parseArgs(config);
  } catch (error) {
    refuse(error.message);
  }
  /** A whole number from 1, of at most so many digits; `otherwise` where none is given. */
  const whole = (name, given, otherwise, digits = 9) => {
    if (given === undefined) return otherwise;
    if (!/^[1-9]\d*$/.test(given) || given.length > digits) {
      refuse(`${name} is ${given}; allowed: a whole number from 1`);
    }
    return Number(given);
  };
  return { ...parsed, refuse, whole };
}
