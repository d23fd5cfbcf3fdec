/** `--format`: which verb prints what, and what is refused in which sentence. What a format says is tested in test/exports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultSchema } from '../../src/report/result-schema.js';
import * as models from './models.js';
import { faultline, quietly } from './one-process.js';

const cwd = mkdtempSync(join(tmpdir(), 'faultline-test-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
let file = '';

beforeAll(async () => {
  writeFileSync(join(cwd, 'account.ts'), models.account);
  const { stdout } = await quietly(['explore', 'account.ts', '--json'], { cwd });
  file = resultSchema.parse(JSON.parse(stdout)).findings[0].file ?? '';
});

/** How each format begins, of a finding. */
const starts: Readonly<Record<string, RegExp>> = {
  sarif: /^\{\n "\$schema": "https:\/\/docs\.oasis-open\.org\/sarif/,
  junit: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="faultline \w+ account" /,
  github: /^::error file=account\.ts,line=13,title=BUG%3A faultline%3A assertion in deposit \/ deposit::/,
  markdown: /^## Faultline `\w+` `account`: violation\n/,
  itf: /^\{"#meta":\{"format":"ITF"/,
  dot: /^digraph faultline \{\n/,
  perfetto: /^\n/,
  mermaid: /^sequenceDiagram\n/,
  trace: /^\{"schema":"faultline\.trace\/1"/,
};
const ofResults = ['sarif', 'junit', 'github', 'markdown'];

describe.each(['explore', 'verify'])('%s', (verb) => {
  it.each(ofResults)('--format %s', async (format) => {
    const { status, stdout, stderr } = await quietly([verb, 'account.ts', '--format', format], { cwd });
    expect(stdout).toMatch(starts[format]);
    expect(stderr).toBe('');
    expect(status).toBe(1);
  });
});

describe.each(['show', 'replay'])('%s', (verb) => {
  it.each(Object.keys(starts))('--format %s', async (format) => {
    const { status, stdout } = await faultline([verb, file, '--format', format], { cwd });
    expect(stdout).toMatch(starts[format]);
    expect(status).toBe(verb === 'show' ? 0 : 1);
  });
});

it('show and replay make one result of several findings', async () => {
  const { stdout } = await faultline(['show', file, file, '--format', 'junit'], { cwd });
  expect(stdout.match(/<failure /g)).toHaveLength(2);
});

it('compare says in each cell of JUnit whether it is as expected', async () => {
  writeFileSync(
    join(cwd, 'expected.yaml'),
    `cells:
  - { scenario: fault-vs-punch, scheme: bitmap-nolock, expect: clean, reason: none }
  - { scenario: fault-vs-convert, scheme: bitmap-nolock, expect: clean, reason: none }
`,
  );
  const { stdout, status } = await quietly(
    ['compare', '--expect', 'expected.yaml', '--format', 'junit', '--engine', 'explore', '--schedules', '64'],
    { cwd },
  );
  expect(stdout).toContain('tests="2" failures="1" errors="0"');
  expect(stdout).toContain('message="expected clean, found host-rmp-fault"');
  expect(stdout).toContain('<testcase classname="fault-vs-punch" name="bitmap-nolock"/>');
  expect(status).toBe(1);
});

it.each([
  [
    ['explore', 'account.ts', '--format', 'perfetto'],
    '--format perfetto: it is a format of one run, which show and replay print of a finding; explore prints a result: columns, json, sarif, junit, github, markdown.',
  ],
  [
    ['verify', 'account.ts', '--format', 'sarf'],
    '--format: unknown format "sarf"; allowed: columns, json, sarif, junit, github, markdown; did you mean "sarif"?',
  ],
  [['explore', 'account.ts', '--format', 'dot', '--watch'], '--format dot: it is a format of one run'],
  [
    ['explore', 'account.ts', '--format', 'github', '--watch'],
    '--watch and --format github exclude each other: --format github prints one document.',
  ],
  [['compare', '--json', '--format', 'junit'], '--json and --format junit exclude each other.'],
  [
    ['show', 'machine', 'folio', '--format', 'sarif'],
    '--format: the format of a machine is "sarif"; allowed: mermaid, json',
  ],
  [['show', 'x', 'x', '--format', 'itf'], ''],
])('%s is refused in one sentence', async (words, sentence) => {
  const given = words.map((word) => (word === 'x' ? file : word));
  const { status, stdout, stderr } = await faultline(given, { cwd });
  const wanted = sentence === '' ? 'show: --format itf prints one document; name one finding.' : sentence;
  expect(stderr.replace(/\s+/g, ' ')).toContain(wanted);
  expect(stdout.replace(/^\{[\s\S]*\}\n$/, '')).toBe('');
  expect(status).toBe(2);
});

it('completions offer the formats of a verb', async () => {
  const { stdout } = await faultline(['complete', '--', 'explore', '--format', '']);
  expect(stdout).toContain('sarif\tSARIF 2.1.0 for code scanning and editors\n');
  expect(stdout).not.toContain('perfetto');
});
