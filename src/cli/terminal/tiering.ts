/**
 * Tiering: how soon V8 compiles what runs with its slow compiler, the optimizing one. Used by the command line's entry.
 *
 * A short run is made of functions that run a few thousand times, and of a command's processor time the optimizing
 * compiler took a third, for code that was hardly run again. A long run comes to its hot loops within milliseconds
 * either way.
 */

import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs through between two looks at whether it is hot; five times V8's own. */
const BUDGET_BYTES = 337_920;

/** Lets V8 take its time, in this process and all of its threads; on the V8 that this was measured on, and none else. */
export function compileLater(): void {
  // Other versions weigh it differently, and print a line about a flag that they do not know.
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString(`--interrupt-budget=${BUDGET_BYTES}`);
}
