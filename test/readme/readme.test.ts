/**
 * README and docs do what they say: every file and every command of them, as written, from a folder outside the package,
 * and those of models from one inside. `FAULTLINE_README=update npx vitest run test/readme` writes what the commands print into it.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { root, run } from '../cli/run-cli.js';
import { blocksOf, fromTheClone, type SessionBlock, sessionText, timeless } from './readme.js';

/** The documents whose blocks are run here, each in a folder of its own. That of the kernel has a test of its own. */
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'kernel.md')
    .map((name) => `docs/${name}`),
];
const textOf = (document: string) => readFileSync(join(root, document), 'utf8');
const updates = process.env.FAULTLINE_README === 'update';
/**
 * What finds the package in another way from inside of it, once each: a model that the command line loads, and programs.
 * All else is the same wherever it is run.
 */
const once = /^(?!node |\S+ explore account\.mjs --out )/;
const never = /$^/;

/** Runs all blocks of a document; what the sessions printed. */
async function runAll(document: string, folder: string, skipped: RegExp): Promise<[SessionBlock, string][]> {
  mkdirSync(join(folder, 'scripts'));
  symlinkSync(join(root, 'scripts', 'run'), join(folder, 'scripts', 'run'));
  // What the clone has besides.
  mkdirSync(join(folder, 'test'));
  symlinkSync(join(root, 'test', 'fixtures'), join(folder, 'test', 'fixtures'));
  symlinkSync(join(root, 'examples'), join(folder, 'examples'));
  const sessions: [SessionBlock, string][] = [];
  for (const block of blocksOf(textOf(document))) {
    if (block.kind === 'file') {
      writeFileSync(join(folder, block.name), block.text);
      continue;
    }
    const commands: { command: string; output: string }[] = [];
    for (const { command, output } of block.commands) {
      commands.push({ command, output: skipped.test(command) ? output : await printed(command, folder) });
    }
    sessions.push([block, sessionText(commands)]);
  }
  return sessions;
}

/** What a command prints. A soak that found nothing in its time may be on a machine under load: it gets ten times as much. */
async function printed(command: string, folder: string): Promise<string> {
  const { stdout } = await run('bash', ['-c', command], { cwd: folder });
  const [, place] = / soak .*--out (\w+)/.exec(command) ?? [];
  if (stdout !== '' || place === undefined) return fromTheClone(stdout);
  rmSync(join(folder, place), { recursive: true });
  const patient = command.replace(/--budget (\d+)s/, '--budget $10s');
  return fromTheClone((await run('bash', ['-c', patient], { cwd: folder })).stdout);
}

function expectAsWritten(sessions: readonly [SessionBlock, string][]): void {
  for (const [{ commands }, printed] of sessions) expect(timeless(printed)).toBe(timeless(sessionText(commands)));
}

it('every document but that of the output has a session', () => {
  const without = documents.filter((document) => !blocksOf(textOf(document)).some(({ kind }) => kind === 'session'));
  expect(without).toEqual(['docs/output.md']);
});

it.runIf(updates).each(documents)(
  'writes what the commands of %s print',
  async (document) => {
    const sessions = await runAll(document, folderOutside(), never);
    let text = textOf(document);
    for (const [{ start, end }, printed] of sessions.reverse()) text = text.slice(0, start) + printed + text.slice(end);
    writeFileSync(join(root, document), text);
  },
  900_000,
);

it.skipIf(updates).each(documents)(
  '%s as written, outside of the package',
  async (document) => {
    expectAsWritten(await runAll(document, folderOutside(), never));
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
    expectAsWritten(await runAll('docs/models.md', folder, once));
  },
  900_000,
);

it.each(documents)('%s links to what is there', (document) => {
  const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path);
  const missing = links.filter((path) => !existsSync(join(root, dirname(document), path)));
  expect(missing).toEqual([]);
});

function folderOutside(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // In the place of npm install: what this clone has.
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'faultline'));
  symlinkSync(join(root, 'node_modules', 'vitest'), join(folder, 'node_modules', 'vitest'));
  symlinkSync(join(root, 'node_modules', 'vitest', 'vitest.mjs'), join(folder, 'node_modules', '.bin', 'vitest'));
  return folder;
}
