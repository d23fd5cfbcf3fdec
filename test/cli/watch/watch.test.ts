/** `--watch`: the same command once more whenever a file that was read changes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { faultline, main, scratch } from '../run-cli.js';

/** A command that is watched, and what it has printed so far. */
interface Watched {
  /** Resolves once the text has been printed that often, on either stream. */
  until(text: string | RegExp, times?: number): Promise<void>;
  /** Ends it by a signal; its status. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  readonly child: ChildProcess;
  readonly stdout: () => string;
}

function watched(cwd: string, ...words: string[]): Watched {
  const child = spawn(process.execPath, [main, ...words, '--watch', '--quiet'], { cwd, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let all = '';
  let stdout = '';
  const looks = new Set<() => void>();
  const hear = (text: string): void => {
    all += text;
    for (const look of looks) look();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    hear(text);
  });
  child.stderr.setEncoding('utf8').on('data', hear);
  const over = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    stdout: () => stdout,
    async until(text, times = 1) {
      const seen = () => all.split(text).length > times;
      const heard = new Promise<void>((resolve) => {
        const look = () => seen() && resolve();
        looks.add(look);
        look();
      });
      await Promise.race([heard, over]);
      expect(seen(), `${text} ${times} times in:\n${all}`).toBe(true);
    },
    async end(signal = 'SIGINT') {
      child.kill(signal);
      return await over;
    },
  };
}

/** A model of one place: with \`kept\`, who writes looks first, in one step. */
const model = (kept: boolean, limit = './limit.mjs') => `import { atomic, defineModel } from 'faultline';
import { limit } from '${limit}';
export default defineModel({
  name: 'place',
  source: import.meta.url,
  build(m) {
    const given = m.cell('given');
    function* put() {
      const seen = yield* given.read();
      ${kept ? 'yield* given.add(1);' : 'yield* given.write(seen + 1);'}
    }
    m.actors('producer', 2, () => put);
    m.finally('all given', [given], (count) => count === limit || 'an item was lost');
  },
});
`;

function project(kept: boolean): { folder: string; write(name: string, text: string): void } {
  const folder = scratch();
  // At once, so that a run never sees half of a file.
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, 'unread.tmp'), text);
    renameSync(join(folder, 'unread.tmp'), join(folder, name));
  };
  write('place.mjs', model(kept));
  write('limit.mjs', 'export const limit = 2;\n');
  return { folder, write };
}

const WATCHING = 'faultline: watching place.mjs and limit.mjs; Ctrl-C ends.\n';

it('verify runs again when the model changes, says so in a line, and ends with the last status', async () => {
  const { folder, write } = project(false);
  const run = watched(folder, 'verify', './place.mjs');
  await run.until(WATCHING);
  expect(run.stdout()).toContain('When this happens, an item was lost.');
  write('place.mjs', model(true));
  await run.until('faultline: place.mjs changed; running again.\n');
  await run.until(WATCHING, 2);
  expect(run.stdout()).toMatch(/Verified/);
  expect(await run.end()).toBe(0);
});

it('an imported file counts', async () => {
  const { folder, write } = project(true);
  const run = watched(folder, 'explore', './place.mjs');
  await run.until(WATCHING);
  write('limit.mjs', 'export const limit = 3;\n');
  await run.until('faultline: limit.mjs changed; running again.\n');
  await run.until(WATCHING, 2);
  expect(await run.end('SIGTERM')).toBe(1);
});

it('a file that cannot be loaded is told of, and tried again when it is repaired', async () => {
  const { folder, write } = project(true);
  write('limit.mjs', 'export const limit = ;\n');
  const run = watched(folder, 'check', './place.mjs');
  await run.until(WATCHING);
  await run.until('cannot be loaded');
  write('limit.mjs', 'export const limit = 2;\n');
  await run.until('No slip was found');
  await run.until(WATCHING, 2);
  expect(await run.end()).toBe(0);
});

it('a file that is absent is waited for', async () => {
  const folder = scratch();
  const run = watched(folder, 'compare', '--schemes', './mine.mjs', '--scenarios', 'fault-fault');
  await run.until('faultline: watching mine.mjs; Ctrl-C ends.\n');
  const scheme = "import { defineScheme, v2HookEveryFault } from 'faultline';\n";
  writeFileSync(
    join(folder, 'mine.mjs'),
    `${scheme}export default defineScheme(v2HookEveryFault, { name: 'mine' });\n`,
  );
  await run.until('faultline: mine.mjs changed; running again.\n');
  await run.until('verified');
  await run.until('faultline: watching', 2);
  expect(await run.end()).toBe(0);
});

it('a run that is under way is left for the next one, and Ctrl-C ends one that does not come back', async () => {
  const { folder, write } = project(true);
  write('limit.mjs', "console.log('it is stuck');\nfor (;;);\n");
  const run = watched(folder, 'verify', './place.mjs');
  await run.until('it is stuck');
  write('other.mjs', "console.log('so is this');\nfor (;;);\n");
  write('place.mjs', model(true, './other.mjs'));
  await run.until('faultline: place.mjs changed; running again.\n');
  await run.until('so is this');
  expect(await run.end()).toBe(130);
});

it('an import that is not there yet is waited for', async () => {
  const { folder, write } = project(true);
  write('place.mjs', model(true, './later.mjs'));
  const run = watched(folder, 'verify', './place.mjs');
  await run.until('faultline: watching place.mjs and later.mjs; Ctrl-C ends.\n');
  write('later.mjs', 'export const limit = 2;\n');
  await run.until('faultline: later.mjs changed; running again.\n');
  await run.until('Verified');
  await run.until('faultline: watching', 2);
  expect(await run.end()).toBe(0);
});

it('a file that is touched and says what it said starts nothing', async () => {
  const { folder, write } = project(true);
  const run = watched(folder, 'verify', './place.mjs');
  await run.until(WATCHING);
  utimesSync(join(folder, 'place.mjs'), 1, 1);
  write('unread.mjs', 'nobody imports it');
  write('limit.mjs', 'export const limit = 2; // still\n');
  await run.until(WATCHING, 2);
  expect(run.stdout().match(/^place$/gm)).toHaveLength(2);
  expect(await run.end()).toBe(0);
});

it.each([
  [['verify', './place.mjs', '--json'], '--watch and --json exclude each other: --json prints one document.'],
  [
    ['explore', 'fault-fault', '--scheme', 'v3-inplace'],
    '--watch: no file is named that could change; allowed: explore of a scenario, a model or a scheme in a file.',
  ],
  [
    ['compare'],
    '--watch: no file is named that could change; allowed: compare of a scenario, a model or a scheme in a file.',
  ],
  [['explore', '-', '--scheme', './mine.ts'], '--watch: standard input can be read once only.'],
])('%j is refused', async (words, sentence) => {
  const { status, stderr } = await faultline([...words, '--watch'], { cwd: project(true).folder });
  expect([status, stderr]).toEqual([2, `faultline: ${sentence}\n`]);
});
