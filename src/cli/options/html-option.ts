/**
 * The option that has a page written, and the writing of pages. Imported by the verbs that have a run to show.
 */

import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Option } from 'commander';
import { InputError } from '../../core/errors.js';
import type { PageData, RunOnPage } from '../../trace/page-data.js';
import { say } from '../terminal/terminal.js';
import { anyFile, offering } from './offers.js';

/** What `--html` gave. */
export interface HtmlWords {
  readonly html?: string;
}

/** `--html` */
export function htmlOption(): Option {
  return offering(new Option('--html <file>', 'write a page that a browser opens'), anyFile);
}

/** Refuses a place where no page can be written, before there is anything to write. Throws InputError. */
export function refuseUnwritablePage({ html }: HtmlWords): void {
  if (html === undefined) return;
  try {
    // With the dot, a file of that name is none.
    accessSync(`${dirname(html)}/.`, constants.W_OK);
  } catch (error) {
    throw unwritten(html, error);
  }
  if (statSync(html, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`faultline: --html ${html}: this is a folder; name a file for the page.`);
  }
}

/** Writes the page of some runs where one is wanted, and says so; of none there is no page. */
export async function writeRunsPage({ html }: HtmlWords, runs: readonly RunOnPage[]): Promise<void> {
  if (html === undefined) return;
  if (runs.length === 0) return say(`faultline: there is no finding to show, so ${html} was not written.`);
  await writePage(html, { kind: 'runs', runs });
  say(`faultline: the page is ${html}.`);
}

/** Writes the page of a report or a comparison where one is wanted, and says so. `make` is asked only then. */
export async function writePageOf({ html }: HtmlWords, make: () => Promise<PageData>): Promise<void> {
  if (html === undefined) return;
  await writePage(html, await make());
  say(`faultline: the page is ${html}.`);
}

/**
 * Writes a page: at once or not at all.
 *
 * @throws InputError when it cannot be written
 */
export async function writePage(path: string, data: PageData): Promise<void> {
  const { htmlPageOf } = await import('../../report/page.js');
  const html = htmlPageOf(data);
  // What is no file, such as /dev/stdout, cannot have one put in its place.
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(isFile ? unfinished : path, html, { flush: isFile });
    if (isFile) renameSync(unfinished, path);
  } catch (error) {
    if (isFile) rmSync(unfinished, { force: true });
    throw unwritten(path, error);
  }
}

function unwritten(path: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new InputError(`faultline: the page ${path} cannot be written (${code}).`);
}
