/** man/faultline.1 says what the help says. `./scripts/man-page` writes it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { root } from '../cli/run-cli.js';
import { manPage } from './man-page.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const path = join(root, 'man', 'faultline.1');
const page = manPage(commands(), manifest.version);

it('is the page that the help makes today', () => {
  if (process.env.FAULTLINE_MAN === 'update') writeFileSync(path, page);
  expect(readFileSync(path, 'utf8')).toBe(page);
});

it('is what an installed copy shows', () => {
  expect(manifest.man).toEqual(['./man/faultline.1']);
  expect(manifest.files).toContain('man');
});

it('has every verb with all of its options, and what the help says besides', () => {
  for (const verb of commands().commands) {
    const start = page.indexOf(`.SS "faultline ${verb.name()} `);
    expect(start, verb.name()).toBeGreaterThan(0);
    const section = page.slice(start).replace(/\\-/g, '-').split('\n.S')[0];
    const missing = verb.options.filter(({ hidden, flags }) => !hidden && !section.includes(`\\fB${flags}\\fR`));
    expect(missing.map(({ flags }) => flags)).toEqual([]);
  }
  expect(page).toContain('A live run cannot be replayed:');
  expect(page).toContain('Exit status: 0 nothing found;');
});

it('has no line that a formatter could take for a request of its own', () => {
  const requests = page.split('\n').filter((line) => /^[.']/.test(line));
  expect(requests.filter((line) => !/^\.(\\"|TH|SH|SS|TP|PP|B|I|RI|br|nf|fi)( |$)/.test(line))).toEqual([]);
});

it('a formatter has nothing to complain about', ({ skip }) => {
  const words = ['-Tutf8', '-man', '-wall', '-z', path];
  const { error, stderr } = spawnSync('groff', words, { encoding: 'utf8', timeout: 60_000 });
  if (error !== undefined) return skip('groff is absent');
  expect(stderr).toBe('');
});
