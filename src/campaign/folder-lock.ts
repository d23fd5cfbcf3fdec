/**
 * Folder lock: one campaign process a folder. Used by the command line's soak before anything is read or written.
 *
 * Every process raises a flag of its own, a file that is named after its number and the time it was started, and then
 * looks at all flags (the first half of Dekker's algorithm): of two that come at once, at least one sees the other and
 * goes. A flag whose process is gone, by kill -9 say, counts for nothing and is taken down by whoever sees it; since no
 * other process ever has that name, nobody's flag can be taken down by mistake.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';

const FLAG = /^running\.(\d+)\.(\d+)$/;

/**
 * Locks a folder for this process; returns what unlocks it, which may be called twice.
 *
 * @throws InputError when another process is at work there; what the file system throws
 */
export function lockFolder(folder: string): () => void {
  const own = `running.${process.pid}.${startOf(process.pid) ?? 0}`;
  writeFileSync(join(folder, own), '');
  const unlock = (): void => rmSync(join(folder, own), { force: true });
  for (const name of readdirSync(folder)) {
    const [flag, pid, start] = FLAG.exec(name) ?? [];
    if (flag === undefined || flag === own) continue;
    if (isRunning(Number(pid), Number(start))) {
      unlock();
      throw new InputError(`faultline: process ${pid} is running a campaign in ${folder}; one at a time is allowed.`);
    }
    rmSync(join(folder, name), { force: true });
  }
  return unlock;
}

/** Whether the process of that number runs and is the one that was started then. */
function isRunning(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(pid);
  // Where the kernel does not tell when a process was started, its number has to do.
  return start === 0 || (now ?? (hasProc() ? -1 : start)) === start;
}

/** When a process was started, in clock ticks since the boot; undefined when it is none, or dead and not yet reaped. */
function startOf(pid: number): number | undefined {
  try {
    // The second field, in brackets, may hold blanks and brackets: fields are counted behind it.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(fields[0]) ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

function hasProc(): boolean {
  return startOf(process.pid) !== undefined;
}
