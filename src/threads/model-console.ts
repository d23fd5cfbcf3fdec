/**
 * The console of models: what a model prints is no result and belongs on stderr. Called by the command line and by worker
 * threads before they load anything of the user's.
 */

import { Console } from 'node:console';

/** From now on `console.log` and the like of this thread write to stderr. */
export function printOnStderr(): void {
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
}
