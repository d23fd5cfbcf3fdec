/** The commonest slips of whoever writes a scheme, each with the sentence that it is refused with: what, where, what to write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRoutineMaker } from '../../src/core/ops/made.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { routineNames } from '../../src/gmem/scheme.js';
import * as library from '../../src/index.js';
import { gmem, verify } from '../../src/index.js';
import { scratch } from '../cli/run-cli.js';

let files = 0;

const HEAD = "import { defineScheme, v2HookEveryFault as base } from 'faultline';\n";

/** What it comes to when the scenario fault-fault is verified under a scheme with these changes. */
async function verified(changes: string, head = HEAD): Promise<string> {
  const path = join(scratch(), `s${files++}.mjs`);
  writeFileSync(path, `${head}export default defineScheme(base, ${changes});\n`);
  return (await verify(gmem(builtinScenario('fault-fault'), path))).verdict;
}

const calling = (body: string) =>
  `{ name: 'mine', *getPfn(g, gfn, isPrivate) {\n${body}\nreturn yield* base.getPfn(g, gfn, isPrivate); } }`;

it.each([
  [
    'an op that is not yielded',
    calling('g.testUptodate(gfn);'),
    /makes ".*" and does not yield it \(s\d+\.mjs:3\): .*write yield\* before it/,
  ],
  [
    'chance',
    calling('if (Math.random() < 2) yield* g.invalidateSeq.take();'),
    /getPfn\(\) calls Math\.random\(\) \(s\d+\.mjs:3\), .*write yield\* choose\(/,
  ],
  [
    'a routine that is no generator',
    "{ name: 'mine', prepareFolio(g, folio) { return 0; } }",
    /yields\* what is no op and no routine: .*is a generator/,
  ],
  [
    'a routine that is no function',
    "{ name: 'mine', getPfn: 3 }",
    /scheme "mine" \(s\d+\.mjs:2\): getPfn is 3; write \*getPfn\(g, \.\.\.\) \{ \.\.\. \}/,
  ],
  [
    'a name that is mistyped',
    "{ nam: 'mine' }",
    /defineScheme\(base, \{ name: "mine", \.\.\. \}\) needs a name, and not "nam" \(s\d+\.mjs:2\)/,
  ],
  [
    'a routine that there is not',
    "{ name: 'mine', *getPnf() {} }",
    /scheme "mine" \(s\d+\.mjs:2\) changes "getPnf", .*did you mean "getPfn"\?/,
  ],
])('%s', async (_, changes, sentence) => {
  await expect(verified(changes)).rejects.toThrow(sentence);
});

it('a scheme without a slip is verified', async () => {
  expect(await verified(calling(''))).toBe('verified');
});

describe('a routine that is called without yield* is told by name and line', () => {
  const refusal = (name: string, line = 3) =>
    new RegExp(`makes "${name}\\(\\)" and does not yield it \\(s\\d+\\.mjs:${line}\\): .*write yield\\* before it`);

  it.each(routineNames.filter((name) => name !== 'getPfn'))('%s of the base and of the scheme', async (name) => {
    await expect(verified(calling(`base.${name}(g, gfn, gfn, true);`))).rejects.toThrow(refusal(name));
    await expect(verified(calling(`if (!g.scheme.${name}(g, gfn, gfn)) return 0;`))).rejects.toThrow(refusal(name));
  });

  it.each(['prepare', 'reclaim', 'makeShared', 'postPopulate'])('the hook %s', async (name) => {
    await expect(verified(calling(`g.arch.${name}(g, gfn);`))).rejects.toThrow(refusal(name));
  });

  it.each(['unlockFolio', 'isPrivate'])('g.%s', async (name) => {
    await expect(verified(calling(`const it = g.${name}(gfn);`))).rejects.toThrow(refusal(name));
  });

  const routines = Object.entries(library).flatMap(([name, value]) => (isRoutineMaker(value) ? [name] : []));
  it.each(routines)('%s() of the library', async (name) => {
    const head = `import { ${name} } from 'faultline';${HEAD}`;
    await expect(verified(calling(`${name}(g, gfn);`), head)).rejects.toThrow(refusal(name));
  });

  it.each([
    ['in a routine of its own', 'yield* help(g, gfn);', 'faultinPfn', 1],
    ['by a variable', 'const it = base.faultinPfn(g, gfn, true);\nif (it === 3) return 0;', 'faultinPfn', 3],
    ['by a variable that is taken out', 'faultinPfn(g, gfn, true);', 'faultinPfn', 3],
    ['by this', 'this.faultinPfn(g, gfn, true);', 'faultinPfn', 3],
    ['returned', 'return base.getPfn(g, gfn, isPrivate);', 'getPfn', 3],
    ['returned by a variable', 'const it = base.getPfn(g, gfn, isPrivate);\nreturn it;', 'getPfn', 3],
    ['for a value', 'return yield* base.mapFolio(g, gfn, base.getPfn(g, gfn, isPrivate), isPrivate);', 'getPfn', 3],
  ])('%s', async (_, body, name, line) => {
    const around =
      'function* help(g, gfn) { base.faultinPfn(g, gfn, true); yield* g.invalidateSeq.take(); } const { faultinPfn } = base;';
    const head = HEAD.replace('\n', `${around}\n`);
    await expect(verified(calling(body), head)).rejects.toThrow(refusal(name, line));
  });

  it('in a scheme that is made of faultline/gmem', async () => {
    const head = HEAD.replace("'faultline'", "'faultline/gmem'");
    await expect(verified(calling('base.faultinPfn(g, gfn, true);'), head)).rejects.toThrow(refusal('faultinPfn'));
  });

  it.each([
    ['yielded later', calling('const it = base.faultinPfn(g, gfn, true);\nyield* g.invalidateSeq.take();\nyield* it;')],
    ['handed on by a function', "{ name: 'mine', getPfn: (g, gfn, isPrivate) => base.getPfn(g, gfn, isPrivate) }"],
    [
      'handed on by one of the library',
      "{ name: 'mine', getPfn: (g, gfn) => underSharedLock(g, () => base.getPfn(g, gfn, true)) }",
    ],
  ])('one that is %s is not', async (_, changes) => {
    expect(await verified(changes, HEAD.replace('{', '{ underSharedLock,'))).toBe('verified');
  });
});
