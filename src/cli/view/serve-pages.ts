/**
 * Serves pages to the browsers of this machine until Ctrl-C. Nothing but the pages can be had, and by nobody whose
 * address for us is another one: a page of somebody else's cannot have a browser fetch them under a name of its own.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../../core/errors.js';
import { htmlPageOf } from '../../report/page.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { abortOnInterrupt } from '../terminal/interrupt.js';
import { print } from '../terminal/terminal.js';
import type { ViewPages } from './run-view.js';

const ADDRESS = '127.0.0.1';

/** Serves until it is interrupted; the exit status. Throws InputError when the port is taken. */
export async function servePages(pages: ViewPages, port: number): Promise<ExitStatusValue> {
  const signal = abortOnInterrupt();
  const server = createServer(async (request, response) => {
    const answer = await answerTo(request, pages, (server.address() as AddressInfo).port);
    response.writeHead(answer.status, {
      'content-type': `text/${answer.status === 200 ? 'html' : 'plain'}; charset=utf-8`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : answer.text);
  });
  await listening(server, port);
  print(`Serving http://${ADDRESS}:${(server.address() as AddressInfo).port}/ until Ctrl-C.\n`);
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

async function answerTo(
  { method, url = '/', headers }: IncomingMessage,
  pages: ViewPages,
  port: number,
): Promise<PageAnswer> {
  const hosts = [ADDRESS, 'localhost'].map((name) => `${name}:${port}`);
  if (!hosts.includes(headers.host ?? '')) return { status: 403, text: `Allowed hosts: ${hosts.join(', ')}\n` };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'Allowed: GET\n' };
  const [path] = url.slice(1).split(/[?#]/);
  const name = path === '' ? [...pages.keys()][0] : decoded(path);
  try {
    const data = await pages.get(name)?.();
    return data === undefined
      ? { status: 404, text: 'There is no such page.\n' }
      : { status: 200, text: htmlPageOf(data) };
  } catch (error) {
    return { status: 500, text: `${error instanceof InputError ? error.message : String(error)}\n` };
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function listening(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new InputError(`faultline: --port ${port}: it cannot be listened on (${error.code}).`)),
    );
    server.listen(port, ADDRESS, resolve);
  });
}
