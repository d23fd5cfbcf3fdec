/**
 * Public reports as models (each opens with its source): where calls are made once, the live engine finds what is broken
 * and nothing else. When it made them over and over, it was wrong about each of these. In this thread; some of them on
 * threads of their own.
 */
import { describe, expect, it } from 'vitest';
import { live } from '../../src/live/live.js';
import { compileModel } from '../../src/model/model.js';
import { fixture } from './fixtures/index.js';
import { worldsAlone } from './worlds-alone.js';

type Parameters = Record<string, string | number | boolean>;

const broken: readonly [string, Parameters, string][] = [
  ['b04', {}, 'deadlock'],
  ['b07', {}, 'assertion'],
  ['b09', { spin: false }, 'deadlock'],
  ['b11', {}, 'deadlock'],
  ['b11', { broken: false, consumers: 2 }, 'deadlock'],
  ['b15', {}, 'use-after-free'],
  ['b16', {}, 'deadlock'],
  ['b18', {}, 'assertion'],
  ['k04', {}, 'deadlock'],
  ['k06', {}, 'use-after-free'],
  ['k15', {}, 'use-after-free'],
  ['k16', {}, 'lock-misuse'],
  ['x01', {}, 'assertion'],
  ['x01', { busy: false }, 'assertion'],
  ['x03', { kill: false }, 'deadlock'],
  ['x04', { atomic: false }, 'assertion'],
  ['x06', {}, 'deadlock'],
  ['x07', {}, 'assertion'],
  ['x07', { n: 100 }, 'assertion'],
  ['x08', { kind: 'self' }, 'deadlock'],
  ['x16', {}, 'assertion'],
];

const whole: readonly [string, Parameters][] = [
  ['b04', { broken: false }],
  ['b07', { broken: false }],
  ['b09', { broken: false }],
  ['b11', { broken: false }],
  ['b11', { broken: false, consumers: 2, broadcast: true }],
  ['b15', { broken: false }],
  ['b16', { fence: true }],
  ['b18', { broken: false }],
  ['k04', { broken: false }],
  ['k06', { broken: false }],
  ['k15', { broken: false }],
  ['k16', { broken: false }],
  ['x03', {}],
  ['x04', {}],
  ['x06', { daemon: true }],
  ['x08', {}],
  ['x12', {}],
  ['x17', {}],
  ['x17', { op: 'compute' }],
  ['x18', {}],
  ['x18', { order: 'ghost' }],
];

const programOf = async (name: string, parameters: Parameters) =>
  compileModel((await fixture(`reports/${name}`)).with(parameters));

it.each(broken)('%s %o is found: %s', async (name, parameters, kind) => {
  const { broken: found } = worldsAlone(await programOf(name, parameters), 20_000, 1n, true);
  expect([...found.keys()]).toEqual([expect.stringMatching(new RegExp(`^${kind} `))]);
});

it.each(whole)('%s %o stays clean', async (name, parameters) => {
  const { broken: found, finals, endless } = worldsAlone(await programOf(name, parameters), 400);
  expect([...found.keys()]).toEqual([]);
  expect(endless).toBe(0);
  expect(finals.size).toBeGreaterThan(0);
});

it('an actor that may spin for ever does so, and no finding is made of it', async () => {
  const { broken: found, endless, finals } = worldsAlone(await programOf('b09', {}), 100);
  expect([...found.keys()]).toEqual([]);
  expect(endless).toBeGreaterThan(0);
  expect(finals.size).toBeGreaterThan(0);
});

describe('on two threads', () => {
  it.each([
    ['b04', 'deadlock'],
    ['b15', 'use-after-free'],
    ['b18', 'assertion'],
  ])('%s is found: %s', async (name, kind) => {
    const model = await fixture(`reports/${name}`);
    const { findings } = await live(model, { threads: 2, perturb: 0.05, epochs: 50_000, stopAtFinding: true }).done;
    expect(findings.map(({ finding }) => finding.kind)).toEqual([kind]);
  });

  it.each(['b04', 'b15', 'b18'])('%s stays clean once it is fixed', async (name) => {
    const model = (await fixture(`reports/${name}`)).with({ broken: false });
    const { findings, finished } = await live(model, { threads: 2, perturb: 0.05, epochs: 250 }).done;
    expect(findings.map(({ finding }) => finding.words)).toEqual([]);
    expect(finished).toBe(250);
  });
});
