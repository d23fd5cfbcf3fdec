import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { parseTrace } from '../../../src/gmem/trace/parse-trace.js';
import { readTrace } from '../../../src/gmem/trace/read-trace.js';

const text = 'PARAMS vcpus=1 pages=4\nG 0 7 0 10 12 3 rw 0x0 0x1000000\n';
const folder = mkdtempSync(join(tmpdir(), 'faultline-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('readTrace', () => {
  it('reads a plain log', () => {
    expect(readTrace(file('a.txt', text))).toEqual(parseTrace(text, 'a.txt'));
  });

  it.each(['a.txt.gz', 'renamed.txt'])('reads a compressed log named %s', (name) => {
    expect(readTrace(file(name, gzipSync(text)))).toEqual(parseTrace(text, 'a.txt'));
  });

  it('refuses a compressed log that was cut off', () => {
    const path = file('cut.gz', gzipSync(text).subarray(0, 30));
    expect(() => readTrace(path)).toThrow(
      new InputError(
        `faultline: ${path}: cannot be unpacked (Z_BUF_ERROR); allowed: a whole gzip file of up to 268435456 bytes unpacked`,
      ),
    );
  });

  it('refuses a file that is not there', () => {
    const path = join(folder, 'none.txt');
    expect(() => readTrace(path)).toThrow(
      new InputError(`faultline: ${path}: cannot be read (ENOENT); allowed: a readable log`),
    );
  });

  it('names the file in errors about its lines', () => {
    const path = file('bad.txt', 'X\n');
    expect(() => readTrace(path)).toThrow(`faultline: ${path}:1: unknown line "X"`);
  });
});
