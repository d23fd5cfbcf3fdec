/** What is written as runs is read as it was, sorted, each state once; and merging is what sets say. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RUN_BLOCK } from '../../../src/kernels/runs-words.js';
import { RunReader, RunWriter } from '../../../src/verify/scratch/run-file.js';
import { RunKernel } from '../../../src/verify/scratch/run-kernel.js';
import { folderForTest } from './on-disk.js';

/** Words that are often near each other, and often not. */
const word = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const states = (width: number) => fc.array(fc.array(word, { minLength: width, maxLength: width }), { maxLength: 60 });

/** States in the order of their numbers, the highest word last; each once. */
function sorted(list: readonly (readonly number[])[]): readonly string[] {
  const numberOf = (state: readonly number[]): bigint =>
    state.reduceRight((sum, each) => (sum << 32n) | BigInt(each >>> 0), 0n);
  const unique = new Map(list.map((state) => [state.join(), numberOf(state)]));
  return [...unique].sort(([, left], [, right]) => (left < right ? -1 : 1)).map(([text]) => text);
}

function reader(path: string, bytes: number): RunReader {
  return new RunReader(path, bytes);
}

function readBack(kernel: RunKernel, path: string, bytes: number): readonly string[] {
  const found: string[] = [];
  const run = reader(path, bytes);
  for (const packed of kernel.read(run)) {
    for (let at = 0; at < packed.length; at += kernel.width) found.push(packed.subarray(at, at + kernel.width).join());
  }
  run.close();
  return found;
}

/** Writes a list; its path and bytes. */
function runOf(
  kernel: RunKernel,
  folder: string,
  name: string,
  list: readonly (readonly number[])[],
): [path: string, bytes: number] {
  const path = join(folder, name);
  for (const state of list) kernel.gather(Int32Array.from(state));
  const writer = new RunWriter(path);
  kernel.write(writer);
  writer.end();
  return [path, writer.bytes];
}

it.each([2, 4, 6])('states of %i words', (width) => {
  const folder = folderForTest();
  mkdirSync(folder);
  const kernel = new RunKernel(width, 1 << 14, 7);
  fc.assert(
    fc.property(states(width), (list) => {
      const [path, bytes] = runOf(kernel, folder, 'one', list);
      expect(readBack(kernel, path, bytes)).toEqual(sorted(list));
    }),
    { numRuns: 150, seed: 3 },
  );
});

it.each([2, 4])('runs of states of %i words are merged without others', (width) => {
  const folder = folderForTest();
  mkdirSync(folder);
  const kernel = new RunKernel(width, 1 << 14, 7);
  const lists = fc.array(states(width), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(lists, fc.array(states(width), { maxLength: 3 }), fc.nat(), (runs, known, seed) => {
      // Random states are seldom the same.
      const others = known.map((list, place) => [...list, ...runs[(seed + place) % runs.length].slice(0, 9)]);
      const ours = runs.map((list, place) => reader(...runOf(kernel, folder, `run-${place}`, list)));
      const without = others.map((list, place) => reader(...runOf(kernel, folder, `known-${place}`, list)));
      const writer = new RunWriter(join(folder, 'merged'));
      const merging = kernel.merge(ours, without, writer);
      let step = merging.next();
      while (step.done !== true) step = merging.next();
      writer.end();
      for (const each of [...ours, ...without]) each.close();
      const left = new Set(others.flatMap((list) => sorted(list)));
      const expected = sorted(runs.flat()).filter((state) => !left.has(state));
      expect(step.value).toBe(expected.length);
      expect(readBack(kernel, join(folder, 'merged'), writer.bytes)).toEqual(expected);
    }),
    { numRuns: 100, seed: 4 },
  );
});

it('many blocks: of a run that is only looked into, those are passed over that hold nothing of what is looked for', () => {
  const folder = folderForTest();
  mkdirSync(folder);
  const kernel = new RunKernel(2, 1 << 23, 1 << 10);
  const many = Array.from({ length: 400_000 }, (_, i) => [(i * 1_000_003) | 0, i & 7]);
  const [path, bytes] = runOf(kernel, folder, 'many', many);
  expect(bytes).toBeGreaterThan(8 * RUN_BLOCK);
  expect(readBack(kernel, path, bytes)).toEqual(sorted(many));
  const wanted = [many[5], [12_345, 6], many[399_999], [77, 7]];
  const few = reader(...runOf(kernel, folder, 'few', wanted));
  let blocks = 0;
  const known = reader(path, bytes);
  const next = known.next.bind(known);
  known.next = (block) => {
    blocks++;
    return next(block);
  };
  const writer = new RunWriter(join(folder, 'rest'));
  for (const _ of kernel.merge([few], [known], writer));
  writer.end();
  expect(readBack(kernel, join(folder, 'rest'), writer.bytes)).toEqual(
    sorted([
      [12_345, 6],
      [77, 7],
    ]),
  );
  expect(blocks).toBeLessThan(8);
});
