/**
 * Folder lock: one process a folder, for campaigns and for searches on disk. Used by the command line before anything is read
 * or written.
 *
 * Every process raises a flag of its own, a file that is named after its number, the time it was started, and where it
 * runs: the boot and the PID namespace. Then it looks at all flags (the first half of Dekker's algorithm): of two that
 * come at once, at least one sees the other and goes. A flag from here whose process is gone, by kill -9 say, counts for
 * nothing. Of a process in another container, or on another machine that shares the folder, nobody here knows whether it
 * runs; its flag counts until it was not renewed for long. Whoever sees a flag that counts for nothing takes it down; no
 * other process ever has that name, so nobody's flag is taken down by mistake, and a process whose flag is gone all the
 * same, for it slept too long, writes no more.
 */

import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { shortHash } from '../core/short-hash.js';

const FLAG = /^running\.(\d+)\.(\d+)(?:\.([0-9a-f]{8}))?$/;

/** How often a flag is renewed, while its owner has not said otherwise. */
const USUAL_RENEWAL_MS = 30_000;
/** A flag from elsewhere counts for so many renewals that did not come, and for so long at least. */
const RENEWALS = 4;
const LEAST_MS = 5 * 60_000;

/** The lock is gone: somebody took it for left behind, because this process slept, or removed the flag. */
export class FolderTakenOver extends Error {
  constructor(folder: string) {
    super(`the flag of this process is gone from ${folder}: another one may be at work there now`);
    this.name = 'FolderTakenOver';
  }
}

/** The lock of a folder. */
export interface FolderLock {
  /** Throws FolderTakenOver when the folder is no longer this process's. */
  check(): void;
  /** Says that this process still runs, and how long it may take until it says so again. Throws like `check`. */
  renew(everyMs: number): void;
  /** Lets others at the folder; may be called twice. */
  release(): void;
}

/** What a test may put in the place of this process and its clock. */
export interface LockOptions {
  /** Where the process runs; processes of one place know each other's numbers. */
  readonly place?: string;
  /** The time of day, in milliseconds. */
  readonly now?: () => number;
  /** What is done in the folder, after "is running". */
  readonly work?: string;
}

/**
 * Locks a folder for this process.
 *
 * @throws InputError when another process is at work there; what the file system throws
 */
export function lockFolder(
  folder: string,
  { place = placeOfThis(), now = Date.now, work = 'a campaign' }: LockOptions = {},
): FolderLock {
  const own = `running.${process.pid}.${startOf(process.pid) ?? 0}.${place}`;
  const path = join(folder, own);
  const check = (): void => {
    if (!existsSync(path)) throw new FolderTakenOver(folder);
  };
  const renew = (everyMs: number): void => {
    check();
    // Over what is there and never shorter, and only if the file is there: what was taken down does not come back.
    writeFileSync(path, String(everyMs).padStart(16), { flag: 'r+' });
    utimesSync(path, now() / 1000, now() / 1000);
  };
  const release = (): void => rmSync(path, { force: true });
  writeFileSync(path, '');
  try {
    renew(USUAL_RENEWAL_MS);
    for (const name of readdirSync(folder)) {
      if (name !== own) takeDown(folder, name, place, now(), work);
    }
  } catch (error) {
    release();
    throw error;
  }
  return { check, renew, release };
}

/** Takes a flag down that counts for nothing. Throws InputError for one that counts. */
function takeDown(folder: string, name: string, place: string, now: number, work: string): void {
  const [flag, pid, start, of = place] = FLAG.exec(name) ?? [];
  if (flag === undefined) return;
  const path = join(folder, name);
  if (of === place) {
    if (isRunning(Number(pid), Number(start))) {
      throw new InputError(`faultline: process ${pid} is running ${work} in ${folder}; one at a time is allowed.`);
    }
  } else {
    const left = leftMs(path, now);
    if (left > 0) {
      throw new InputError(
        `faultline: process ${pid} of another container or machine may be running ${work} in ${folder}; its flag ` +
          `${name} counts for ${Math.ceil(left / 1000)} s more unless it is renewed. Wait, or remove it if you know better.`,
      );
    }
  }
  rmSync(path, { force: true });
}

/** How long a flag from elsewhere still counts; 0 or less for one that was not renewed for long, or is gone. */
function leftMs(path: string, now: number): number {
  try {
    const everyMs = Number(readFileSync(path, 'utf8')) || USUAL_RENEWAL_MS;
    return statSync(path).mtimeMs + Math.max(LEAST_MS, RENEWALS * everyMs) - now;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** The boot of the machine and the PID namespace, as 8 hex digits. */
function placeOfThis(): string {
  const boot = readOrElse(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), hostname());
  return shortHash(
    boot.trim(),
    readOrElse(() => readlinkSync('/proc/self/ns/pid'), ''),
  );
}

/** Other systems have no such files. */
function readOrElse(read: () => string, other: string): string {
  try {
    return read();
  } catch {
    return other;
  }
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
  if (!hasProc()) return undefined;
  try {
    // The second field, in brackets, may hold blanks and brackets: fields are counted behind it.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(fields[0]) ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Whether /proc is there and is that of this PID namespace: in another one, numbers are those of other processes. */
function hasProc(): boolean {
  return readOrElse(() => readlinkSync('/proc/self'), '') === String(process.pid);
}
