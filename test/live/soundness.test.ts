/**
 * What is whole stays whole under stress, and what breaks is found: the short form of scripts/soundness. Worker threads
 * run what was built: scripts/setup brings dist up to date before the tests.
 */
import { describe, expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { applySettings } from '../../src/gmem/scenarios/apply-settings.js';
import { type BuiltinScenarioName, usualScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { live } from '../../src/live/live.js';
import type { LiveReport } from '../../src/live/live-report.js';

interface Cell {
  readonly scenario: BuiltinScenarioName;
  readonly scheme: string;
  readonly set?: Readonly<Record<string, string>>;
}

const attributes = { conversion: 'vm-attributes' };
const whole: readonly Cell[] = [
  ...usualScenarioNames.map((scenario): Cell => ({ scenario, scheme: 'v3-inplace' })),
  { scenario: 'fault-vs-punch', scheme: 'v2-hook-every-fault' },
  { scenario: 'convert-there-and-back', scheme: 'v2-hook-every-fault', set: attributes },
  { scenario: 'fault-vs-convert', scheme: 'v2-hook-every-fault', set: attributes },
  { scenario: 'huge-punch-part', scheme: 'v3-inplace+clear-each-page' },
  { scenario: 'huge-merge-lru', scheme: 'v3d-hugetlb+prepare-first+clear-whole-folio' },
];

/** Of all worlds together. */
const SECONDS = 3;

/** Runs on a few pages until `isOver`, which is asked now and then and at each finding. */
async function stress({ scenario, scheme, set = {} }: Cell, isOver: (so: Progress) => boolean): Promise<LiveReport> {
  const world = loadScenario(scenario);
  const inBlock = 2 ** (world.maxOrder ?? 0);
  const gfns = String(Math.ceil(Math.max(3, world.gfns) / inBlock) * inBlock);
  const model = gmem(applySettings(world, { gfns, ...set }), scheme);
  const run = live(model, { threads: 2, perturb: 0.05, failureRate: 0.1, pauseEveryMs: 50, tickMs: 50 });
  const kinds: string[] = [];
  run.events.subscribe((event) => {
    if (event.type === 'finding') kinds.push(event.finding.kind);
    if (event.type !== 'tick' && event.type !== 'finding') return;
    const { seconds, faults } = event.type === 'tick' ? event : event.finding;
    if (isOver({ seconds, faults, kinds })) void run.stop();
  });
  return run.done;
}

interface Progress {
  readonly seconds: number;
  readonly faults: number;
  readonly kinds: readonly string[];
}

describe('a world that is whole stays clean under stress', () => {
  it.each(whole.map((cell) => [cell.scheme, cell.scenario, cell.set?.conversion ?? '', cell] as const))(
    '%s in %s %s',
    async (_scheme, _scenario, _conversion, cell) => {
      // Where nothing happened yet, on a busy machine, time does not count.
      const isOver = ({ seconds, faults, kinds }: Progress) =>
        kinds.length > 0 || (seconds > SECONDS / whole.length && faults > 20);
      const report = await stress(cell, isOver);
      expect(report.findings.map(({ finding }) => `${finding.kind}: ${finding.words} (${finding.op})`)).toEqual([]);
      expect(report.deaths).toEqual([]);
      expect(report.faults).toBeGreaterThan(20);
      expect(report.audits).toBeGreaterThan(0);
    },
  );
});

describe('a cell that breaks is found', () => {
  it.each([
    ['fault-vs-punch', 'bitmap-nolock', 'host-rmp-fault'],
    ['fault-vs-convert', 'v2-hook-every-fault', 'host-rmp-fault'],
    ['fault-vs-punch', 'v2-hook-every-fault+unlock-before-hook', 'free-while-assigned'],
    ['convert-there-and-back', 'v1-uptodate-prepared', 'unprepared-map'],
    ['hook-fails', 'v1-uptodate-prepared+mark-before-hook', 'unprepared-map'],
    ['populate-vs-user-fault', 'v3-inplace+gup-under-lock', 'deadlock'],
    ['huge-fault-vs-convert', 'v3d-hugetlb+store-inside+clear-whole-folio+range-not-rounded', 'stale-mapping'],
  ] as const)('%s under %s: %s', async (scenario, scheme, kind) => {
    const { findings } = await stress({ scenario, scheme }, ({ kinds }) => kinds.includes(kind));
    expect(findings.map(({ finding }) => finding.kind)).toContain(kind);
  });
});
