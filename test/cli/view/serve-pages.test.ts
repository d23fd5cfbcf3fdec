/** Served pages: what can be had, and by whom. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultline, main, quietly } from '../run-cli.js';

let port: number;
let server: ReturnType<typeof spawn>;
let name: string;
let cwd: string;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'faultline-view-'));
  await quietly(['explore', 'user-fault-vs-convert', '--out', 'kept'], { cwd });
  [name] = readdirSync(join(cwd, 'kept'));
  server = spawn(process.execPath, [main, 'view', 'kept', '--port', '0'], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(server.stdout!, 'data');
  port = Number(/^Serving http:\/\/127\.0\.0\.1:(\d+)\/ until Ctrl-C\.$/m.exec(String(line))?.[1]);
});
afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(cwd, { recursive: true, force: true });
});

async function asked(path: string, { method = 'GET', host = `127.0.0.1:${port}` } = {}) {
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } }).end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, type: response.headers['content-type'], text };
}

it('serves the index and its pages, and nothing else', async () => {
  const index = await asked('/');
  expect(index).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  const page = `/${name.replace(/\.json$/, '.html')}`;
  expect(index.text).toContain(`".${page}"`);
  expect((await asked(page)).text).toContain('attribute-mismatch');
  expect(await asked(`/${name}`)).toMatchObject({ status: 404 });
  expect(await asked('/..%2f..%2fetc/passwd')).toMatchObject({ status: 404 });
});

it('answers only who names it by its own address, and only GET', async () => {
  expect(await asked('/', { host: 'evil.example' })).toMatchObject({ status: 403 });
  expect(await asked('/', { host: `localhost:${port}` })).toMatchObject({ status: 200 });
  expect(await asked('/', { method: 'POST' })).toMatchObject({ status: 405 });
});

it('says that a port is taken, and ends with Ctrl-C', async () => {
  const { status, stderr } = await faultline(['view', join(cwd, 'kept'), '--port', String(port)]);
  expect({ status, stderr }).toEqual({
    ...{ status: 2, stderr: `faultline: --port ${port}: somebody listens there already; name another port.\n` },
  });
  server.kill('SIGINT');
  const [code] = await once(server, 'exit');
  expect(code).toBe(0);
});
