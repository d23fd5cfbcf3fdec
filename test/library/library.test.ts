/** What the library offers beyond the engines: tokens, files, replays, and stress with its reproducers. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import {
  builtinScenario,
  defineModel,
  explore,
  gmem,
  loadModel,
  replay,
  stress,
  tokenOf,
  verify,
  writeFinding,
} from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = fileURLToPath(new URL('../testing/account.mjs', import.meta.url));
const account = await loadModel(file);

describe.each([
  ["a model of one's own", account],
  ['the same with other parameters', account.with({ tellers: 3 })],
  ['guest_memfd', gmem(builtinScenario('fault-vs-convert'), 'v2-hook-every-fault')],
])('a finding of %s', (_, model) => {
  it('is replayed from the file that writeFinding writes', async () => {
    const { findings } = await verify(model);
    const path = await writeFinding(model, findings[0], folder);
    expect(existsSync(path)).toBe(true);
    const { finding, story } = await replay(path, { trusted: true });
    expect(finding).toMatchObject({ kind: findings[0].kind, id: findings[0].id });
    expect(story).toContain(findings[0].title);
  });
});

it('tokenOf gives the token that its file has', async () => {
  const { findings } = await explore(account);
  const token = await tokenOf(account, findings[0]);
  const { token: kept } = await replay(await writeFinding(account, findings[0], folder), { trusted: true });
  expect(token).toBe(kept);
  expect((await replay(token, { world: file })).finding?.id).toBe(findings[0].id);
});

it('a finding of a model that cannot be loaded again is not kept, and the sentence says why', async () => {
  const nowhere = defineModel({ ...account.definition, source: undefined as never });
  const { findings } = await verify(nowhere);
  await expect(tokenOf(nowhere, findings[0])).rejects.toThrow(/cannot be kept, for the model has no source/);
  const inTest = defineModel({ ...account.definition, source: import.meta.url });
  await expect(writeFinding(inTest, findings[0])).rejects.toThrow(/lies in the file of a test/);
});

it('stress finds live what a schedule shows, and the schedule', async () => {
  const { report, findings } = await stress(account, { budgetMs: 60_000, threads: 2 });
  expect(report.threads).toBe(2);
  expect(findings.map(({ seen }) => seen.kind)).toEqual(['assertion']);
  expect(findings[0].reproducer?.finding).toMatchObject({ kind: 'assertion', words: 'a deposit was lost' });
});
