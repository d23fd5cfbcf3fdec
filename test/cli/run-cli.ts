/**
 * Runs the built command line as a user would: a process of its own, in a folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
/** The built entry; scripts/test builds it first. */
export const main = join(root, 'dist', 'src', 'cli', 'main.js');

if (!existsSync(main)) throw new Error(`${main} is not built; run ./scripts/setup`);

/** What a run came to. */
export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how to run. */
export interface CliOptions {
  readonly cwd?: string;
  /** Options of node itself. */
  readonly node?: readonly string[];
  /** Called when the process has started. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs `faultline <words>` without progress, and with one thread where nothing is said of them. */
export async function quietly(words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const workers = words.includes('--workers') ? [] : ['--workers', '1'];
  return await faultline([...words, '--quiet', ...workers], options);
}

/** Runs `faultline <words>`. */
export async function faultline(words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return await run(process.execPath, [...(options.node ?? []), main, ...words], options);
}

/** Runs any command; a process that hangs is killed, and the test fails by its status. */
export async function run(command: string, words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const child = spawn(command, words, {
    cwd: options.cwd ?? root,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 280_000,
  });
  options.started?.(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { status, ...output };
}

/** What the command line finds: a colour or a terminal of the developer's must not change what is printed. */
export function environment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, npm_command: __, ...env } = process.env;
  return { ...env, NO_COLOR: '1' };
}

/** A folder that is removed when the test is over. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
