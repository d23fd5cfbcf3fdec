/**
 * Logs of recorded workloads from files, plain or compressed with gzip.
 */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { inputProblem } from '../../core/input-sentence.js';
import { parseTrace } from './parse-trace.js';
import type { RecordedTrace } from './trace.js';

/** The largest log, unpacked, in bytes: about four million calls. */
const largestLog = 256 * 1024 * 1024;

/**
 * Reads the log at `path`; gzip is told by its first two bytes, not by the file's name.
 *
 * @throws InputError when the file cannot be read or unpacked, and for whatever `parseTrace` refuses.
 */
export function readTrace(path: string): RecordedTrace {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw inputProblem(path, `cannot be read (${(error as NodeJS.ErrnoException).code}); allowed: a readable log`);
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: largestLog });
    } catch (error) {
      const sentence = `cannot be unpacked (${(error as NodeJS.ErrnoException).code})`;
      throw inputProblem(path, `${sentence}; allowed: a whole gzip file of up to ${largestLog} bytes unpacked`);
    }
  }
  return parseTrace(bytes.toString('utf8'), path);
}
