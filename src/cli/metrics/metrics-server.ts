/**
 * Metrics server: one page for a Prometheus on this machine. Nobody else reaches it, and it reads nothing but the first line
 * and the Host of a request. Imported by the metrics sink.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../../core/errors.js';

const ADDRESS = '127.0.0.1';
const MOST_CONNECTIONS = 16;
const SLOWEST_REQUEST_MS = 5_000;
/** What it offers is in version 0.0.4 of the text format. */
const MEDIA = 'text/plain; version=0.0.4; charset=utf-8';

/** A server that answers. */
export interface MetricsServer {
  readonly url: string;
  close(): void;
}

/** Offers what `text` gives, until it is closed. Throws InputError when the port is not to be had. */
export async function serveMetrics(port: number, text: () => string): Promise<MetricsServer> {
  const server = createServer((request, response) => answerWith(request, response, text));
  server.maxConnections = MOST_CONNECTIONS;
  server.requestTimeout = SLOWEST_REQUEST_MS;
  server.headersTimeout = SLOWEST_REQUEST_MS;
  server.timeout = SLOWEST_REQUEST_MS;
  try {
    server.listen(port, ADDRESS);
    await once(server, 'listening');
  } catch (error) {
    throw new InputError(
      `faultline: --metrics-port ${port} cannot be used (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  // A run that is over does not wait for who might still ask.
  server.unref();
  const url = `http://${ADDRESS}:${(server.address() as AddressInfo).port}/metrics`;
  return {
    url,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answerWith(request: IncomingMessage, response: ServerResponse, text: () => string): void {
  const refusal = refusalOf(request);
  if (refusal !== undefined) {
    response.writeHead(refusal, { connection: 'close', ...(refusal === 405 ? { allow: 'GET, HEAD' } : {}) });
    response.end();
    return;
  }
  response.writeHead(200, { 'content-type': MEDIA, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(request.method === 'HEAD' ? undefined : text());
}

/** The status of a request that is not answered. */
function refusalOf({ method, url, headers }: IncomingMessage): number | undefined {
  const [, host] = /^(.*?)(?::\d+)?$/.exec(headers.host ?? '') ?? [];
  // A page from elsewhere that had its name point here would read what is meant for this machine.
  if (host !== ADDRESS && host !== 'localhost') return 403;
  if (method !== 'GET' && method !== 'HEAD') return 405;
  return url === '/metrics' ? undefined : 404;
}
