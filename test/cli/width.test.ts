/** No line of text is wider than the terminal, or than 80 columns where there is none; what is there to be copied is whole. */
import { expect, it, onTestFinished } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { builtinLists } from '../../src/cli/options/builtin-lists.js';
import { widthOf } from '../../src/report/text-width.js';
import { faultline, quietly } from './one-process.js';
import { scratch } from './run-cli.js';

/** Lines that are wider than that; a command or a path that the reader copies does not count. */
function widerThan(width: number, text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^ *(?:Replay: |Kept in |Go on: |Disk: )/.test(line));
  return lines.filter((line) => widthOf(line) > width);
}

const verbs = commands().commands.map((verb) => verb.name());

it.each([[[]], ...verbs.map((verb) => [[verb]])])('the help of %j', async (words) => {
  const { status, stdout } = await faultline([...words, '--help']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: faultline/);
  expect(widerThan(80, stdout)).toEqual([]);
});

it.each(Object.keys(builtinLists))('list %s', async (what) => {
  const { status, stdout } = await faultline(['list', what]);
  expect(status).toBe(0);
  expect(widerThan(80, stdout)).toEqual([]);
});

it('the help of a verb follows a terminal that is narrower', async () => {
  const { isTTY, columns } = process.stdout;
  onTestFinished(() => void Object.assign(process.stdout, { isTTY, columns }));
  Object.assign(process.stdout, { isTTY: true, columns: 60 });
  for (const verb of commands().commands) {
    let text = '';
    verb.configureOutput({ writeOut: (part) => (text += part) });
    verb.outputHelp();
    // What is laid out by hand stays as it is.
    const wide = widerThan(60, text).filter((line) => !line.startsWith('  ') || verb.name() !== 'complete');
    expect(wide, verb.name()).toEqual([]);
  }
});

it.each([
  [['verify', 'fault-vs-convert', '--details', '--coverage', '--count', '--all']],
  [['verify', 'populate-vs-user-fault', '--scheme', 'v3-inplace+gup-under-lock', '--all']],
  [['explore', 'fault-vs-convert', '--coverage', '--unfold', '--schedules', '50']],
  [['explore', 'fault-fault', '--strategy', 'dfs', '--schedules', '100']],
  [
    [
      'compare',
      '--schemes',
      'v3-inplace,v1-uptodate-prepared,bitmap-nolock,seqcount-retry',
      '--scenarios',
      'fault-fault',
    ],
  ],
])('%j', async (words) => {
  const { stdout } = await quietly(words);
  expect(stdout).not.toBe('');
  expect(widerThan(80, stdout)).toEqual([]);
});

it('a live run, its findings, and the list of them', async () => {
  const folder = scratch();
  const run = await faultline(['stress', 'fault-vs-convert', '--budget', '2s', '--quiet', '--out', folder]);
  expect(run.status).toBe(1);
  expect(widerThan(80, run.stdout)).toEqual([]);
  const listed = await faultline(['findings', folder]);
  expect(listed.stdout).toContain(folder);
  expect(widerThan(80, listed.stdout.replaceAll(folder, '.'))).toEqual([]);
});

it('a soak', async () => {
  const words = ['soak', 'fault-vs-convert', 'neighbours', '--budget', '3s', '--step', '1s', '--quiet'];
  const { stdout } = await faultline([...words, '--out', scratch()]);
  expect(stdout).toContain('Soak of ');
  expect(widerThan(80, stdout)).toEqual([]);
});
