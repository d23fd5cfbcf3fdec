/**
 * A browser for tests of pages: Debian's chromium, or what FAULTLINE_CHROMIUM names. Where there is none the tests are
 * skipped; continuous integration installs it, and says so where it cannot (.ci/run).
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Where the browser is; undefined where there is none. */
export const chromiumPath = [process.env.FAULTLINE_CHROMIUM ?? '', '/usr/bin/chromium'].find((path) =>
  existsSync(path),
);

/** Why tests of pages are skipped; undefined where they are not. */
export const noBrowser =
  chromiumPath === undefined && (process.env.CI === undefined || process.env.FAULTLINE_NO_BROWSER !== undefined)
    ? 'there is no /usr/bin/chromium (apt-get install chromium), and FAULTLINE_CHROMIUM names none'
    : undefined;

/** Starts the browser. */
export async function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('continuous integration has no chromium; .ci/run installs it');
  // Containers have no sandbox for root; what is opened are pages of our own.
  return await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
}

/** A page of HTML from the disk, and what it complained of: errors, and everything that it asked the network for. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a file. */
export async function openPage(browser: Browser, path: string, hash = ''): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(`file://${path}`)) complaints.push(request.url());
  });
  await page.goto(`file://${path}${hash}`);
  return { page, complaints };
}

/** What axe finds wrong with a page as it stands, by all rules or by some: the rules that are broken, and where. */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  const only = rules === undefined ? '' : JSON.stringify({ runOnly: rules });
  const { violations } = (await page.evaluate(`${axe};axe.run(${only})`)) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`);
}
