/** The help of the verbs: what an option does, also where it does nothing or something else than elsewhere. */
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';

/** What `faultline <verb> --help` prints, on one line. */
async function help(verb: string): Promise<string> {
  const command = commands().commands.find((each) => each.name() === verb);
  let text = '';
  command?.configureOutput({ writeOut: (part) => (text += part) });
  await command?.parseAsync(['--help'], { from: 'user' }).catch(() => {});
  return text.replace(/\s+/g, ' ');
}

it.each([
  ['explore', 'for scenarios, schemes and models of your own ./faultline-findings'],
  ['verify', 'for scenarios, schemes and models of your own ./faultline-findings'],
  ['stress', 'into this folder (default: ./faultline-findings)'],
  ['soak', '--out <dir> folder of the campaign'],
  ['compare', 'into this folder; --json has the tokens'],
])('%s says where findings go', async (verb, words) => {
  expect(await help(verb)).toContain(words);
});

it.each([
  ['verify', '--seed.'],
  ['list', '--seed, --set, --budget, --out, --quiet.'],
  // A finding has its settings.
  ['replay', '--seed, --budget, --out, --quiet.'],
])('%s says which options it takes without effect', async (verb, options) => {
  expect(await help(verb)).toContain(`Taken without effect, for scripts that give it to every verb: ${options}`);
});

it('verify promises no shortest findings and no exact number of states where it gives none', async () => {
  const text = await help('verify');
  expect(text).toContain('breadth-first (short findings; the shortest with --no-por), depth-first');
  expect(text).toContain('--max-states <n> states to keep; breadth-first ends the level in which they are reached');
});
