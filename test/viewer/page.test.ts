/** Pages in a browser: what they show is what their documents say, by mouse and by keys, in both colour schemes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pageRunOf } from '../../src/kept/page-runs.js';
import { replayed } from '../../src/kept/replayed.js';
import { htmlPageOf } from '../../src/report/page.js';
import type { RunOnPage } from '../../src/trace/page-data.js';
import { cellChangesOf, documentValueText, type TraceDocument } from '../../src/trace/public.js';
import { scratch } from '../cli/run-cli.js';
import { axeViolations, noBrowser, openPage, startBrowser } from './browser.js';

const TOKENS = {
  'attribute-mismatch':
    'fl1:user-fault-vs-convert:v2-hook-every-fault::dcb733e8.4def6014.99e501b1:AwABAAEBAwEFAgoBBQCIRggY_iKIO8A7rqzSFSvkx7K-yej9p9M0NbrroJf-IFqL9nnA46a0Vy_xmw:b105d52c',
  deadlock:
    'fl1:populate-vs-user-fault:bitmap-shared-lock::f88916b7.3608f5a0.d72ecd22:AwEAAQABAAMBAgIBAAkAAi0KMWFAZmcpOSVzM2E6fS7ssvrqtDg-rYKVvA:2a802c7a',
};

if (noBrowser !== undefined) console.log(`The pages are not opened in a browser: ${noBrowser}.`);

describe.skipIf(noBrowser !== undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function opened(runs: readonly RunOnPage[], hash = '') {
    const path = join(scratch(), 'page.html');
    writeFileSync(path, htmlPageOf({ kind: 'runs', runs }));
    const open = await openPage(browser, path, hash);
    onTestFinished(async () => await open.page.close());
    return open;
  }

  describe.each(Object.entries(TOKENS))('%s', (kind, token) => {
    let run: RunOnPage;
    let trace: TraceDocument;
    beforeAll(async () => {
      run = await pageRunOf(await replayed(token, () => {}), token);
      trace = run.trace;
    });

    it('shows the finding, loads nothing, and axe finds nothing in light, dark and narrow', async () => {
      const { page, complaints } = await opened([run]);
      expect(await page.textContent('h1')).toContain(kind);
      expect(await page.textContent('.lead')).toBe(`When this happens, ${trace.violation!.words}.`);
      expect(await axeViolations(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.locator('.lanes.one').count()).toBe(1);
      expect(await axeViolations(page, ['color-contrast', 'scrollable-region-focusable'])).toEqual([]);
      expect(complaints).toEqual([]);
    });

    it('says at every step what the document says', async () => {
      const { page } = await opened([run], '#step=0');
      for (const [at, step] of trace.steps.entries()) {
        await page.keyboard.press('j');
        const shown = await page.evaluate(shownNow);
        const text = step.result === undefined ? step.text : `${step.text} → ${step.result}`;
        expect(shown.step).toBe(`${step.section ? 'atomic ' : ''}${text}`);
        expect(shown.actor).toBe(trace.actors[step.actor].name);
        expect(shown.hash).toBe(`#step=${at + 1}`);
        for (const { cell, after } of cellChangesOf(step)) {
          const { name, kind } = trace.cells[cell];
          if (kind === 'object') continue;
          const rows = shown.rows.filter((row) => row.startsWith(name));
          expect(rows.join('\n')).toContain(documentValueText(trace, cell, after));
        }
      }
    });

    it('goes on from a step with another actor, and back', async () => {
      const { page, complaints } = await opened([run], '#step=5');
      const other = trace.steps[5].actor;
      const buttons = page.locator('.trying .actor');
      // The engine has to start.
      await buttons.first().waitFor();
      expect(await buttons.count()).toBe(trace.steps[4].runnable!.length);
      await buttons.filter({ hasText: trace.actors[other].name }).click();
      expect(await page.textContent('.own')).toContain('Your own path: 6 steps');
      const command = (await page.textContent('.own code'))!;
      const again = await replayed(command.replace('faultline replay ', ''), () => {});
      expect(again.trace.schedule.steps).toEqual(trace.steps.slice(0, 6).map(({ actor }) => actor));
      await page.click('text=Back to the finding');
      expect(await page.locator('.own').count()).toBe(0);
      expect(complaints).toEqual([]);
    });
  });

  it('goes the way that docs/page.md describes, to a token that replays and breaks nothing', async () => {
    const token = TOKENS['attribute-mismatch'];
    const { page } = await opened([await pageRunOf(await replayed(token, () => {}), token)]);
    const button = (name: string) => page.locator('.trying .actor', { hasText: name });
    expect(await page.textContent('.where')).toBe('20 of 20');
    for (const key of 'ppk') await page.keyboard.press(key);
    expect(await page.textContent('.where')).toBe('5 of 20');
    await button('toucher').click();
    expect(await page.textContent('[aria-current=step]')).toContain('filemap_add_folio()');
    for (let step = 0; step < 5; step++) await button('converter').click();
    expect(await button('converter').count()).toBe(0);
    while ((await button('toucher').count()) > 0) await button('toucher').click();
    expect(await page.textContent('.choices')).toContain('Everybody has finished.');
    const tried = await replayed((await page.textContent('.own code'))!.replace('faultline replay ', ''), () => {});
    expect(tried.trace.violation).toBeUndefined();
    expect(tried.story).toContain('Nothing breaks in this run.');
  });

  it('finds cells by a name, after the key for that', async () => {
    const token = TOKENS['attribute-mismatch'];
    const { page } = await opened([await pageRunOf(await replayed(token, () => {}), token)]);
    await page.keyboard.press('/');
    await page.keyboard.type('attributes');
    expect(await page.locator('.cells tbody tr').count()).toBe(1);
    expect(await page.textContent('.filter [role=status]')).toMatch(/^1 of \d+$/);
    // Letters in a field are text.
    expect(new URL(page.url()).hash).toBe('');
  });

  it('shows its keys in a dialog, and the columns on paper', async () => {
    const token = TOKENS['attribute-mismatch'];
    const run = await pageRunOf(await replayed(token, () => {}), token);
    const { page } = await opened([run]);
    await page.keyboard.press('?');
    expect(await page.locator('dialog[open]').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#app').isVisible()).toBe(false);
    expect(await page.locator('.plain pre').textContent()).toBe(run.trace.columns);
  });

  it('shows two runs beside each other from before their first difference', async () => {
    const token = TOKENS['attribute-mismatch'];
    const run = await pageRunOf(await replayed(token, () => {}), token);
    const { violation: _, ...passing } = run.trace;
    const steps = run.trace.steps.filter((_, at) => at !== 9).map(({ violation: __, ...step }) => step);
    const nearest = { trace: { ...passing, steps }, words: 'Without step 10 it passes.', firstDifference: 9 };
    const other = {
      scheme: 'another',
      trace: { ...passing, steps: steps.slice(0, 4), cutShort: 'it waits' },
      words: 'So.',
    };
    const { page } = await opened([{ ...run, nearest, other }]);
    await page.click('text=The nearest run that passes');
    expect(await page.textContent('.beside .lead')).toBe(nearest.words);
    expect(await page.locator('.beside tbody tr').count()).toBe(run.trace.steps.length - 7);
    expect(await page.textContent('.beside tr.first .number')).toBe('10first difference');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('text=The same under another');
    expect(await page.textContent('.beside tfoot')).toContain('ends here: it waits');
  });

  it('names the lock that stops another scheme, and does not call that passing', async () => {
    const run = await pageRunOf(await replayed(TOKENS.deadlock, () => {}), TOKENS.deadlock, 'v3-inplace');
    const { page } = await opened([run]);
    await page.click('text=The same under v3-inplace');
    expect(await page.textContent('.beside .first .none')).toMatch(/^populater waits for mmap_lock \(/);
    expect(await page.textContent('.beside tfoot')).toContain('nothing has broken, as far as it goes');
    expect(await page.textContent('.beside tfoot')).not.toContain('nothing breaks');
    await page.click('text=The nearest run that passes');
    expect(await page.textContent('.beside tfoot')).toContain('✓ nothing breaks');
  });

  it('goes from one finding to another', async () => {
    const runs = await Promise.all(
      Object.values(TOKENS).map(async (token) => await pageRunOf(await replayed(token, () => {}), token)),
    );
    const { page } = await opened(runs, '#finding=2');
    expect(await page.textContent('h1')).toContain('deadlock');
    expect(await page.locator('.ring circle').count()).toBe(runs[1].trace.deadlock!.ring.length);
    await page.click('.findings a >> nth=0');
    // The browser tells of another address when it comes to it.
    await page.waitForSelector('h1:has-text("attribute-mismatch")');
    expect(await axeViolations(page, ['color-contrast', 'link-in-text-block', 'list'])).toEqual([]);
  });

  it('says of a run that was seen live no more than is known', async () => {
    const { trace } = await pageRunOf(await replayed(TOKENS.deadlock, () => {}), TOKENS.deadlock);
    const steps = trace.steps.slice(0, 2).map(({ call: _, ...step }) => step);
    const live: TraceDocument = { ...trace, source: { engine: 'live' }, order: 'by actor', steps, conflicts: [] };
    const { page, complaints } = await opened([{ trace: live, trying: 'It was recorded.' }]);
    expect(await page.textContent('.trying')).toBe('It was recorded.');
    expect(await page.textContent('.head')).toContain("Only the order of each actor's own steps is certain.");
    expect(await page.textContent('.actors')).not.toMatch(/to come|the run ends here/);
    expect(complaints).toEqual([]);
  });

  it('keeps a run of thirty actors and hundreds of steps usable', async () => {
    const actors = Array.from({ length: 30 }, (_, actor) => ({ name: `vCPU${actor}`, calls: ['write gfn 0'] }));
    const steps = Array.from({ length: 600 }, (_, at) => ({
      ...{ actor: at % 30, call: 0, text: `step ${at}`, frames: [{ name: 'kvm_gmem_get_pfn', visit: 0 }] },
      ops: [
        { text: `step ${at}`, accesses: [{ cell: 0, writes: true as const, before: `${at}`, after: `${at + 1}` }] },
      ],
    }));
    const conflicts = steps.slice(1).map((_, at) => ({ from: at, to: at + 1, cells: [0] }));
    const many: TraceDocument = {
      ...{ schema: 'faultline.trace/1', title: 'Nothing breaks in this run.', source: { engine: 'controlled' } },
      ...{ order: 'total', actors, machines: [], steps, conflicts, columns: '' },
      cells: [{ name: 'x', class: 'x', kind: 'cell', initial: '0' }],
    };
    const { page, complaints } = await opened([{ trace: many }]);
    await page.keyboard.press('Home');
    for (let step = 0; step < 10; step++) await page.keyboard.press('j');
    expect(await page.textContent('[aria-current=step]')).toBe('step 9');
    // Of hundreds of arcs those of the step.
    expect(await page.locator('.arcs g').count()).toBe(2);
    expect(complaints).toEqual([]);
  });
});

/** What a page shows of its current step and of locks and cells behind it; runs in the browser. */
function shownNow(): { step: string; actor: string; hash: string; rows: string[] } {
  // The tests are no program of a browser, so its names have no types here.
  // biome-ignore lint/suspicious/noExplicitAny: a document
  const { document, location } = globalThis as any;
  const text = (selector: string): string => document.querySelector(selector).textContent;
  const rows = [...document.querySelectorAll('.panel :is(.cells tr, .facts li)')];
  return {
    ...{ step: text('[aria-current=step]'), actor: text('aside .who strong'), hash: location.hash },
    rows: rows.map((row) => row.textContent),
  };
}
