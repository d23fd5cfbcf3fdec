/**
 * Wherever a name is looked up, one that is nearly right is answered with the one that was meant: on the command line, in
 * files, and in the library.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rmpMachine } from '../../machines/rmp.js';
import { commands } from '../../src/cli/commands.js';
import { compileMachine } from '../../src/core/machine/machine-table.js';
import { parseExpectations } from '../../src/gmem/expectations.js';
import { parseScenario } from '../../src/gmem/scenarios/parse-scenario.js';
import { loadScheme } from '../../src/gmem/scheme-lookup.js';
import { parseTrace } from '../../src/gmem/trace/parse-trace.js';
import {
  builtinScenario,
  check,
  defineModel,
  defineScheme,
  explore,
  gmem,
  loadModel,
  loadScenario,
  type ModelBuilder,
  v2HookEveryFault,
  verify,
} from '../../src/index.js';
import { readAnyFinding } from '../../src/kept/read-finding.js';
import { account } from './models.js';
import { scratch } from './run-cli.js';

/** What main does with words, without a process. */
const cli = (...words: string[]) => {
  const program = commands();
  for (const each of [program, ...program.commands]) each.configureOutput({ writeErr: () => {} });
  return program.parseAsync(words, { from: 'user' });
};

const file = (name: string, text: string): string => {
  const path = join(scratch(), name);
  writeFileSync(path, text);
  return path;
};

/** A model whose build or only actor does something. */
const modelOf = (build: (m: ModelBuilder) => void) => defineModel({ name: 'model', build });
const acting = (act: (m: ModelBuilder) => unknown) =>
  modelOf((m) => {
    const x = m.cell('x');
    m.actor('actor', function* () {
      yield* x.write(1);
      act(m);
    });
  });

const scenario = (text: string) => parseScenario(`name: mine\ngfns: 2\n${text}`, 'mine.yaml');
const trait = { ...v2HookEveryFault.traits, retryChek: 'count' } as never;

it.each<[what: string, look: () => unknown, meant: string]>([
  ['a verb', () => cli('explor'), '(Did you mean explore?)'],
  ['an option', () => cli('explore', 'neighbours', '--sede', '1'), '(Did you mean --seed?)'],
  ['a scenario', () => cli('explore', 'neighbuors'), 'did you mean "neighbours"?'],
  ['a scheme', () => cli('explore', 'neighbours', '--scheme', 'v3-inplce'), 'did you mean "v3-inplace"?'],
  [
    'a mutation',
    () => cli('verify', 'neighbours', '--scheme', 'v3-inplace+no-seq-chek'),
    'did you mean "no-seq-check"?',
  ],
  ['a scheme of a list', () => cli('compare', '--schemes', 'v3-inplace,bitmap-nolok'), 'did you mean "bitmap-nolock"?'],
  ['a scenario of a list', () => cli('compare', '--scenarios', 'hook-fail'), 'did you mean "hook-fails"?'],
  ['a scenario of a soak', () => cli('soak', 'hook-fail'), 'did you mean "hook-fails"?'],
  ['a strategy', () => cli('explore', 'neighbours', '--strategy', 'ptc'), 'did you mean "pct"?'],
  ['an engine', () => cli('compare', '--engine', 'verfy'), 'did you mean "verify"?'],
  ['an order', () => cli('verify', 'neighbours', '--order', 'breath-first'), 'did you mean "breadth-first"?'],
  ['a setting', () => cli('explore', 'neighbours', '--set', 'frame=2'), 'did you mean "frames"?'],
  ['a value of a setting', () => cli('explore', 'neighbours', '--set', 'arch=snpp'), 'did you mean "snp"?'],
  ['a list', () => cli('list', 'scheme'), 'did you mean "schemes"?'],
  ['a machine', () => cli('show', 'machine', 'foli'), 'did you mean "folio"?'],
  ['a scheme to show', () => cli('show', 'scheme', 'v3-inplac'), 'did you mean "v3-inplace"?'],
  ['a thing to show', () => cli('show', 'shceme', 'v3-inplace'), 'did you mean "scheme"?'],
  ['a format', () => cli('show', 'machine', 'folio', '--format', 'mermiad'), 'did you mean "mermaid"?'],
  ['a shell', () => cli('complete', 'zhs'), 'did you mean "zsh"?'],
  ['a model file', () => cli('verify', file('queue.mjs', '').replace('queue', 'quue')), 'queue.mjs"?'],
  ['a file to check', () => cli('check', 'test/cli/model.ts'), 'did you mean "test/cli/models.ts"?'],
  ['a scheme file', () => loadScheme('test/cli/model.ts'), 'did you mean "test/cli/models.ts"?'],

  ['a key that a scenario needs', () => scenario('title: mine\nactros: [vcpu: [read: 0]]\n'), 'did you mean "actors"?'],
  ['a key of a scenario', () => scenario('framse: 2\nactors: [vcpu: [read: 0]]\n'), 'did you mean "frames"?'],
  ['a call', () => scenario('title: mine\nactors: [{ calls: [{ raed: 0 }] }]\n'), 'did you mean "read"?'],
  ['an arch of a scenario', () => scenario('arch: snpp\nactors: [vcpu: [read: 0]]\n'), 'did you mean "snp"?'],
  [
    'an expectation',
    () =>
      parseExpectations(
        'cells:\n- { scenario: neighbours, scheme: v3-inplace, expect: cleen, reason: R1 }\n',
        'e.yaml',
      ),
    'did you mean "clean"?',
  ],
  [
    'a key of an expectation',
    () =>
      parseExpectations('cells:\n- { scenario: neighbours, schem: v3-inplace, expect: clean, reason: R1 }\n', 'e.yaml'),
    'did you mean "scheme"?',
  ],
  ['a line of a log', () => parseTrace('TID 2\n', 'log'), 'did you mean "TIDS"?'],
  [
    'a member of a finding file',
    () => readAnyFinding(file('f.json', '{ "schema": "faultline.finding/1", "tokn": "fl1:" }')),
    'is it meant by "tokn"?',
  ],

  ['a scenario of the library', () => loadScenario('neighbour'), 'did you mean "neighbours"?'],
  [
    'a scheme of the library',
    () => verify(gmem(builtinScenario('neighbours'), 'v3-inplac')),
    'did you mean "v3-inplace"?',
  ],
  [
    'a strategy of the library',
    () =>
      explore(
        acting(() => {}),
        { strategy: 'suwr' as never },
      ),
    'did you mean "surw"?',
  ],
  [
    'an order of the library',
    () =>
      verify(
        acting(() => {}),
        { order: 'depthfirst' as never },
      ),
    'did you mean "depth-first"?',
  ],
  [
    'an option of the library',
    () =>
      explore(
        acting(() => {}),
        { schedule: 1 } as never,
      ),
    'did you mean "schedules"?',
  ],
  [
    'what a scheme changes',
    () => defineScheme(v2HookEveryFault, { name: 'mine', getPnf: 1 } as never),
    'did you mean "getPfn"?',
  ],
  [
    'a trait',
    () =>
      loadScheme(
        file(
          'm.mjs',
          `import { defineScheme, v2HookEveryFault as base } from 'faultline';
export default defineScheme(base, { name: 'm', traits: ${JSON.stringify(trait)} });`,
        ),
      ),
    'did you mean "retryCheck"?',
  ],
  ['a model of a file', () => loadModel(file('account.mjs', account), 'acount'), 'did you mean "account"?'],
  [
    'a parameter',
    () => defineModel({ name: 'm', parameters: { size: 1 }, build() {} }).with({ sice: 2 } as never),
    'did you mean "size"?',
  ],
  [
    'a kind of a check',
    () => explore(acting(() => check(true, 'words', { kind: 'leek' as never }))),
    'did you mean "leak"?',
  ],
  [
    'a kind of a finished check',
    () => explore(modelOf((m) => m.finally('c', [m.cell('x')], () => true, { kind: 'leek' as never }))),
    'did you mean "leak"?',
  ],
  [
    'a tag',
    () => explore(modelOf((m) => void m.objects('o', rmpMachine, 1).at(0).is('asigned'))),
    'did you mean "assigned"?',
  ],
  [
    'an event',
    () =>
      compileMachine(rmpMachine) &&
      explore(modelOf((m) => void m.objects('o', rmpMachine, 1).at(0).send('GUEST_REED'))),
    'did you mean "GUEST_READ"?',
  ],
  ['a region', () => compileMachine(rmpMachine).encode({ rpm: 'assigned' }), 'did you mean "rmp"?'],
  ['a state', () => compileMachine(rmpMachine).encode({ rmp: 'asigned' }), 'did you mean "assigned"?'],
])('%s', async (_, look, meant) => {
  const message = await Promise.resolve()
    .then(look)
    .then(
      () => 'nothing was refused',
      (error: unknown) => String(error instanceof Error ? error.message : error),
    );
  expect(message).toContain(meant);
});
