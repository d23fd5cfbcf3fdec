/** Pages that have more than runs: comparisons, reports, and the live page, in a browser. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LiveServer } from '../../src/cli/live-page/live-server.js';
import { pageRunOf } from '../../src/kept/page-runs.js';
import { replayed } from '../../src/kept/replayed.js';
import { htmlPageOf } from '../../src/report/page.js';
import type { LiveBeat } from '../../src/trace/live-beat.js';
import type { ComparePage, PageData, ReportPage, RunOnPage } from '../../src/trace/page-data.js';
import { scratch } from '../cli/run-cli.js';
import { axeViolations, noBrowser, openPage, startBrowser } from './browser.js';

const TOKEN =
  'fl1:populate-vs-user-fault:bitmap-shared-lock::f88916b7.3608f5a0.d72ecd22:AwEAAQABAAMBAgIBAAkAAi0KMWFAZmcpOSVzM2E6fS7ssvrqtDg-rYKVvA:2a802c7a';

describe.skipIf(noBrowser !== undefined)('in a browser', () => {
  let browser: Browser;
  let run: RunOnPage;
  beforeAll(async () => {
    browser = await startBrowser();
    run = await pageRunOf(await replayed(TOKEN, () => {}), TOKEN);
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function opened(data: PageData) {
    const path = join(scratch(), 'page.html');
    writeFileSync(path, htmlPageOf(data));
    const open = await openPage(browser, path);
    onTestFinished(async () => await open.page.close());
    return open;
  }

  it('a comparison: a cell opens its finding, and the cells of a kind can be picked out', async () => {
    const compared: ComparePage = {
      ...{ kind: 'compare', title: 'Every scheme', summary: '3 cells', notes: [], runs: [run] },
      scenarios: ['populate-vs-user-fault', 'fault-fault'],
      schemes: [
        { name: 'bitmap-shared-lock', title: 'a bitmap' },
        { name: 'v3-inplace', title: 'in place' },
      ],
      cells: [
        {
          ...{ scenario: 'populate-vs-user-fault', scheme: 'bitmap-shared-lock', text: 'deadlock', kind: 'deadlock' },
          ...{ run: 0, expected: 'clean' },
        },
        { scenario: 'populate-vs-user-fault', scheme: 'v3-inplace', text: 'verified' },
        { scenario: 'fault-fault', scheme: 'v3-inplace', text: 'leak', kind: 'leak' },
      ],
    };
    const { page, complaints } = await opened(compared);
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.locator('td.differs').allTextContents()).toEqual(['deadlockexpected: clean']);
    await page.selectOption('select', 'leak');
    expect(await page.locator('td.faint').allTextContents()).toEqual(['deadlockexpected: clean', 'verified']);
    await page.click('td a');
    await expect.poll(() => page.textContent('h1')).toContain('deadlock');
    await page.click('text=Back to the table');
    await expect.poll(() => page.textContent('h1')).toBe('Every scheme');
    expect(complaints).toEqual([]);
  });

  it('a report: its tables, what was not covered, and its findings', async () => {
    const report: ReportPage = {
      ...{ kind: 'report', title: 'verify it', verdict: 'Violation: 1 finding.', isBroken: true },
      tables: [
        {
          caption: 'States',
          columns: ['steps', 'states'],
          rows: [
            ['0', '1'],
            ['1', '2'],
          ],
          shares: [0.5, 1],
        },
      ],
      notes: ['Not examined: the order of locks.'],
      runs: [run],
    };
    const { page, complaints } = await opened(report);
    expect(await axeViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
    expect(await page.locator('.numbers tbody tr').allTextContents()).toEqual(['01', '12']);
    expect(await page.textContent('.notes')).toContain('the order of locks');
    await page.click('.index a');
    await expect.poll(() => page.textContent('.lead')).toContain(run.trace.violation!.words);
    expect(complaints).toEqual([]);
  });

  it('a live page: the numbers as they come, and how it ended', async () => {
    const server = await LiveServer.open(htmlPageOf({ kind: 'live', title: 'stress it' }), 0);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    onTestFinished(async () => await page.close());
    await page.goto(server.address);
    await expect.poll(() => server.readers).toBe(1);
    server.beat(beat(1, 100));
    server.beat(beat(2, 300));
    await page.waitForSelector('.charts canvas');
    await expect.poll(() => page.textContent('.about')).toContain('2.0 s');
    expect(await page.locator('.chart').first().locator('tbody tr').allTextContents()).toEqual(['calls per second300']);
    expect(await page.locator('.index li').allTextContents()).toEqual([
      'BUG: a leakWhen this happens, it leaks. First seen after 0.5 s.',
    ]);
    expect(await axeViolations(page)).toEqual([]);
    await server.end({ words: 'Clean in 300 calls.' });
    await expect.poll(() => page.textContent('.lead')).toBe('Clean in 300 calls.');
    expect(complaints).toEqual([]);
  });
});

function beat(seconds: number, perSecond: number): LiveBeat {
  return {
    ...{ world: 'it', seconds, lockWait: 0.1, memoryBytes: 1 << 20 },
    rates: [{ name: 'calls', perSecond }],
    locks: [{ name: 'mmu_lock', acquisitions: 10, contended: 1, waitedMs: 2 }],
    actors: [{ name: 'vCPU0', calls: 10, retries: 0, waitedMs: 2 }],
    findings: [{ title: 'BUG: a leak', words: 'it leaks', seconds: 0.5 }],
  };
}
