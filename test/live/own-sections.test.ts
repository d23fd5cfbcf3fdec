/**
 * Schemes of users with sections of their own. Worker threads run what was built: scripts/setup brings dist up to date
 * before the tests.
 */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { type LiveOptions, live } from '../../src/live/live.js';

const scheme = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));

async function stress(name: string, calls: number, options: LiveOptions) {
  const run = live(gmem(loadScenario('fault-vs-punch'), scheme(name)), {
    ...{ threads: 2, perturb: 0.05, tickMs: 20, stopAtFinding: true },
    ...options,
  });
  run.events.subscribe((event) => {
    if (event.type === 'tick' && event.calls > calls) void run.stop();
  });
  return run.done;
}

it('a section of a scheme excludes every other step, whatever it begins at', async () => {
  const { findings, faults } = await stress('own-section', 20_000, {});
  expect(findings.map(({ finding }) => finding.words)).toEqual([]);
  expect(faults).toBeGreaterThan(20);
});

it('what such a scheme breaks is found', async () => {
  // Within some million calls, mostly; on a machine under load threads meet more rarely.
  const { findings } = await stress('own-steps', 100_000_000, { failureRate: 0.1 });
  expect(findings.map(({ finding }) => finding.words)).toEqual(['x and y differ, though they change together']);
});
