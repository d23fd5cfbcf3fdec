/** Pages by the command line: where they are written, what they hold, and what is said where they cannot be. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PageData, RunsPage } from '../../../src/trace/page-data.js';
import * as models from '../models.js';
import { faultline, quietly } from '../one-process.js';
import { scratch } from '../run-cli.js';

const TOKEN =
  'fl1:user-fault-vs-convert:v2-hook-every-fault::dcb733e8.4def6014.99e501b1:AwABAAEBAwEFAgoBBQCIRggY_iKIO8A7rqzSFSvkx7K-yej9p9M0NbrroJf-IFqL9nnA46a0Vy_xmw:b105d52c';

/** The data in a page. */
function dataIn(path: string): PageData {
  const [, json] =
    /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(readFileSync(path, 'utf8')) ?? [];
  return JSON.parse(json);
}

function runsIn(path: string): RunsPage['runs'] {
  return (dataIn(path) as RunsPage).runs;
}

it('replay --html writes a page of its findings, and is else what it was', async () => {
  const cwd = scratch();
  const plain = await faultline(['replay', TOKEN], { cwd });
  const { status, stdout, stderr } = await faultline(['replay', TOKEN, '--html', 'page.html'], { cwd });
  expect({ status, stdout }).toEqual({ status: plain.status, stdout: plain.stdout });
  expect(stderr).toBe(`${plain.stderr}faultline: the page is page.html.\n`);
  const [{ trace, trying }] = runsIn(join(cwd, 'page.html'));
  expect(trace.source.token).toBe(TOKEN);
  expect(trying).toMatchObject({ scheme: 'v2-hook-every-fault', builtIn: true });
  expect(readdirSync(cwd)).toEqual(['page.html']);
});

it('a page has the nearest run that passes, and the other scheme that is named', async () => {
  const cwd = scratch();
  const words = ['replay', TOKEN, '--beside', 'bitmap-nolock', '--html', 'page.html'];
  const { stdout } = await faultline(words, { cwd });
  const [{ trace, nearest, other }] = runsIn(join(cwd, 'page.html'));
  const said = stdout.replace(/\s+/g, ' ');
  expect(said).toContain(nearest!.words);
  expect(nearest!.trace.violation).toBeUndefined();
  const { firstDifference: at } = nearest!;
  expect(nearest!.trace.steps[at].actor).not.toBe(trace.steps[at].actor);
  expect(other).toMatchObject({ scheme: 'bitmap-nolock', trace: { source: { scheme: 'bitmap-nolock' } } });
  expect(said).toContain(other!.words);
});

it('explore and verify write all that they find into one page', async () => {
  const cwd = scratch();
  const words = ['fault-fault', '--scheme', 'v1-uptodate-prepared+inverted-test', '--html'];
  const explored = await quietly(['explore', ...words, 'explored.html', '--keep-going', '--schedules', '200'], { cwd });
  const verified = await quietly(['verify', ...words, 'verified.html'], { cwd });
  expect([explored.status, verified.status]).toEqual([1, 1]);
  const titles = [...explored.stdout.matchAll(/^BUG: faultline: ([\w-]+) in/gm)].map(([, kind]) => kind);
  expect(titles.length).toBeGreaterThan(0);
  expect(runsIn(join(cwd, 'explored.html')).map(({ trace }) => trace.violation?.kind)).toEqual(titles);
  expect(runsIn(join(cwd, 'verified.html'))).toHaveLength(1);
});

it('writes no page of nothing', async () => {
  const cwd = scratch();
  const { status, stderr } = await quietly(['explore', 'fault-fault', '--schedules', '64', '--html', 'page.html'], {
    cwd,
  });
  expect(status).toBe(0);
  expect(stderr).toBe('faultline: there is no finding to show, so page.html was not written.\n');
  expect(existsSync(join(cwd, 'page.html'))).toBe(false);
});

it.each([
  [['--html', 'absent/page.html'], 'the page absent/page.html cannot be written (ENOENT)'],
  [['--html', 'taken/page.html'], 'the page taken/page.html cannot be written (ENOTDIR)'],
  [['--html', 'folder'], '--html folder: this is a folder; name a file for the page'],
])('refuses a place for a page before it searches: %s', async (words, sentence) => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'taken'), '');
  mkdirSync(join(cwd, 'folder'));
  const run = await quietly(['explore', 'fault-fault', ...words], { cwd });
  expect(run).toEqual({ status: 2, stdout: '', stderr: `faultline: ${sentence}.\n` });
});

it('show says that a machine has no page', async () => {
  const run = await faultline(['show', 'machine', 'folio', '--html', 'page.html']);
  expect(run).toEqual({ status: 2, stdout: '', stderr: 'faultline: --html: only a finding has a page.\n' });
});

it('says on a full disk that the page cannot be written, and leaves nothing behind', async () => {
  const run = await faultline(['replay', TOKEN, '--html', '/dev/full']);
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/^faultline: the page \/dev\/full cannot be written \(\w+\)\.\n$/);
});

let kept: string;
beforeAll(async () => {
  kept = mkdtempSync(join(tmpdir(), 'faultline-view-'));
  writeFileSync(join(kept, 'account.ts'), models.account);
  await quietly(['explore', 'account.ts', '--out', 'kept'], { cwd: kept });
  await quietly(['explore', 'user-fault-vs-convert', '--out', 'kept'], { cwd: kept });
  writeFileSync(
    join(kept, 'trace.json'),
    (await faultline(['show', firstIn('kept'), '--format', 'trace'], { cwd: kept })).stdout,
  );
});

afterAll(() => rmSync(kept, { recursive: true, force: true }));

function firstIn(folder: string): string {
  return join(folder, readdirSync(join(kept, folder)).filter((name) => name.endsWith('.json'))[0]);
}

it('view of a file writes the page beside it; of a trace document, too', async () => {
  const file = firstIn('kept');
  const page = file.replace(/\.json$/, '.html');
  expect(await faultline(['view', file], { cwd: kept })).toEqual({ status: 0, stdout: `${page}\n`, stderr: '' });
  await faultline(['view', 'trace.json'], { cwd: kept });
  const [{ trace: ofFile }] = runsIn(join(kept, page));
  const [{ trace, trying }] = runsIn(join(kept, 'trace.html'));
  expect(trace).toEqual(ofFile);
  expect(trying).toBe('Steps of your own cannot be tried here: the page was made of a trace document.');
});

it('view of a folder writes an index with links to a page each', async () => {
  const { status, stdout } = await faultline(['view', 'kept'], { cwd: kept });
  expect(status).toBe(0);
  const written = stdout.trimEnd().split('\n');
  expect(written[0]).toBe(join('kept', 'index.html'));
  const index = dataIn(join(kept, written[0]));
  const rows = index.kind === 'index' ? index.rows : [];
  expect(rows.map(({ of }) => of).sort()).toEqual(['account', 'user-fault-vs-convert under v2-hook-every-fault']);
  expect(rows.map(({ page = '' }) => join('kept', page)).sort()).toEqual(written.slice(1).sort());
  const sentences = written.slice(1).map((path) => runsIn(join(kept, path))[0].trying);
  expect(sentences).toContain(
    'Steps of your own cannot be tried here: a page carries guest_memfd, and no model of a file.',
  );
});

it('view says what it cannot show', async () => {
  writeFileSync(join(kept, 'other.json'), '{}');
  expect(await faultline(['view', 'absent'], { cwd: kept })).toMatchObject({
    ...{ status: 2, stderr: 'faultline: view: there is no file or folder absent.\n' },
  });
  const { status, stderr } = await faultline(['view', 'other.json'], { cwd: kept });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^faultline: other\.json is no finding file: /);
});
