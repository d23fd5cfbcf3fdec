/** What a shell is told could come next: read off the commands, so that nothing in the help can be missing here. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands.js';
import { answerTo } from '../../../src/cli/complete/answers.js';
import { offerOf } from '../../../src/cli/options/offers.js';
import { builtinScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinSchemes } from '../../../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../../../src/gmem/schemes/mutations.js';
import { scratch } from '../run-cli.js';

/** The words that are named for a command line whose last word is unfinished. */
async function wordsAfter(...words: string[]): Promise<string[]> {
  const lines = (await answerTo(commands(), words)).trimEnd().split('\n');
  return lines.slice(0, -1).map((line) => line.split('\t')[0]);
}

/** A folder with a model, a folder of scenarios, a link to it, and names that a shell would take for commands. */
function folder(): string {
  const path = scratch();
  mkdirSync(join(path, 'scenarios'));
  symlinkSync('scenarios', join(path, 'linked'));
  for (const name of ['queue.ts', 'scenarios/mine.yaml', '$(reboot)', 'two words', 'a`b`', '.hidden']) {
    writeFileSync(join(path, name), '');
  }
  return path;
}

it('the first word is a verb', async () => {
  const verbs = commands().commands.map((verb) => verb.name());
  expect(await wordsAfter('')).toEqual([...verbs, 'help']);
  expect(await wordsAfter('ex')).toEqual(['explore']);
  expect(await wordsAfter('help', 'so')).toEqual(['soak']);
});

it.each(commands().commands.map((verb) => [verb.name(), verb] as const))(
  '%s is completed with the options of its help',
  async (name, verb) => {
    const shown = verb.createHelp().visibleOptions(verb);
    expect(await wordsAfter(name, '--')).toEqual(shown.map(({ long }) => long));
  },
);

it.each(commands().commands.map((verb) => [verb.name(), verb] as const))(
  '%s: every value is offered, but for numbers, times and settings that only the model knows',
  (_, verb) => {
    const takers = verb.options.filter(({ required, hidden }) => required && !hidden);
    const silent = takers
      .filter((option) => offerOf(option) === undefined)
      .map(({ flags }) => /<(.*)>/.exec(flags)?.[1]);
    expect(
      silent.filter((value) => !['n', 'd', 'w', 't', 'rate', 'time', 'size', 'a,b'].includes(String(value))),
    ).toEqual([]);
    expect(verb.registeredArguments.filter((argument) => offerOf(argument) === undefined)).toEqual([]);
  },
);

it('an option that was given is offered no more, unless it may be repeated', async () => {
  const left = await wordsAfter('explore', 'fault-fault', '--set', 'gfns=2', '--scheme=v3-inplace', '--quiet', '--s');
  expect(left).toEqual(['--strategy', '--schedules', '--steps', '--seed', '--set']);
});

it('values are those that the options know', async () => {
  const names = builtinSchemes.map(({ name }) => name);
  expect(await wordsAfter('explore', 'fault-fault', '--strategy', 'p')).toEqual(['pct', 'pos']);
  expect(await wordsAfter('verify', '--order=b')).toEqual(['breadth-first']);
  expect((await wordsAfter('verify', 'fault-fault', '--scheme', '')).slice(0, names.length)).toEqual(names);
  expect(await wordsAfter('show', 'machine', '')).toEqual(['folio', 'rmp', 'sept', 'tdPage', 'poison']);
  expect(await wordsAfter('show', 'scheme', 'v3-')).toEqual(['v3-inplace']);
  expect(await wordsAfter('list', '')).toEqual(['schemes', 'scenarios', 'mutations', 'variants']);
  expect(await wordsAfter('explore', 'fault-fault', '--set', 'g')).toEqual(['gfns=', 'gate=']);
  expect(await wordsAfter('explore', 'queue.ts', '--set', 'g')).toEqual([]);
  expect(await wordsAfter('complete', 'p')).toEqual(['powershell']);
});

it('a scheme goes on with its mutations, and a list with what is not in it yet', async () => {
  const all = mutations.map(({ name }) => `v3-inplace+${name}`);
  expect((await wordsAfter('verify', 'neighbours', '--scheme', 'v3-inplace+')).slice(0, all.length)).toEqual(all);
  const rest = builtinScenarioNames.filter((name) => name !== 'neighbours').map((name) => `neighbours,${name}`);
  expect((await wordsAfter('compare', '--scenarios', 'neighbours,')).slice(0, rest.length)).toEqual(rest);
});

it('files and folders stand where they fit, and none that a shell would run', async () => {
  const path = folder();
  const at = (name: string) => `${path}/${name}`;
  expect(await wordsAfter('check', at(''))).toEqual([at('linked/'), at('queue.ts'), at('scenarios/')]);
  expect(await wordsAfter('check', at('scenarios/'))).toEqual([at('scenarios/mine.yaml')]);
  expect(await wordsAfter('findings', at(''))).toEqual([at('linked/'), at('scenarios/')]);
  expect(await wordsAfter('check', at('absent/'))).toEqual([]);
});

it.each([
  [['explore', 'fault-fa'], ':4'],
  // The path of a folder, and the name of a setting, go on.
  [['check', 'tes'], ':6'],
  [['explore', 'fault-fault', '--set', 'gf'], ':6'],
])('%j ends with the directives %s', async (words, directives) => {
  expect((await answerTo(commands(), words)).trimEnd().split('\n').at(-1)).toBe(directives);
});

it.each([[['no-such-verb', '']], [['explore', 'fault-fault', '']], [['explore', 'x', '--seed', '']], [[]]])(
  '%j has no answer that could be wrong',
  async (words) => {
    expect(await answerTo(commands(), words as string[])).toMatch(words.length === 0 ? /^explore\t/ : /^:4\n$/);
  },
);
