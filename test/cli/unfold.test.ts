/** `--unfold`: sections op by op, on every verb that prints a story. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultline, quietly } from './one-process.js';
import { scratch } from './run-cli.js';

/** Two add in a section, and a third finds too much: the section that breaks is not the only one. */
const sections = `import { atomic, defineModel } from 'faultline';

export default defineModel({
  name: 'sections',
  source: import.meta.url,
  build(m) {
    const left = m.cell('left');
    const right = m.cell('right');
    m.actor('A', function* a() {
      yield* atomic('first()', function* () {
        yield* left.write(1);
        yield* right.write(1);
      });
      yield* atomic('second()', function* () {
        yield* left.write(2);
        yield* right.write(2);
      });
    });
    m.always('small', [right], (value) => value < 2 || 'too large');
  },
});
`;

const folded = ['first()', 'second()', '  left = 2', '  right = 2 *** assertion ***'];
const unfolded = ['first()', '  left = 1', '  right = 1', ...folded.slice(1)];

/** The steps of the only column. */
function stepsOf(stdout: string): string[] {
  const lines = stdout.split('\n');
  const from = lines.indexOf('-----') + 1;
  return lines.slice(from, lines.indexOf('', from));
}

it.each(['explore', 'verify'])('%s, and replay and show of what it keeps', async (verb) => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'sections.mjs'), sections);
  const found = await quietly([verb, 'sections.mjs', '--out', 'found'], { cwd });
  expect(stepsOf(found.stdout)).toEqual(folded);
  expect(stepsOf((await quietly([verb, 'sections.mjs', '--out', 'found', '--unfold'], { cwd })).stdout)).toEqual(
    unfolded,
  );
  const [, file = ''] = /Kept in (\S+)/.exec(found.stdout) ?? [];
  for (const again of ['replay', 'show']) {
    expect(stepsOf((await faultline([again, file], { cwd })).stdout)).toEqual(folded);
    expect(stepsOf((await faultline([again, file, '--unfold'], { cwd })).stdout)).toEqual(unfolded);
  }
});

it('dfs and stress take it too', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'sections.mjs'), sections);
  const dfs = await quietly(['explore', 'sections.mjs', '--strategy', 'dfs', '--unfold'], { cwd });
  expect(stepsOf(dfs.stdout)).toEqual(unfolded);
  const stress = await faultline(['stress', 'sections.mjs', '--budget', '2m', '--unfold', '--quiet'], { cwd });
  expect(stepsOf(stress.stdout)).toEqual(unfolded);
});

it('is refused where there is nothing to unfold', async () => {
  const { status, stderr } = await faultline(['show', 'machine', 'folio', '--unfold']);
  expect(stderr).toBe('faultline: --unfold: only the columns of a finding have sections that could be unfolded.\n');
  expect(status).toBe(2);
});
