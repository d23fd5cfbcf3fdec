/**
 * Runs the built command line as run-cli.ts does, but one process answers all command lines of a test file: of a run of
 * a second, node and the loading of some 300 modules are the half, and the first use of every function most of the rest.
 *
 * It is for tests of what a verb says. What is about the process - its end, its signals, its threads, its terminal - and
 * what loads a file anew that has changed meanwhile (a process loads a file once) goes through run-cli.ts.
 * FAULTLINE_PROCESSES=1 has a process for each again: both must pass.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type CliRun, environment, root, faultline as runAlone } from './run-cli.js';

/** Where to run. */
export interface Place {
  readonly cwd?: string;
}

const entry = fileURLToPath(new URL('./answering.mjs', import.meta.url));
let answering: { readonly child: ChildProcess; readonly file: string | undefined } | undefined;
/** The command line that was given last; they are answered one by one. */
let last: Promise<unknown> = Promise.resolve();

/** Runs `faultline <words>` without progress, and with one thread where nothing is said of them. */
export async function quietly(words: readonly string[], place: Place = {}): Promise<CliRun> {
  const workers = words.includes('--workers') ? [] : ['--workers', '1'];
  return await faultline([...words, '--quiet', ...workers], place);
}

/** Runs `faultline <words>`. */
export async function faultline(words: readonly string[], place: Place = {}): Promise<CliRun> {
  if (process.env.FAULTLINE_PROCESSES !== undefined) return await runAlone(words, place);
  const run = last.then(() => answered(words, place.cwd ?? root));
  last = run.catch(() => {});
  return await run;
}

async function answered(words: readonly string[], cwd: string): Promise<CliRun> {
  const child = childOfFile();
  const given = new AbortController();
  // As in run-cli.ts: what hangs is killed, and the test fails.
  const hanging = setTimeout(() => child.kill('SIGKILL'), 280_000);
  const ended = once(child, 'exit', { signal: given.signal });
  try {
    child.send({ words, cwd });
    const [run] = await Promise.race([
      once(child, 'message', { signal: given.signal }) as Promise<[CliRun]>,
      ended.then(([status, signal]) => {
        throw new Error(`the process that answers has ended (${status ?? signal}): ${words.join(' ')}`);
      }),
    ]);
    return run;
  } finally {
    clearTimeout(hanging);
    given.abort();
    ended.catch(() => {});
  }
}

/** A process for each test file, so that no file depends on those before it. */
function childOfFile(): ChildProcess {
  const file = expect.getState().testPath;
  if (answering?.file !== file || !answering?.child.connected) {
    answering?.child.disconnect();
    answering = {
      child: fork(entry, { execArgv: [], env: environment(), stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
      file,
    };
  }
  return answering.child;
}
