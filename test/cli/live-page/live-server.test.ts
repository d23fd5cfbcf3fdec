/** The live server: who is answered, what readers are told, and that it ends with the run. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { LiveServer } from '../../../src/cli/live-page/live-server.js';
import type { LiveBeat } from '../../../src/trace/live-beat.js';

const open: LiveServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.end({ words: 'over' });
});

async function served(): Promise<LiveServer> {
  const server = await LiveServer.open('<p>page</p>', 0);
  open.push(server);
  return server;
}

function beat(seconds: number, world = 'toy'): LiveBeat {
  return { world, seconds, rates: [], lockWait: 0, locks: [], actors: [], findings: [], memoryBytes: 0 };
}

/** Status and text of an answer; headers as they are given, `host` among them. */
async function ask(address: string, options: { method?: string; path?: string; headers?: Record<string, string> }) {
  const asking = request(new URL(options.path ?? '/', address), { ...options, agent: false });
  asking.end();
  const [answer] = await once(asking, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, text, headers: answer.headers };
}

it('serves the page to its own host', async () => {
  const { address } = await served();
  expect(await ask(address, {})).toMatchObject({ status: 200, text: '<p>page</p>' });
  const port = new URL(address).port;
  expect(await ask(address, { headers: { host: `localhost:${port}` } })).toMatchObject({ status: 200 });
});

it.each([
  ['a page of somebody else, whose name leads here', { headers: { host: 'example.org' } }, 403],
  ['anything but GET', { method: 'POST' }, 405],
  ['anything but the page and its events', { path: '/etc/passwd' }, 404],
])('refuses %s', async (_, options, status) => {
  const { address } = await served();
  const answer = await ask(address, options);
  expect(answer.status).toBe(status);
  expect(answer.text).not.toContain('page</p>');
});

it('tells a reader the last beat at once, each that comes, and the end', async () => {
  const server = await served();
  server.beat(beat(1));
  const response = await fetch(new URL('/events', server.address));
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  server.beat(beat(2));
  const ended = server.end({ words: 'Clean.' });
  open.pop();
  const events = (await response.text()).split('\n\n').filter((text) => text.startsWith('event: '));
  await ended;
  expect(events.map((text) => /^event: (\w+)/.exec(text)?.[1])).toEqual(['beat', 'beat', 'end']);
  expect(events.map((text) => JSON.parse(text.replace(/^[^{]*/, '')))).toMatchObject([
    { seconds: 1 },
    { seconds: 2 },
    { words: 'Clean.' },
  ]);
});

it('drops a reader that does not read', async () => {
  const server = await served();
  const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
  socket.pause();
  socket.on('error', () => {});
  socket.write(`GET /events HTTP/1.1\r\nHost: ${new URL(server.address).host}\r\n\r\n`);
  await expect.poll(() => server.readers).toBe(1);
  const large = beat(1, 'x'.repeat(1 << 19));
  for (let beats = 0; beats < 200 && server.readers > 0; beats++) {
    server.beat(large);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(server.readers).toBe(0);
  socket.destroy();
});

it('ends although a reader keeps its connection', async () => {
  const server = await served();
  open.pop();
  const response = await fetch(new URL('/events', server.address));
  await server.end({ words: 'over' });
  await expect(response.text()).resolves.toContain('over');
  await expect(fetch(server.address)).rejects.toThrow();
});

it('says in one sentence that the port is in use', async () => {
  const { address } = await served();
  const port = Number(new URL(address).port);
  await expect(LiveServer.open('', port)).rejects.toThrow(
    `faultline: --live ${port}: somebody listens there already; name another port.`,
  );
});
