/** `--html` of the verbs that report more than a run: the page has what the terminal says, and the findings behind it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ComparePage, PageData, ReportPage } from '../../../src/trace/page-data.js';
import { forged } from '../conform/traces.js';
import { faultline, quietly } from '../one-process.js';
import { scratch } from '../run-cli.js';

function dataOf<T extends PageData>(path: string): T {
  const [, json] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(path, 'utf8'))!;
  return JSON.parse(json);
}

it('verify: what was covered, level by level', async () => {
  const cwd = scratch();
  const words = ['verify', 'fault-fault', '--scheme', 'v3-inplace', '--html', 'page.html'];
  const { status, stdout, stderr } = await quietly(words, { cwd });
  expect(status).toBe(0);
  expect(stderr).toBe('faultline: the page is page.html.\n');
  const page = dataOf<ReportPage>(join(cwd, 'page.html'));
  expect(page).toMatchObject({ kind: 'report', isBroken: false, runs: [] });
  expect(stdout).toContain(page.verdict);
  const [covered, levels] = page.tables;
  const states = covered.rows.find(([name]) => name === 'distinct states')![1];
  const sum = levels.rows.reduce((all, [, count]) => all + Number(count.replaceAll(',', '')), 0);
  expect(sum).toBe(Number(states.replaceAll(',', '')));
  expect(stdout).toContain(`${states} distinct states`);
});

it('compare: a cell that breaks leads to its finding', async () => {
  const cwd = scratch();
  const cells = ['--schemes', 'v3-inplace,bitmap-nolock', '--scenarios', 'fault-vs-punch'];
  const { status } = await quietly(['compare', ...cells, '--html', 'page.html'], { cwd });
  expect(status).toBe(0);
  const page = dataOf<ComparePage>(join(cwd, 'page.html'));
  expect(page.cells.map(({ scheme, text, run }) => [scheme, text, run])).toEqual([
    ['v3-inplace', 'verified', undefined],
    ['bitmap-nolock', 'host-rmp-fault', 0],
  ]);
  expect(page.runs[0].trace.violation?.kind).toBe('host-rmp-fault');
});

it('conform: the event that is refused', async () => {
  const cwd = scratch();
  const { status } = await faultline(['conform', forged(cwd), '--quiet', '--html', 'page.html'], { cwd });
  expect(status).toBe(1);
  const page = dataOf<ReportPage>(join(cwd, 'page.html'));
  expect(page.verdict).toMatch(/^Refused: /);
  expect(page.runs[0].trace.steps.at(-1)?.violation?.kind).toBe('refused');
});

it.each(['verify', 'compare', 'stress', 'soak', 'conform'])(
  '%s refuses a place that there is not, before it runs',
  async (verb) => {
    const cwd = scratch();
    const what = verb === 'compare' ? [] : verb === 'conform' ? [forged(cwd)] : ['fault-fault'];
    const { status, stderr } = await faultline([verb, ...what, '--html', 'nowhere/page.html'], { cwd });
    expect(stderr).toBe('faultline: the page nowhere/page.html cannot be written (ENOENT).\n');
    expect(status).toBe(2);
  },
);
