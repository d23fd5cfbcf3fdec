/** `faultline list`: names and titles, at once. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { builtinScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../../src/gmem/schemes/mutations.js';
import { variants } from '../../src/gmem/schemes/variants.js';
import { faultline } from './one-process.js';
import { faultline as alone, main } from './run-cli.js';

const names: Readonly<Record<string, readonly string[]>> = {
  schemes: builtinSchemes.map(({ name }) => name),
  scenarios: builtinScenarioNames,
  mutations: mutations.map(({ name }) => name),
  variants: variants.map(({ name }) => name),
};

it.each(Object.keys(names))('list %s prints an entry for each, its name first', async (what) => {
  const { status, stdout } = await faultline(['list', what]);
  expect(status).toBe(0);
  const [listed, pointer] = stdout.split('\n\n');
  expect(pointer).toBe('What each is, and where it comes from: docs/kernel.md\n');
  // A title that is too long goes on below itself.
  const lines = listed.replace(/\n +/g, ' ').split('\n');
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(names[what]);
  for (const line of lines) expect(line).toMatch(/^\S+ {2,}\S.*\S$/);
});

it('list --json prints one document', async () => {
  const { stdout } = await faultline(['list', 'schemes', '--json', '--seed', '3']);
  expect(JSON.parse(stdout).schemes).toContainEqual(expect.objectContaining({ name: 'v3-inplace' }));
});

it.each(Object.keys(names))(
  'list %s loads neither XState nor piscina nor jiti nor what completes or measures text',
  async (what) => {
    const hooks = `export async function resolve(name, context, next) {
    const found = await next(name, context);
    process._rawDebug('loads ' + found.url);
    return found;
  }`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;
    const node = ['--import', `data:text/javascript,${encodeURIComponent(register)}`];
    const { status, stderr } = await alone(['list', what], { node });
    expect(status).toBe(0);
    expect(stderr).toContain('loads file:');
    expect(stderr.match(/node_modules\/(?:xstate|piscina|jiti|@bomb\.sh|string-width)\//g)).toBeNull();
  },
);

it('list answers within 300 ms, or eight times the time of an empty program where the machine is slow', () => {
  const time = (words: readonly string[]) => {
    const start = performance.now();
    execFileSync(process.execPath, words, { stdio: 'ignore' });
    return performance.now() - start;
  };
  // In turns, and the best of three: what else the machine does makes a program slower and never faster.
  const programs = [['-e', '0'], ...Object.keys(names).map((what) => [main, 'list', what])];
  const rounds = Array.from({ length: 3 }, () => programs.map(time));
  const [empty, ...lists] = programs.map((_, place) => Math.min(...rounds.map((times) => times[place])));
  expect(Math.max(...lists)).toBeLessThan(Math.max(300, 8 * empty));
});
