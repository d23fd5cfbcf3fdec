/**
 * Serves pages to the browsers of this machine until Ctrl-C. Nothing but the pages can be had, and by nobody whose
 * address for us is another one: a page of somebody else's cannot have a browser fetch them under a name of its own.
 */

import { InputError } from '../../core/errors.js';
import { htmlPageOf } from '../../report/page.js';
import { answerInWords, ownServer } from '../serve/own-server.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { abortOnInterrupt } from '../terminal/interrupt.js';
import { print } from '../terminal/terminal.js';
import type { ViewPages } from './run-view.js';

/** Serves until it is interrupted; the exit status. Throws InputError when the port is taken. */
export async function servePages(pages: ViewPages, port: number): Promise<ExitStatusValue> {
  const signal = abortOnInterrupt();
  const { server, address } = await ownServer('--port', port, async ({ url = '/' }, response) => {
    const { status, text } = await answerTo(url, pages);
    if (status !== 200) answerInWords(response, status, text);
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(text);
  });
  print(`Serving ${address} until Ctrl-C.\n`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  server.closeAllConnections();
  server.close();
  return ExitStatus.Clean;
}

interface PageAnswer {
  readonly status: number;
  readonly text: string;
}

async function answerTo(url: string, pages: ViewPages): Promise<PageAnswer> {
  const [path] = url.slice(1).split(/[?#]/);
  const name = path === '' ? [...pages.keys()][0] : decoded(path);
  try {
    const data = await pages.get(name)?.();
    if (data === undefined) return { status: 404, text: 'There is no such page.' };
    return { status: 200, text: htmlPageOf(data) };
  } catch (error) {
    return { status: 500, text: error instanceof InputError ? error.message : String(error) };
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
