/**
 * The README does what it says: every file and every command of it, as written, from a folder inside the package and
 * from one outside. `FAULTLINE_README=update npx vitest run test/readme` writes what the commands print into it.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { root, run } from '../cli/run-cli.js';
import { blocksOf, fromTheClone, type SessionBlock, sessionText, timeless } from './readme.js';

const path = join(root, 'README.md');
const readme = readFileSync(path, 'utf8');
const updates = process.env.FAULTLINE_README === 'update';
/** What names no program that the reader writes is the same wherever it is run; once is enough. */
const once = /^(?!.*\.[cm]?[jt]s\b)/;
const never = /$^/;

/** Runs all blocks; what the sessions printed. */
async function runAll(folder: string, skipped: RegExp): Promise<[SessionBlock, string][]> {
  mkdirSync(join(folder, 'scripts'));
  symlinkSync(join(root, 'scripts', 'run'), join(folder, 'scripts', 'run'));
  const sessions: [SessionBlock, string][] = [];
  for (const block of blocksOf(readme)) {
    if (block.kind === 'file') {
      writeFileSync(join(folder, block.name), block.text);
      continue;
    }
    const commands: { command: string; output: string }[] = [];
    for (const { command, output } of block.commands) {
      if (skipped.test(command)) commands.push({ command, output });
      else
        commands.push({ command, output: fromTheClone((await run('bash', ['-c', command], { cwd: folder })).stdout) });
    }
    sessions.push([block, sessionText(commands)]);
  }
  return sessions;
}

function expectAsWritten(sessions: readonly [SessionBlock, string][]): void {
  expect(sessions.length).toBeGreaterThan(5);
  for (const [{ commands }, printed] of sessions) expect(timeless(printed)).toBe(timeless(sessionText(commands)));
}

it.runIf(updates)(
  'writes what the commands print',
  async () => {
    const sessions = await runAll(folderOutside(), never);
    let text = readme;
    for (const [{ start, end }, printed] of sessions.reverse()) text = text.slice(0, start) + printed + text.slice(end);
    writeFileSync(path, text);
  },
  900_000,
);

it.skipIf(updates)(
  'as written, outside of the package',
  async () => {
    expectAsWritten(await runAll(folderOutside(), never));
  },
  900_000,
);

it.skipIf(updates)(
  'as written, inside of the package',
  async () => {
    // A folder that git ignores. The program of the library example finds the package by its own name from there.
    mkdirSync(join(root, 'coverage'), { recursive: true });
    const folder = mkdtempSync(join(root, 'coverage', 'readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expectAsWritten(await runAll(folder, once));
  },
  900_000,
);

function folderOutside(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'faultline'));
  return folder;
}
