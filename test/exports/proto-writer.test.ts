import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { ProtoWriter } from '../../src/exports/proto-writer.js';

const { root } = protobuf.parse(
  'syntax = "proto3"; message M { uint64 a = 1; fixed64 b = 16; string c = 200; M d = 4; }',
);
const type = root.lookupType('M');

describe('what the writer wrote is read by protobufjs', () => {
  it.each([0, 1, 127, 128, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER])('with the number %d', (value) => {
    const { bytes } = new ProtoWriter().uint(1, value).fixed64(16, value);
    expect(type.toObject(type.decode(bytes), { longs: Number, defaults: true })).toMatchObject({ a: value, b: value });
  });

  it('with texts and messages, long ones too', () => {
    const text = 'é😀'.repeat(300);
    const { bytes } = new ProtoWriter().message(4, new ProtoWriter().text(200, text)).text(200, 'end');
    expect(type.toObject(type.decode(bytes))).toEqual({ c: 'end', d: { c: text } });
  });
});
