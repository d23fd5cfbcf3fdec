/**
 * What `--watch` does: runs the same command once more, in a process of its own, whenever a file changes that the last
 * run has read. Imported by the option.
 *
 * The run tells which files it loads (watched-run.ts), so that imports count as well, also those of a file that cannot be
 * loaded. It stands in a session of its own: Ctrl-C in a terminal reaches this process alone, which passes it on once.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { relative, resolve } from 'node:path';
import type { WantedFile } from '../../model/module-files.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { say } from '../terminal/terminal.js';
import { FileWatch } from './file-watch.js';
import { WATCHED } from './watched-run.js';

/** Time that a run has to end in good order. With it Ctrl-C ends the whole within a second. */
const LAST_MS = 700;

/** Runs until Ctrl-C; the status of the last run. `named` are the files that the command line names. */
export async function runWatching(named: readonly string[]): Promise<ExitStatusValue> {
  const files = new FileWatch();
  for (const path of named) files.add(resolve(path));
  const interrupt = interrupted();
  let status: number = ExitStatus.Inconclusive;
  while (!interrupt.signal.aborted) {
    const run = startRun(files);
    const changed = files.changed(interrupt.signal);
    const first = await Promise.race([run.over, changed, interrupt.promise]);
    if (typeof first !== 'number') await run.stop();
    status = await run.over;
    if (interrupt.signal.aborted) break;
    if (typeof first === 'number') say(`faultline: watching ${shownPaths(files.paths)}; Ctrl-C ends.`);
    const paths = await Promise.race([changed, interrupt.promise]);
    if (paths !== undefined) say(`faultline: ${shownPaths(paths)} changed; running again.`);
  }
  files.close();
  return status as ExitStatusValue;
}

/** A run, whose end is its status. */
interface Run {
  readonly over: Promise<number>;
  /** Has it end in good order, or else at once. */
  stop(): Promise<void>;
}

function startRun(files: FileWatch): Run {
  files.remember();
  const words = process.argv.slice(2).filter((word) => word !== '--watch');
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, process.argv[1], ...words], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [WATCHED]: '1' },
    detached: true,
  });
  child.on('message', ({ path, text }: WantedFile) => files.add(path, text));
  const over = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? ExitStatus.Interrupted));
  });
  return {
    over,
    async stop() {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), LAST_MS);
      await over;
      clearTimeout(timer);
    },
  };
}

/** Aborted, and over, at the first Ctrl-C. */
function interrupted(): { readonly signal: AbortSignal; readonly promise: Promise<undefined> } {
  const controller = new AbortController();
  const promise = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        controller.abort();
        resolve(undefined);
      });
    }
  });
  return { signal: controller.signal, promise };
}

function shownPaths(paths: readonly string[]): string {
  const [first, ...rest] = paths.map((path) => relative('.', path));
  return rest.length > 2 ? `${first} and ${rest.length} files more` : [first, ...rest].join(' and ');
}
