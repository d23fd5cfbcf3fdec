import { expect, test } from 'vitest';
import { OpsHash } from '../../../src/core/story/ops-hash.js';

function hashOf(...ops: readonly [number, string, number][]): OpsHash {
  const hash = new OpsHash();
  for (const [code, region, position] of ops) hash.add(code, region, position);
  return hash;
}

test('is FNV-1a over the ops in order', () => {
  expect(hashOf().hex).toBe('811c9dc5');
  // FNV-1a of '1 a[0];', by the reference algorithm in Python.
  expect(hashOf([1, 'a', 0]).hex).toBe('67c26100');
});

test('tells opcode, region, position and order apart', () => {
  const hashes = [
    hashOf([1, 'a', 0], [2, 'b', 0]),
    hashOf([2, 'b', 0], [1, 'a', 0]),
    hashOf([1, 'a', 0], [2, 'b', 1]),
    hashOf([1, 'a', 0], [2, 'c', 0]),
    hashOf([1, 'a', 0], [3, 'b', 0]),
    hashOf([1, 'a', 0]),
  ];
  expect(new Set(hashes.map(({ hex }) => hex)).size).toBe(hashes.length);
  expect(new Set(hashes.map(({ folded }) => folded)).size).toBe(hashes.length);
});

test('folds both halves into 16 bits', () => {
  const hash = hashOf([1, 'a', 0]);
  const value = Number.parseInt(hash.hex, 16);
  expect(hash.folded).toBe(((value >>> 16) ^ (value & 0xffff)) & 0xffff);
});
