import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMetrics } from '../../../src/cli/metrics/metrics-sink.js';
import type { MetricFamily } from '../../../src/exports/prometheus.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function family(value: number): readonly MetricFamily[] {
  return [{ name: 'x_total', type: 'counter', help: 'Some.', samples: [{ value }] }];
}

/** Status and text of a request to a metrics port. */
async function asked(
  port: number,
  { method = 'GET', path = '/metrics', host = `localhost:${port}` } = {},
): Promise<[number, string]> {
  return await new Promise((resolve, reject) => {
    const asking = request({ port, method, path, host: '127.0.0.1', headers: { host }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    asking.on('error', reject).end();
  });
}

describe('a metrics file', () => {
  it('is whole at any time and holds the last state in the end', async () => {
    const metrics = join(folder, 'run.prom');
    const sink = await openMetrics({ metrics }, () => {});
    for (let value = 0; value < 50; value++) sink.update(family(value));
    await sink.close();
    expect(readFileSync(metrics, 'utf8')).toBe('# HELP x_total Some.\n# TYPE x_total counter\nx_total 49\n');
    expect(readdirSync(folder)).toEqual(['run.prom']);
  });

  it('that cannot be written is refused before the run', async () => {
    const metrics = join(folder, 'none', 'run.prom');
    await expect(openMetrics({ metrics }, () => {})).rejects.toThrow(
      /^faultline: --metrics .*run\.prom cannot be written \(ENOENT\)\.$/,
    );
  });

  it('that cannot be written any more is told once, and the run goes on', async () => {
    const place = mkdtempSync(join(tmpdir(), 'faultline-test-'));
    const said: string[] = [];
    const sink = await openMetrics({ metrics: join(place, 'run.prom') }, (sentence) => said.push(sentence));
    rmSync(place, { recursive: true });
    sink.update(family(1));
    sink.update(family(2));
    await sink.close();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^faultline: --metrics .*run\.prom is out of date: /);
  });
});

describe('a metrics port', () => {
  it('gives this machine the metrics as they are, and nobody anything else', async () => {
    const said: string[] = [];
    const sink = await openMetrics({ metricsPort: 0 }, (sentence) => said.push(sentence));
    const port = Number(/^faultline: metrics at http:\/\/127\.0\.0\.1:(\d+)\/metrics$/.exec(said[0])?.[1]);
    try {
      sink.update(family(1));
      expect(await asked(port)).toEqual([200, '# HELP x_total Some.\n# TYPE x_total counter\nx_total 1\n']);
      sink.update(family(2));
      expect((await asked(port, { host: `127.0.0.1:${port}` }))[1]).toContain('x_total 2\n');
      expect(await asked(port, { host: 'evil.example' })).toEqual([
        403,
        `Allowed hosts: 127.0.0.1:${port}, localhost:${port}\n`,
      ]);
      expect(await asked(port, { method: 'POST' })).toEqual([405, 'Allowed: GET, HEAD\n']);
      expect(await asked(port, { path: '/' })).toEqual([404, 'There is /metrics here.\n']);
      await expect(openMetrics({ metricsPort: port }, () => {})).rejects.toThrow(
        `faultline: --metrics-port ${port}: somebody listens there already; name another port.`,
      );
    } finally {
      await sink.close();
    }
    await expect(asked(port)).rejects.toThrow();
  });
});
