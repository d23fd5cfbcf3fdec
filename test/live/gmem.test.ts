/** Schemes under load. Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { type LiveEvent, type LiveOptions, live } from '../../src/live/live.js';
import type { LiveReport } from '../../src/live/live-report.js';

/** Runs up to the first finding, or until so many calls have taken more than the straight way. */
async function stress(scenario: string, scheme: string, faults: number, options: LiveOptions): Promise<LiveReport> {
  const run = live(gmem(loadScenario(scenario), scheme), {
    stopAtFinding: true,
    tickMs: 50,
    pauseEveryMs: 50,
    ...options,
  });
  run.events.subscribe((event) => {
    if (event.type === 'tick' && event.faults > faults) void run.stop();
  });
  return run.done;
}

it.each([
  ['fault-vs-punch', 'bitmap-nolock', 1, 'host-rmp-fault'],
  ['fault-vs-punch', 'v2-hook-every-fault+no-seq-check', 2, 'stale-mapping'],
  ['fault-fault', 'v2-hook-every-fault+inverted-test', 2, 'leak'],
  ['fault-vs-convert', 'v2-hook-every-fault', 1, 'host-rmp-fault'],
])('a race is found within a bounded number of faults: %s under %s on %i threads', async (...row) => {
  const [scenario, scheme, threads, kind] = row;
  // Checks that span words are asked at quiescent points: where they are not wanted, they may not come first.
  const pauseEveryMs = kind === 'stale-mapping' ? 50 : 3_600_000;
  const { findings } = await stress(scenario, scheme, 1_000_000, { threads, perturb: 0.05, pauseEveryMs });
  expect(findings.map(({ finding }) => finding.kind)).toEqual([kind]);
  const [{ finding }] = findings;
  expect(finding.faults).toBeLessThan(1_000_000);
  expect(finding.history.length).toBeGreaterThan(0);
  expect(finding.wordsAbout.map(({ name }) => name)).toEqual([expect.stringMatching(/^folio\[\d+\]$/)]);
});

it('a finding tells the history of its folio in the order of the events', async () => {
  const { findings } = await stress('fault-vs-punch', 'bitmap-nolock', 1_000_000, { threads: 1, perturb: 0.05 });
  const [{ finding }] = findings;
  const versions = finding.history.map(({ version }) => version ?? 0);
  // Versions wrap, so a fall is one from the top.
  for (let k = 1; k < versions.length; k++)
    expect(versions[k] >= versions[k - 1] || versions[k - 1] > 2 ** 18).toBe(true);
  expect(finding.history.map(({ op }) => op)).toContainEqual(expect.stringMatching(/^rmp_make_private\(folio \d\)$/));
  expect(finding.call!.name).toMatch(/^(read|write) gfn 0$/);
  expect(finding.actors.map(({ actorName }) => actorName)).toEqual(['vCPU0', 'puncher']);
  // The puncher may have come to its next call, which allocates the page again.
  const { completed, inFlight } = finding.actors[1];
  expect([...completed, inFlight]).toContainEqual(
    expect.objectContaining({ name: 'punch hole gfn 0', identities: [0] }),
  );
});

it('a finding tells who held which locks: the store to an assigned page is refused under the folio lock', async () => {
  const { findings } = await stress('fault-vs-punch', 'bitmap-nolock', 4_000_000, { threads: 2, perturb: 0.05 });
  const [{ finding }] = findings;
  const { held } = finding.actors[finding.actor!];
  const lock = finding.wordsAbout[0].name.replace('folio', 'folio_lock');
  expect(held).toContainEqual({ lock, mode: 'write' });
});

it('ticks tell how often each function was entered, as of a moment that is not after theirs', async () => {
  const run = live(gmem(loadScenario('fault-vs-punch'), 'v3-inplace'), { tickMs: 20, pauseEveryMs: 20 });
  const ticks: Extract<LiveEvent, { type: 'tick' }>[] = [];
  run.events.subscribe((event) => {
    if (event.type !== 'tick') return;
    ticks.push(event);
    if ((event.functions.visits.get('__kvm_gmem_invalidate_start') ?? 0) > 100) void run.stop();
  });
  const { byFunction } = await run.done;
  for (const { seconds, functions } of ticks) expect(functions.seconds).toBeLessThanOrEqual(seconds);
  const last = ticks.at(-1)!.functions.visits;
  for (const { function: name, visits } of byFunction) expect(last.get(name) ?? 0).toBeLessThanOrEqual(visits);
});

it.each([
  ['fault-vs-punch', 1],
  ['fault-vs-punch', 2],
  ['fault-vs-convert', 2],
  ['user-fault-vs-convert', 2],
])('v3-inplace stays clean for a bounded number of calls: %s on %i threads', async (scenario, threads) => {
  const report = await stress(scenario, 'v3-inplace', 30_000, { threads, perturb: 0.05, failureRate: 0.1 });
  expect(report.findings.map(({ finding }) => `${finding.kind}: ${finding.words} (${finding.op})`)).toEqual([]);
  expect(report.audits).toBeGreaterThan(0);
  expect(report.faults).toBeGreaterThan(30_000);
});

it('many actors on few threads stay clean under v3-inplace', async () => {
  const scenario = loadScenario('fault-vs-convert');
  const actors = Array.from({ length: 24 }, (_, k) => ({ ...scenario.actors[k % 2], name: `actor${k}` }));
  const run = live(
    gmem({ ...scenario, gfns: 3, frames: 6, attributes: ['private', 'private', 'private'], actors }, 'v3-inplace'),
    {
      ...{ threads: 2, perturb: 0.02, tickMs: 50, pauseEveryMs: 50 },
    },
  );
  run.events.subscribe((event) => {
    if (event.type === 'tick' && event.calls > 50_000) void run.stop();
  });
  const report = await run.done;
  expect(report.findings.map(({ finding }) => `${finding.kind}: ${finding.words} (${finding.op})`)).toEqual([]);
  expect(report.actors.every(({ calls }) => calls > 0)).toBe(true);
});
