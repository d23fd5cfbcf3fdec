/**
 * The end of the program: a model is code of the user's and may end the process, with a status that would be taken for an
 * answer. Imported by main, and by what ends the program on purpose.
 */

import { writeSync } from 'node:fs';
import { ExitStatus, type ExitStatusValue } from './exit-status.js';
import { noteText } from './note.js';

/** Whether the program may end now: it has said what it has to say. */
let mayEnd = false;

/** Ends the program at once. */
export function endProgram(status?: ExitStatusValue): never {
  mayEnd = true;
  process.exit(status);
}

/** What is said and done from now on when the program ends before `answered` was called: there is no answer. */
export function watchEnd(): { answered(): void } {
  let hasCrashed = false;
  process.on('uncaughtExceptionMonitor', () => {
    hasCrashed = true;
  });
  process.on('exit', (status) => {
    if (mayEnd) return;
    process.exitCode = ExitStatus.Inconclusive;
    // Node has told what was thrown.
    if (hasCrashed) return;
    const sentence = `faultline: no answer: something ended the process with status ${status} before there was one; a model must not call process.exit().`;
    try {
      writeSync(process.stderr.fd, `${noteText(sentence)}\n`);
    } catch {
      // Nobody reads it.
    }
  });
  return {
    answered() {
      mayEnd = true;
    },
  };
}
