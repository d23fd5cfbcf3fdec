/**
 * User log: the accesses to pages of the file that the recorded programs wrote down themselves, by the clock of the trace.
 * Imported by the observer.
 */

import { InputError } from '../../core/errors.js';

/** One access. */
export interface LoggedAccess {
  /** By a vCPU through its SPTEs, or by a host task through the user mapping. */
  readonly by: 'guest' | 'host';
  readonly pid: number;
  readonly from: number;
  readonly to: number;
  readonly page: number;
  /** What was found; undefined for an access that ended in SIGBUS. */
  readonly read: number | undefined;
  /** What was stored then; undefined for none. */
  readonly written: number | undefined;
  readonly line: number;
  readonly text: string;
}

/** `G vcpu tid seq t0 t1 page r|rw read written`, `U R|W|B tid t0 t1 page written read`. */
const GUEST = /^G \d+ (\d+) \d+ (\d+) (\d+) (\d+) (r|rw) (\w+) (\w+)$/;
const HOST = /^U ([RWB]) (\d+) (\d+) (\d+) (\d+) (\w+) (\w+)$/;

/**
 * Reads a log of accesses; lines of another kind say nothing.
 *
 * @throws InputError for a line that begins as an access and is none
 */
export function readUserLog(text: string): readonly LoggedAccess[] {
  const accesses: LoggedAccess[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const guest = GUEST.exec(line);
    if (guest !== null) {
      const [pid, from, to, page] = guest.slice(1, 5).map(Number);
      const written = guest[5] === 'rw' ? wordOf(guest[7]) : undefined;
      accesses.push({ by: 'guest', pid, from, to, page, read: wordOf(guest[6]), written, line: at + 1, text: line });
      continue;
    }
    const host = HOST.exec(line);
    if (host !== null) {
      const [pid, from, to, page] = host.slice(2, 6).map(Number);
      const isMiss = host[1] === 'B';
      const written = host[1] === 'W' ? wordOf(host[6]) : undefined;
      const read = isMiss ? undefined : wordOf(host[7]);
      accesses.push({ by: 'host', pid, from, to, page, read, written, line: at + 1, text: line });
      continue;
    }
    if (!/^(G|U [RWB]) /.test(line)) continue;
    throw new InputError(
      `faultline: line ${at + 1} of the log is no access: "${line.slice(0, 60)}"; it is ` +
        '"G vcpu tid seq t0 t1 page r|rw read written" or "U R|W|B tid t0 t1 page written read".',
    );
  }
  return accesses;
}

/** The tasks that made accesses, by pid, in the order in which the model of a run has actors for them. */
export function accessTasks(accesses: readonly LoggedAccess[]): readonly number[] {
  return [...new Set(accesses.map(({ pid }) => pid))];
}

function wordOf(text: string): number {
  return Number(text) | 0;
}
