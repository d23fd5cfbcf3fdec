/**
 * Public reports as models with the primitives (reports/*.mjs, each with its source): every engine's answer is the right
 * one, as it was of the same reports made of cells (test/live/fixtures/reports).
 */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { explore, loadModel, verify } from '../../src/index.js';
import { compileModel } from '../../src/model/model.js';
import { worldsAlone } from '../live/worlds-alone.js';

type Parameters = Record<string, string | number | boolean>;

/**
 * States that the same report has when it is made of cells (test/live/fixtures/reports, and the report's own folder): where
 * a primitive is one step a cell's op was, the space is the same.
 */
const SAME_SPACE: Readonly<Record<string, number>> = {
  ...{ 'b05 {}': 59, 'b05 {"broken":false}': 59, 'b10 {}': 8, 'b10 {"broken":false}': 6 },
  ...{ 'b15 {}': 23, 'b15 {"broken":false}': 33, 'b23 {}': 77, 'b23 {"bits":8}': 77 },
  ...{ 'k04 {}': 63, 'k04 {"broken":false}': 66, 'k16 {}': 40, 'k16 {"broken":false}': 33 },
  ...{ 'x04 {}': 31, 'x04 {"atomic":false}': 58 },
};

/** Report, parameters, and the right answer: what it is found as, or that nothing is wrong. */
const reports: readonly [string, Parameters, string | undefined][] = [
  ['b01', {}, undefined],
  ['b01', { timeout: false }, 'deadlock'],
  ['b04', {}, 'deadlock'],
  ['b04', { broken: false }, undefined],
  ['b05', {}, 'deadlock'],
  ['b05', { broken: false }, undefined],
  ['b06', {}, 'deadlock'],
  ['b06', { recursive: true }, undefined],
  ['b06', { writer: false }, undefined],
  ['b07', {}, 'assertion'],
  ['b07', { broken: false }, undefined],
  ['b10', {}, 'deadlock'],
  ['b10', { broken: false }, undefined],
  ['b11', {}, 'deadlock'],
  ['b11', { broken: false }, undefined],
  ['b11', { broken: false, consumers: 2 }, 'deadlock'],
  ['b11', { broken: false, consumers: 2, broadcast: true }, undefined],
  ['b12', {}, 'assertion'],
  ['b12', { broken: false }, undefined],
  ['b15', {}, 'use-after-free'],
  ['b15', { broken: false }, undefined],
  ['b17', {}, 'assertion'],
  ['b17', { broken: false }, undefined],
  ['b18', {}, 'assertion'],
  ['b18', { broken: false }, undefined],
  ['b23', {}, 'assertion'],
  ['b23', { bits: 8 }, undefined],
  ['k03', {}, 'deadlock'],
  ['k03', { broken: false }, 'deadlock'],
  ['k03', { slots: 3 }, undefined],
  ['k03', { broken: false, slots: 3 }, undefined],
  ['k03', { shared: false }, undefined],
  ['k04', {}, 'deadlock'],
  ['k04', { broken: false }, undefined],
  ['k06', {}, 'use-after-free'],
  ['k06', { broken: false }, undefined],
  ['k07', {}, 'assertion'],
  ['k07', { broken: false }, undefined],
  ['k15', {}, 'use-after-free'],
  ['k15', { broken: false }, undefined],
  ['k16', {}, 'lock-misuse'],
  ['k16', { broken: false }, undefined],
  ['x03', {}, undefined],
  ['x03', { kill: false }, 'deadlock'],
  ['x04', {}, undefined],
  ['x04', { atomic: false }, 'assertion'],
  ['x06', {}, undefined],
];

it.each(reports)('%s %o: %s', async (name, parameters, kind) => {
  const model = (await loadModel(fileURLToPath(new URL(`./reports/${name}.mjs`, import.meta.url)))).with(parameters);
  const kinds = kind === undefined ? [] : [kind];
  const { findings, verdict } = await verify(model, { lockOrder: false });
  expect([[...new Set(findings.map((finding) => finding.kind))], verdict]).toEqual([
    kinds,
    kind === undefined ? 'verified' : verdict,
  ]);
  const known = SAME_SPACE[`${name} ${JSON.stringify(parameters)}`];
  if (known !== undefined) expect((await verify(model, { all: true, lockOrder: false })).states).toBe(known);
  const explored = await explore(model, { schedules: kind === undefined ? 200 : 3_000 });
  expect([...new Set(explored.findings.map((finding) => finding.kind))]).toEqual(kinds);
  const { broken, endless } = worldsAlone(await compileModel(model), kind === undefined ? 100 : 20_000, 1n, true);
  expect([...broken.keys()].map((signature) => signature.split(' ')[0])).toEqual(kinds);
  expect(endless).toBe(0);
});
