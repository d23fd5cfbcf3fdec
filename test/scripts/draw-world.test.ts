/** What sweeps draw: held to the registry of calls and to the keys of a scenario file, so that neither grows unseen. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
// @ts-expect-error: scripts are JavaScript.
import * as worlds from '../../scripts/sweep.d/draw-world.mjs';
// @ts-expect-error: scripts are JavaScript.
import * as keys from '../../scripts/sweep.d/drawn-keys.mjs';
import { Random } from '../../src/core/random.js';
import { callNames } from '../../src/gmem/calls/registry.js';
import { parseScenario } from '../../src/index.js';

interface DrawnWorld {
  readonly [key: string]: unknown;
  readonly actors: readonly { readonly name: string; readonly calls: readonly Record<string, unknown>[] }[];
}

const SETTINGS = [
  { conversion: 'in-place', arch: 'snp', maxOrder: 0 },
  { conversion: 'in-place', arch: 'snp', maxOrder: 1 },
  { conversion: 'vm-attributes', arch: 'none', maxOrder: 2 },
  { conversion: 'in-place', arch: 'tdx', maxOrder: 1 },
];

function drawn(seed: bigint, count = 100): DrawnWorld[] {
  const random = new Random(seed);
  return SETTINGS.flatMap((setting) => Array.from({ length: count }, () => worlds.drawWorld(random, setting)));
}

const all = drawn(1n);

describe('worlds that a sweep draws', () => {
  it('have every call that is not drawn by its name alone', () => {
    const called = new Set(all.flatMap(({ actors }) => actors.flatMap(({ calls }) => calls.flatMap(Object.keys))));
    expect([...called, ...Object.keys(worlds.NOT_DRAWN)].sort()).toEqual([...callNames].sort());
  });

  it('have every key of a scenario file that is not named as left out', () => {
    const shape = readFileSync(new URL('../../src/gmem/scenarios/scenario-schema.ts', import.meta.url), 'utf8');
    const [, list] = /const scenarioKeys = \[([^\]]*)\]/.exec(shape) ?? [];
    const known = [...(list ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name);
    const has = new Set(all.flatMap((world) => Object.keys(world)));
    expect([...has, ...Object.keys(keys.KEYS_NOT_DRAWN)].sort()).toEqual(known.sort());
  });

  it('are scenario files', () => {
    for (const world of all.slice(0, 150)) {
      expect(parseScenario(JSON.stringify(world), 'drawn.yaml').actors.length).toBeGreaterThan(1);
    }
  });

  it('run a vCPU that the guest has made on one actor, and make it before', () => {
    for (const { actors } of all) {
      const running = actors.filter(({ calls }) => calls.some((call) => 'vmrun' in call));
      for (const { name, calls } of running) {
        expect(calls.every((call) => name === `AP${call.vmrun}`)).toBe(true);
        expect(actors.some((actor) => actor.calls.some((call) => `AP${call['create-ap']}` === name))).toBe(true);
      }
    }
  });

  it('are a function of the seed', () => {
    expect(drawn(7n, 20)).toEqual(drawn(7n, 20));
    expect(drawn(7n, 20)).not.toEqual(drawn(8n, 20));
  });
});
