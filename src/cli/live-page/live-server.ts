/**
 * Live server: serves the live page on this machine, and tells its readers how the run comes on (server-sent events). GET
 * only, for this host's own names only, so that no page of somebody else's can read it; who does not read fast enough is
 * dropped. Used by the verbs that run live.
 */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LiveBeat, LiveEnd } from '../../trace/live-beat.js';
import { answerInWords, type OwnServer, ownServer } from '../serve/own-server.js';

/** Bytes that a reader may be behind. */
const MOST_BEHIND = 1 << 20;
/** Pages that may be open at a time. */
const MOST_READERS = 16;

/** A live page that is being served. */
export class LiveServer {
  readonly #own: OwnServer;
  readonly #readers = new Set<ServerResponse>();
  /** What somebody who comes now is told at once. */
  #last = '';

  private constructor(own: OwnServer) {
    this.#own = own;
  }

  /**
   * Begins to serve a page.
   *
   * @param port 0: any that is free
   * @throws InputError when the port cannot be had
   */
  static async open(page: string, port: number): Promise<LiveServer> {
    const own = await ownServer('--live', port, ({ url }, response) => {
      if (url === '/') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
      else if (url !== '/events') answerInWords(response, 404, 'There is nothing here.');
      else if (served.readers >= MOST_READERS) answerInWords(response, 503, 'Too many pages are open.');
      else served.#listen(response);
    });
    const served = new LiveServer(own);
    return served;
  }

  /** Where to look: `http://127.0.0.1:4711/`. */
  get address(): string {
    return this.#own.address;
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
    const { server } = this.#own;
    if (!server.listening) return;
    this.#tell(eventText('end', end));
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
    const closed = once(server, 'close');
    server.close();
    // Connections that are kept alive, and readers that do not read, must not keep the run from ending.
    setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS).unref();
    server.closeIdleConnections();
    await closed;
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
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
}

/** How long readers have to read the end. */
const LAST_WORDS_MS = 300;

function eventText(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
