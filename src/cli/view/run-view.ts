/**
 * What `faultline view` does: finds what there is to show, and writes or serves its pages. Imported by the verb.
 */

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../core/errors.js';
import { listingOf } from '../../kept/folder-listing.js';
import { pageRunOfFile } from '../../kept/page-runs.js';
import type { IndexRow, PageData } from '../../trace/page-data.js';
import { writePage } from '../options/html-option.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { print, say } from '../terminal/terminal.js';
import { servePages } from './serve-pages.js';
import type { ViewWords } from './view.js';

/** The name of the page with the list of a folder. */
const INDEX = 'index.html';

/** Writes or serves the pages; the exit status. */
export async function runView(what: string, words: ViewWords): Promise<ExitStatusValue> {
  if (!existsSync(what)) throw new InputError(`faultline: view: there is no file or folder ${what}.`);
  const isFolder = statSync(what).isDirectory();
  const folder = isFolder ? what : dirname(what);
  const pages = isFolder ? folderPages(what, words) : filePages(what, words);
  if (words.port !== undefined) return await servePages(pages, words.port);
  const written: string[] = [];
  for (const [name, page] of pages) {
    const data = await page();
    if (data === undefined) continue;
    const path = join(folder, name);
    await writePage(path, data);
    written.push(path);
  }
  print(`${written.join('\n')}\n`);
  return ExitStatus.Clean;
}

/** Pages by name, the first the one to open; each is made when it is asked for. Undefined: it cannot be shown. */
export type ViewPages = ReadonlyMap<string, () => Promise<PageData | undefined>>;

function filePages(file: string, { trust }: ViewWords): ViewPages {
  const page = async (): Promise<PageData> => {
    return { kind: 'runs', runs: [await pageRunOfFile(file, say, { trusted: trust })] };
  };
  return new Map([[pageName(file), page]]);
}

/** The index first. What cannot be shown is a line there, with the sentence that says why. */
function folderPages(folder: string, { trust }: ViewWords): ViewPages {
  const { findings, others } = listingOf(folder);
  for (const other of others) say(`faultline: ${other} is no finding file.`);
  const made = new Map<string, Promise<PageData | string>>();
  const pageOfFile = (file: string): Promise<PageData | string> => {
    const known = made.get(file) ?? madePage(file, trust);
    made.set(file, known);
    return known;
  };
  const index = async (): Promise<PageData> => {
    const rows: IndexRow[] = [];
    for (const { file, title, of, steps } of findings) {
      const page = await pageOfFile(file);
      const shown = typeof page === 'string' ? { note: page } : { page: `./${encodeURIComponent(pageName(file))}` };
      rows.push({ title, of, steps, ...shown });
    }
    return { kind: 'index', folder: basename(folder), rows };
  };
  const pages = findings.map(({ file }) => {
    const page = async (): Promise<PageData | undefined> => {
      const data = await pageOfFile(file);
      return typeof data === 'string' ? undefined : data;
    };
    return [pageName(file), page] as const;
  });
  return new Map([[INDEX, index], ...pages]);
}

async function madePage(file: string, trusted: boolean): Promise<PageData | string> {
  try {
    return { kind: 'runs', runs: [await pageRunOfFile(file, say, { trusted })] };
  } catch (error) {
    if (error instanceof InputError) return error.message.replace(/^faultline: /, '');
    throw error;
  }
}

function pageName(file: string): string {
  return `${basename(file).replace(/\.json$/, '')}.html`;
}
