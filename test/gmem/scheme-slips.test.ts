/** The commonest slips of whoever writes a scheme, each with the sentence that it is refused with: what, where, what to write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { gmem, verify } from '../../src/index.js';
import { scratch } from '../cli/run-cli.js';

let files = 0;

/** What it comes to when the scenario fault-fault is verified under a scheme with these changes. */
async function verified(changes: string): Promise<string> {
  const path = join(scratch(), `s${files++}.mjs`);
  const head = "import { defineScheme, v2HookEveryFault as base } from 'faultline';\n";
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
