/**
 * Live server: serves the live page on this machine, and tells its readers how the run comes on (server-sent events). GET
 * only, for this host's own names only, so that no page of somebody else's can read it; who does not read fast enough is
 * dropped. Used by the verbs that run live.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../../core/errors.js';
import type { LiveBeat, LiveEnd } from '../../trace/live-beat.js';

/** The only address that it listens at. */
const HOST = '127.0.0.1';
/** Bytes that a reader may be behind. */
const MOST_BEHIND = 1 << 20;
/** Pages that may be open at a time. */
const MOST_READERS = 16;

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** A live page that is being served. */
export class LiveServer {
  readonly #server: Server;
  readonly #page: string;
  readonly #readers = new Set<ServerResponse>();
  /** What somebody who comes now is told at once. */
  #last = '';

  private constructor(page: string) {
    this.#page = page;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /**
   * Begins to serve a page.
   *
   * @param port 0: any that is free
   * @throws InputError when the port is taken or not allowed
   */
  static async open(page: string, port: number): Promise<LiveServer> {
    const served = new LiveServer(page);
    const listening = once(served.#server, 'listening');
    served.#server.listen(port, HOST);
    try {
      await listening;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'the port is in use' : `the port cannot be had (${code})`;
      throw new InputError(`faultline: --live=${port}: ${why}; --live without a number takes one that is free.`);
    }
    return served;
  }

  /** Where to look: `http://127.0.0.1:4711/`. */
  get address(): string {
    return `http://${HOST}:${this.#port}/`;
  }

  /** Pages that are listening. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Tells all readers how things stand. */
  beat(beat: LiveBeat): void {
    this.#last = eventText('beat', beat);
    this.#tell(this.#last);
  }

  /** Tells all readers how it ended, and stops serving. */
  async end(end: LiveEnd): Promise<void> {
    if (!this.#server.listening) return;
    this.#tell(eventText('end', end));
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
    const closed = once(this.#server, 'close');
    this.#server.close();
    // Connections that are kept alive, and readers that do not read, must not keep the run from ending.
    setTimeout(() => this.#server.closeAllConnections(), LAST_WORDS_MS).unref();
    this.#server.closeIdleConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const isOwnHost = [`${HOST}:${this.#port}`, `localhost:${this.#port}`].includes(headers.host ?? '');
    if (!isOwnHost) refuse(response, 403, 'This page is served to its own host only.');
    else if (method !== 'GET') refuse(response, 405, 'GET alone is allowed.');
    else if (url === '/') {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(this.#page);
    } else if (url !== '/events') refuse(response, 404, 'There is nothing here.');
    else if (this.#readers.size >= MOST_READERS) refuse(response, 503, 'Too many pages are open.');
    else this.#listen(response);
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    response.write(`retry: 2000\n\n${this.#last}`);
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  }

  #tell(text: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength <= MOST_BEHIND) reader.write(text);
      else {
        this.#readers.delete(reader);
        reader.destroy();
      }
    }
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }
}

/** How long readers have to read the end. */
const LAST_WORDS_MS = 300;

function eventText(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  const head = { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', ...(status === 405 && { allow: 'GET' }) };
  response.writeHead(status, head).end(`${sentence}\n`);
}
