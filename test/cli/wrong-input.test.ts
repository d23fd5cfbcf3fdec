/**
 * Wrong input: one sentence on stderr that says what is allowed, exit status 2, nothing on stdout, no stack trace.
 * The verbs run in this process, as main runs them; two rows run main itself.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { failureOf } from '../../src/cli/terminal/failure.js';
import * as models from './models.js';
import { faultline } from './one-process.js';
import { scratch } from './run-cli.js';

// Verbs that run the engine listen for signals; those are for vitest to hear when they are done.
const signals = ['SIGINT', 'SIGTERM'] as const;
const heard = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
afterAll(() => {
  for (const signal of signals) {
    const ours = process.listeners(signal).filter((listener) => !heard.get(signal)?.includes(listener));
    for (const listener of ours) process.off(signal, listener);
  }
});

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What main does with words, without a process. */
async function refused(words: readonly string[]) {
  const error = await commands()
    .parseAsync(words, { from: 'user' })
    .catch((thrown: unknown) => thrown);
  const { sentence, status } = failureOf(error);
  const said = vi
    .mocked(process.stderr.write)
    .mock.calls.map(([text]) => text)
    .join('');
  expect(process.stdout.write).not.toHaveBeenCalled();
  return { status, stderr: sentence === undefined ? said : `${said}${sentence}\n` };
}

const token = 'fl1:fault-fault:v3-inplace::00000000.00000000.00000000:AAAA:00000000';

it.each<[what: string, words: readonly string[], says: RegExp]>([
  ['a verb that does not exist', ['explor'], /unknown command 'explor' \(Did you mean explore\?\)/],
  ['an option that does not exist', ['explore', 'neighbours', '--sede', '1'], /'--sede' \(Did you mean --seed\?\)/],
  ['an option without its value', ['explore', 'neighbours', '--seed'], /--seed/],
  ['no scenario', ['explore'], /missing required argument 'scenario'/],
  ['a scenario that does not exist', ['explore', 'fault-vs-pinch'], /did you mean "fault-vs-punch"\?/],
  ['two scenarios', ['explore', 'neighbours', 'hook-fails'], /too many arguments/],
  [
    'a scheme that does not exist',
    ['explore', 'neighbours', '--scheme', 'v4'],
    /no scheme "v4"; there are v1-uptodate/,
  ],
  [
    'a mutation that does not exist',
    ['explore', 'neighbours', '--scheme', 'v3-inplace+x'],
    /no mutation or variant "x"; there are/,
  ],
  [
    'a mutation that the scheme cannot have',
    ['explore', 'neighbours', '--scheme', 'v3-inplace+plain-bitmap-word'],
    /that needs/,
  ],
  ['a strategy that does not exist', ['explore', 'neighbours', '--strategy', 'surv'], /did you mean "surw"\?/],
  ['a seed of 65 bits', ['explore', 'neighbours', '--seed', '0x10000000000000000'], /from 0 to 2\^64 - 1/],
  ['a budget in parsecs', ['explore', 'neighbours', '--budget', '10 parsecs'], /such as 500ms, 10s, 2m or 1h/],
  ['no schedules', ['explore', 'neighbours', '--schedules', '0'], /schedules is "0"; allowed: a whole number from 1/],
  ['no workers', ['explore', 'neighbours', '--workers', '0'], /a whole number from 1 to 256/],
  ['a setting that does not exist', ['explore', 'neighbours', '--set', 'gfn=3'], /did you mean "gfns"\?/],
  ['a setting without a value', ['explore', 'neighbours', '--set', 'gfns'], /name=value/],
  ['a value that is not allowed', ['explore', 'neighbours', '--set', 'arch=cca'], /arch is "cca"; allowed: none, snp/],
  ['a scenario file that is absent', ['explore', 'absent.yaml'], /absent\.yaml: cannot be read \(ENOENT\)/],
  ['a model file that is absent', ['explore', 'absent.ts'], /no file absent\.ts/],
  [
    'neither token nor file',
    ['replay', 'absent.json'],
    /there is no file absent\.json, and it is no token: that starts with "fl1:" or "fl2:"/,
  ],
  ['a token of another version', ['replay', token.replace('fl1', 'fl3')], /of version fl3; this faultline reads fl1/],
  [
    'a damaged token',
    ['replay', token],
    /damaged, it ends in the checksum 00000000, but what stands before that has [0-9a-f]{8}: copy/,
  ],
  ['a setting for a replay', ['replay', token, '--set', 'gfns=2'], /the finding has its settings/],
  ['a machine that does not exist', ['show', 'machine', 'folios'], /did you mean "folio"\?/],
  ['a format that does not exist', ['show', 'machine', 'folio', '--format', 'png'], /allowed: columns, json, mermaid/],
  ['a list that does not exist', ['list', 'machines'], /allowed: schemes, scenarios, mutations/],
  ['a cell that does not exist', ['compare', '--schemes', 'v3-inplace', '--scenarios', 'x'], /unknown scenario "x"/],
  ['a cell with half a setting', ['compare', '--scenarios', 'neighbours@gfns'], /after @ comes setting=value/],
])('%s', async (_, words, says) => {
  const { status, stderr } = await refused(words);
  expect(stderr).toMatch(/^faultline: [^\n]*[.?!]\n$/);
  expect(stderr).toMatch(says);
  expect(status).toBe(2);
});

it.each<[what: string, file: string, text: string, words: readonly string[], says: RegExp]>([
  [
    'a scenario file with an unknown call',
    'mine.yaml',
    models.scenario.replace('read: 0', 'raed: 0'),
    [],
    /mine\.yaml:8:9: unknown call "raed".*did you mean "read"/,
  ],
  [
    'a scenario file with an actor that is both guest and host',
    'mine.yaml',
    models.scenario.replace('read: 0', 'munmap: 0'),
    [],
    /mine\.yaml:8:9: /,
  ],
  ['a scenario file that is no YAML', 'mine.yaml', 'actors: [', [], /mine\.yaml:1:\d+: not valid YAML/],
  ['a model file that exports none', 'mine.ts', 'export const model = 3;', [], /mine\.ts exports no model/],
  [
    'a check that remembers how often it was asked',
    'mine.mjs',
    `import { defineModel } from 'faultline';
     let asked = 0;
     export default defineModel({ name: 'mine', build(m) {
       const x = m.cell('x');
       m.actors('a', 2, () => function* a() { yield* x.write(1); });
       m.finally('sometimes', [x], () => ++asked % 7 !== 0 || 'the seventh time');
     } });`,
    ['--strategy', 'random'],
    /^faultline: "the seventh time" was met in a run and is not met when the same run is taken again: a check /,
  ],
  [
    'a model file that imports what is not there',
    'mine.mjs',
    "import 'nowhere-at-all';",
    [],
    /imports "nowhere-at-all", and there is no such file or package\.\n$/,
  ],
  [
    'an argument beside its call',
    'mine.yaml',
    models.scenario.replace('read: 0', 'read: 0\n        as: private'),
    [],
    /mine\.yaml:9:9: "as" is no call but an argument of one; write "read: \{gfn: 0, as: private\}"/,
  ],
  ['a model file that does not parse', 'mine.ts', 'export default {', [], /mine\.ts cannot be loaded/],
  ['a model file with a scheme', 'mine.ts', models.account, ['--scheme', 'v3-inplace'], /is a model of its own/],
  [
    'a parameter of the wrong type',
    'mine.ts',
    models.account,
    ['--set', 'tellers=two'],
    /tellers is "two"; allowed: a number/,
  ],
  ['a parameter that does not exist', 'mine.ts', models.account, ['--set', 'teller=2'], /did you mean "tellers"\?/],
  [
    'a model that is not written as a generator',
    'mine.ts',
    models.account.replace('function* deposit', 'function deposit').replaceAll('yield* ', ''),
    [],
    /function\* deposit\(\)/,
  ],
  [
    'a model that throws',
    'mine.ts',
    models.account.replace("m.cell('balance')", 'undefined.cell'),
    [],
    /mine\.ts:8: Cannot read properties of undefined/,
  ],
  ['a log that is none', 'mine.txt', 'hello\n', [], /mine\.txt:1: /],
])('%s', async (_, file, text, words, says) => {
  const cwd = scratch();
  writeFileSync(join(cwd, file), text);
  const run = ['explore', join(cwd, file), '--schedules', '100', '--workers', '1', '--quiet'];
  const { status, stderr } = await refused([...run, ...words]);
  expect(stderr).toMatch(/^faultline: [^\n]*[.?!]\n$/);
  expect(stderr).toMatch(says);
  expect(status).toBe(2);
});

it.each<[words: readonly string[], says: string]>([
  [['explor'], "faultline: unknown command 'explor' (Did you mean explore?).\n"],
  [['explore', 'absent.ts'], 'faultline: there is no file absent.ts.\n'],
])('main says it on stderr and exits 2: %j', async (words, says) => {
  vi.restoreAllMocks();
  expect(await faultline(words)).toEqual({ status: 2, stdout: '', stderr: says });
});
