/**
 * A server for this machine alone: it listens at 127.0.0.1, answers `GET` and `HEAD` only, and only under this host's own
 * names, so that no page of somebody else's, whose name is made to point here, has a browser read what is meant for its
 * user. Used by the verbs that serve something.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../../core/errors.js';

const ADDRESS = '127.0.0.1';
const NAMES: readonly string[] = [ADDRESS, 'localhost'];
const MOST_CONNECTIONS = 64;
/** How long a request may take to arrive. */
const SLOWEST_REQUEST_MS = 5_000;

/** What is said beside every answer. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Answers a request that may be answered; of a `HEAD` the text is left out. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that listens. */
export interface OwnServer {
  readonly server: Server;
  /** `http://127.0.0.1:4711/` */
  readonly address: string;
}

/**
 * Begins to listen.
 *
 * @param option what named the port, for the refusal: `--port`
 * @param port 0: any that is free
 * @throws InputError when the port cannot be had
 */
export async function ownServer(option: string, port: number, answer: Answer): Promise<OwnServer> {
  const server = createServer((request, response) => {
    const [status, sentence] = refusalOf(request, server) ?? [];
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (status === undefined) answer(request, response);
    else answerInWords(response, status, sentence!);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.requestTimeout = SLOWEST_REQUEST_MS;
  server.headersTimeout = SLOWEST_REQUEST_MS;
  try {
    server.listen(port, ADDRESS);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'somebody listens there already' : `it cannot be listened on (${code})`;
    throw new InputError(`faultline: ${option} ${port}: ${why}; name another port.`);
  }
  return { server, address: `http://${ADDRESS}:${portOf(server)}/` };
}

/** Answers with a status and a sentence. */
export function answerInWords(response: ServerResponse, status: number, sentence: string): void {
  if (status === 405) response.setHeader('allow', 'GET, HEAD');
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}

/** The status of a request that is not answered, and why. */
function refusalOf({ method, headers }: IncomingMessage, server: Server): readonly [number, string] | undefined {
  const hosts = NAMES.map((name) => `${name}:${portOf(server)}`);
  if (!hosts.includes(headers.host ?? '')) return [403, `Allowed hosts: ${hosts.join(', ')}`];
  return method === 'GET' || method === 'HEAD' ? undefined : [405, 'Allowed: GET, HEAD'];
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}
