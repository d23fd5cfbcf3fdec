/** The checksum of tokens is that of node:zlib. */
import { crc32 as crc32OfNode } from 'node:zlib';
import { expect, it } from 'vitest';
import { crc32 } from '../../src/core/crc32.js';

it.each(['', '123456789', 'fl1:fault-fault:v2::', 'Größe → \u{1f600}', 'a'.repeat(1000)])('is that of "%s"', (text) => {
  expect(crc32(text)).toBe(crc32OfNode(text));
});

it('is the CRC-32 of everybody', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
});
