/**
 * The side of a run that is watched: it tells which files it loads, and what they said then. Imported by main.
 */

import { endProgram } from '../terminal/ending.js';
import { ExitStatus } from '../terminal/exit-status.js';

/** Set in the environment of a run that is watched. */
export const WATCHED = 'FAULTLINE_WATCHED';

/** Tells whoever watches this process, if anybody does. */
export async function tellWatcher(): Promise<void> {
  if (process.env[WATCHED] === undefined || process.send === undefined) return;
  const { onFileWanted } = await import('../../model/load-module.js');
  onFileWanted((file) => process.send?.(file));
  // Without the watcher nobody could end a search that is long: the run stands in a session of its own.
  process.on('disconnect', () => endProgram(ExitStatus.Interrupted));
  process.channel?.unref();
}
