/** `faultline replay`: a token or a finding file gives the same run again, or says why it cannot. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FindingFile } from '../../src/kept/finding-file.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { decodeToken, encodeToken } from '../../src/report/token.js';
import * as models from './models.js';
import { faultline, quietly, scratch } from './run-cli.js';

async function found(words: readonly string[], cwd: string) {
  const { stdout } = await quietly(['explore', ...words, '--json'], { cwd });
  const [finding] = resultSchema.parse(JSON.parse(stdout)).findings;
  return { ...finding, token: finding.token ?? '', file: finding.file ?? '' };
}

/** From the title to the locks held. */
function story(stdout: string): string {
  return stdout.slice(stdout.indexOf('BUG: '), stdout.search(/\n\nFound |$(?![\s\S])/)).trimEnd();
}

it('a token prints the story that explore printed, and exits 1', async () => {
  const explored = await quietly(['explore', 'fault-vs-convert', '--set', 'gfns=2']);
  const token = /^Replay: \S+ replay (\S+)$/m.exec(explored.stdout)?.[1] ?? '';
  const replayed = await faultline(['replay', token], { cwd: scratch() });
  expect(replayed.stdout.trimEnd()).toBe(story(explored.stdout));
  expect(replayed.stderr).toBe('');
  expect(replayed.status).toBe(1);
});

it('a token that a mail broke into lines replays', async () => {
  const { token } = await found(['fault-vs-convert'], scratch());
  expect((await faultline(['replay', `${token.slice(0, 50)}\n  ${token.slice(50)}\n`])).status).toBe(1);
});

it('--json gives the finding of the document that explore gave', async () => {
  const cwd = scratch();
  const { minimal, file, token, ...summary } = await found(['fault-vs-convert', '--out', '.'], cwd);
  const fromToken = JSON.parse((await faultline(['replay', token, '--json'])).stdout);
  expect(resultSchema.parse(fromToken).findings).toEqual([{ ...summary, token }]);
  const fromFile = JSON.parse((await faultline(['replay', file, '--json'], { cwd })).stdout);
  expect(resultSchema.parse(fromFile).findings).toEqual([{ ...summary, token, minimal }]);
});

it.each([
  ['scenario', 'mine.yaml', models.scenario, ['mine.yaml', '--scheme', 'bitmap-nolock']],
  ['scheme', 'mine.ts', models.forgetful, ['fault-fault', '--scheme', './mine.ts']],
  ['model', 'account.ts', models.account, ['account.ts', '--set', 'tellers=3']],
])(
  "the file of a finding in the user's own %s replays when that is gone, or has changed",
  async (_, name, text, words) => {
    const cwd = scratch();
    writeFileSync(join(cwd, name), text);
    const { file } = await found(words, cwd);
    expect(await faultline(['replay', file], { cwd })).toMatchObject({ status: 1, stderr: '' });
    // The file of a scenario is not kept, because the scenario is, whole.
    const says = (what: string) => expect.stringMatching(name.endsWith('.yaml') ? /^$/ : new RegExp(what));
    writeFileSync(join(cwd, name), 'export const changed = true;\n');
    const changed = await faultline(['replay', file], { cwd });
    const now = `^faultline: \\S+/${name} has changed since it broke; this is a replay of what it said then\\. `;
    expect(changed).toMatchObject({ status: 1, stderr: says(now) });
    const elsewhere = scratch();
    renameSync(join(cwd, file), join(elsewhere, 'finding.json'));
    rmSync(join(cwd, name));
    const gone = await faultline(['replay', 'finding.json'], { cwd: elsewhere });
    expect(gone).toMatchObject({ status: 1, stderr: says(`^faultline: \\S+/${name} is no longer there; `) });
  },
);

it("the token of a finding in the user's own file says that the file is needed", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.yaml'), models.scenario);
  const { file } = await found(['mine.yaml', '--scheme', 'bitmap-nolock'], cwd);
  const { token }: FindingFile = JSON.parse(readFileSync(join(cwd, file), 'utf8'));
  const { status, stderr } = await faultline(['replay', token], { cwd });
  expect(stderr).toMatch(/^faultline: the token is about mine under bitmap-nolock, which is not built in; .*\.\n$/);
  expect(status).toBe(2);
});

it('when a part has changed but the ops agree, it replays with a note', async () => {
  const { token } = await found(['fault-vs-convert'], scratch());
  const decoded = decodeToken(token);
  const older = encodeToken({ ...decoded, parts: { ...decoded.parts, scheme: '00000000' } });
  const { status, stderr } = await faultline(['replay', older]);
  expect(stderr).toBe('faultline: The scheme has changed since the token was made; the ops are the same.\n');
  expect(status).toBe(1);
});

it('when the ops differ, it names the first one and exits 2', async () => {
  const { token } = await found(['fault-vs-convert'], scratch());
  const other = encodeToken({ ...decodeToken(token), scheme: 'v3-inplace' });
  const { status, stdout, stderr } = await faultline(['replay', other]);
  expect(stderr).toMatch(/^faultline: the token no longer replays: the first op that differs is step \d+, where .*\n$/);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

it('a finding file that somebody cut short is named', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'finding.json'), '{"schema": "faultline.finding/1", "token"');
  expect((await faultline(['replay', 'finding.json'], { cwd })).stderr).toBe(
    'faultline: finding.json is no JSON; name a finding file.\n',
  );
  writeFileSync(join(cwd, 'finding.json'), '{"schema": "faultline.finding/2"}');
  expect((await faultline(['replay', 'finding.json'], { cwd })).stderr).toMatch(/is no finding file: schema: /);
});
