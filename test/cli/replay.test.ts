/** `faultline replay`: a token or a finding file gives the same run again, or says why it cannot. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FindingFile } from '../../src/kept/finding-schema.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { decodeToken, encodeToken } from '../../src/report/token.js';
import * as models from './models.js';
import { faultline, quietly } from './one-process.js';
import { faultline as alone, scratch } from './run-cli.js';

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
  // Which schedule showed it is no matter of a replay.
  const whole = await found(['fault-vs-convert', '--out', '.'], cwd);
  const { minimal, file, token, schedule: _, strategy: __, ...summary } = whole;
  const fromToken = JSON.parse((await faultline(['replay', token, '--json'])).stdout);
  expect(resultSchema.parse(fromToken).findings).toEqual([{ ...summary, token }]);
  const fromFile = JSON.parse((await faultline(['replay', file, '--json'], { cwd })).stdout);
  expect(resultSchema.parse(fromFile).findings).toMatchObject([{ ...summary, token, minimal }]);
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
    const holds = !name.endsWith('.yaml');
    const says = (what: string) => expect.stringMatching(holds ? new RegExp(what) : /^$/);
    writeFileSync(join(cwd, name), 'export const changed = true;\n');
    const untrusted = await faultline(['replay', file], { cwd });
    if (holds) expect(untrusted).toMatchObject({ status: 2, stdout: '', stderr: says('add --trust to run it') });
    const changed = await faultline(['replay', file, '--trust'], { cwd });
    const now = `^faultline: \\S+/${name} has changed since it broke; this is a replay of what it said then\\. `;
    expect(changed).toMatchObject({ status: 1, stderr: says(now) });
    const elsewhere = scratch();
    renameSync(join(cwd, file), join(elsewhere, 'finding.json'));
    rmSync(join(cwd, name));
    const gone = await faultline(['replay', 'finding.json', '--trust'], { cwd: elsewhere });
    expect(gone).toMatchObject({ status: 1, stderr: says(`^faultline: \\S+/${name} is no longer there; `) });
  },
);

describe('a model that imports a file of the user', () => {
  const model = models.account.replace('yield* balance.write(seen + 1)', 'yield* store(balance, seen)');
  const helper = 'export function* store(cell, seen) {\n  yield* cell.write(seen + 1);\n}\n';
  const text = `import { store } from './lib/store.mjs';\n${model}`;

  async function keptIn(cwd: string): Promise<string> {
    mkdirSync(join(cwd, 'lib'));
    writeFileSync(join(cwd, 'lib/store.mjs'), helper);
    writeFileSync(join(cwd, 'account.mjs'), text);
    return (await found(['account.mjs'], cwd)).file;
  }

  it('says which file has changed, and replays what they said', async () => {
    const cwd = scratch();
    const file = await keptIn(cwd);
    expect(await faultline(['replay', file], { cwd })).toMatchObject({ status: 1, stderr: '' });
    writeFileSync(join(cwd, 'lib/store.mjs'), helper.replace('yield* cell', 'yield* cell.read();\n  yield* cell'));
    const untrusted = await faultline(['replay', file], { cwd });
    expect(untrusted).toMatchObject({ status: 2, stdout: '' });
    expect(untrusted.stderr).toContain(`${join(cwd, 'lib/store.mjs')} is another one`);
    expect(untrusted.stderr).not.toContain(`${join(cwd, 'account.mjs')} is another one`);
    const { status, stderr } = await faultline(['replay', file, '--trust'], { cwd });
    expect(stderr).toMatch(/^faultline: \S+\/lib\/store\.mjs has changed since it broke; [^\n]*\n$/);
    expect(status).toBe(1);
  });

  it('replays in another folder', async () => {
    const cwd = scratch();
    const elsewhere = scratch();
    renameSync(join(cwd, await keptIn(cwd)), join(elsewhere, 'finding.json'));
    for (const name of ['account.mjs', 'lib']) rmSync(join(cwd, name), { recursive: true });
    expect(await faultline(['replay', 'finding.json', '--trust'], { cwd: elsewhere })).toMatchObject({ status: 1 });
  });

  it('needs no trust where the files have moved with the finding', async () => {
    const cwd = scratch();
    const file = await keptIn(cwd);
    const elsewhere = scratch();
    for (const name of ['account.mjs', 'lib', 'faultline-findings']) renameSync(join(cwd, name), join(elsewhere, name));
    expect(await faultline(['replay', join(elsewhere, file)])).toMatchObject({ status: 1, stderr: '' });
  });

  it('a token of it replays with the model, and says that the model has changed', async () => {
    const cwd = scratch();
    const { token }: FindingFile = JSON.parse(readFileSync(join(cwd, await keptIn(cwd)), 'utf8'));
    const words = ['replay', token, '--world', 'account.mjs'];
    expect(await faultline(words, { cwd })).toMatchObject({ status: 1, stderr: '' });
    writeFileSync(join(cwd, 'lib/store.mjs'), `// A comment.\n${helper}`);
    // A process loads a file once.
    const { status, stderr } = await alone(words, { cwd });
    expect(stderr).toBe('faultline: The scenario has changed since the token was made; the ops are the same.\n');
    expect(status).toBe(1);
  });
});

it('a finding that names a scheme file and does not hold it runs none', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.ts'), models.forgetful);
  const { file } = await found(['fault-fault', '--scheme', './mine.ts'], cwd);
  const content = JSON.parse(readFileSync(join(cwd, file), 'utf8'));
  delete content.subject.schemeFile;
  writeFileSync(join(cwd, 'mine.ts'), "throw new Error('it ran');\n");
  writeFileSync(join(cwd, file), JSON.stringify(content));
  const { status, stderr } = await faultline(['replay', file, '--trust'], { cwd });
  expect(stderr).toMatch(/names the scheme file \.\/mine\.ts and does not hold its text\.\n$/);
  expect(status).toBe(2);
});

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
  const decoded = await decodeToken(token);
  const older = encodeToken({ ...decoded, parts: { ...decoded.parts, scheme: '00000000' } });
  const { status, stderr } = await faultline(['replay', older]);
  expect(stderr).toBe('faultline: The scheme has changed since the token was made; the ops are the same.\n');
  expect(status).toBe(1);
});

it('when the ops differ, it names the first one and exits 2', async () => {
  const { token } = await found(['fault-vs-convert'], scratch());
  const other = encodeToken({ ...(await decodeToken(token)), scheme: 'v3-inplace' });
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

it('--beside refuses a scheme before it prints anything', async () => {
  const cwd = scratch();
  const explored = await quietly(['explore', 'fault-vs-convert', '--out', '.', '--json'], { cwd });
  const [{ file = '' }] = resultSchema.parse(JSON.parse(explored.stdout)).findings;
  const { stdout, stderr, status } = await faultline(['replay', file, '--beside', 'nothing'], { cwd });
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^faultline: there is no scheme "nothing"; [^\n]*\n$/);
  expect(status).toBe(2);
});
