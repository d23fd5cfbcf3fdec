import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { campaignMetrics } from '../../../src/cli/metrics/campaign-metrics.js';
import { reportMetrics, tickMetrics } from '../../../src/cli/metrics/live-metrics.js';
import { prometheusText } from '../../../src/exports/prometheus.js';
import type { LiveReport } from '../../../src/live/live-report.js';
import { hostile } from '../../exports/documents.js';

const counted = { steps: 90, calls: 30, faults: 20, retries: 4, contended: 2, waitedMs: 12.5, seconds: 1.5 };

const tick = tickMetrics({
  ...{ type: 'tick', ...counted, epoch: 7, findings: 1 },
  locks: [{ name: 'mmu_lock', acquisitions: 8, contended: 2, waitedMs: 12.5 }],
  actors: [{ ...counted, actor: 0, name: 'vCPU0', thread: 1 }],
  functions: { seconds: 1, visits: new Map([['kvm_gmem_get_pfn', 20]]) },
});

const report = reportMetrics({
  ...{ ...counted, mode: 'loop', threads: 2, epochs: 7, finished: 0, alone: 0, interrupted: false, actors: [] },
  byCall: [
    {
      ...{ name: 'fault', completed: 30, faults: 20, results: [] },
      latency: { measured: 10, meanNs: 1500, p50Ns: 1000, p90Ns: 2000, p99Ns: 3000, p999Ns: 4000, maxNs: 5000 },
    },
  ],
  byLock: [{ name: hostile, acquisitions: 8, contended: 2, waitedMs: 12.5 }],
  ...{ byFunction: [{ function: 'kvm_gmem_get_pfn', visits: 20, retries: 4 }], findings: [], deaths: [], audits: 3 },
  ...{ refused: undefined, unfinished: undefined },
} as unknown as LiveReport);

const totals = { ...{ steps: 90, calls: 30, faults: 20, retries: 4, epochs: 7, deaths: 0, audits: 3 }, seconds: 1.5 };
const campaign = campaignMetrics(
  {
    ...{ finished: 3, cutOff: 1, early: { budget: 1, interrupted: 0, flood: 0 }, sessions: 2, activeMs: 4000, totals },
    worlds: [{ steps: 3, faults: 20, seconds: 1.5 }],
    running: { step: 3, world: 0, totals, sightings: {} },
    findings: {
      key: {
        ...{ id: '0badcafe', world: 0, kind: 'leak', signature: 's', function: 'f', words: 'w', count: 5 },
        ...{ first: '', last: '', step: 0, faults: 1, seconds: 1 },
      },
    },
  },
  [{ scenario: 'fault-vs-punch', scheme: hostile }],
);

const texts = {
  'while a live run goes on': prometheusText(tick, { scenario: hostile }),
  'of a report': prometheusText(report, { scenario: 'fault-vs-punch' }),
  'of a campaign': prometheusText(campaign),
};

describe('metrics', () => {
  it('of a step under way count with those that are over', () => {
    expect(texts['of a campaign']).toContain('faultline_faults_total 40\n');
  });

  it('have their meaning, their type and their unit', () => {
    expect(texts['of a report']).toContain(
      '# HELP faultline_call_duration_seconds Time of a call, of one in a few dozen.\n' +
        '# TYPE faultline_call_duration_seconds summary\n' +
        'faultline_call_duration_seconds{scenario="fault-vs-punch",call="fault",quantile="0.5"} 0.000001\n',
    );
    expect(texts['of a report']).toContain(
      'faultline_call_duration_seconds_count{scenario="fault-vs-punch",call="fault"} 10\n',
    );
    expect(texts['while a live run goes on']).toMatch(/faultline_lock_wait_seconds_total\{.*\} 0\.0125\n/);
  });

  it.each(Object.values(texts))('are lines of the format, whatever models are called', (text) => {
    const line =
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="(\\[\\"]|[^"\\\n])*"(,[a-z_]+="(\\[\\"]|[^"\\\n])*")*\})? [\d.e-]+)$/;
    for (const each of text.trimEnd().split('\n')) expect(each).toMatch(line);
  });

  // Debian's package prometheus has it; .ci/run installs that.
  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  const name = hasPromtool ? '' : ' (left out: there is no promtool on this machine)';
  it.skipIf(!hasPromtool).each(Object.entries(texts))(`%s have nothing that promtool minds${name}`, (_, input) => {
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
  });
});
