/**
 * Trace files: the text of a trace or a log, from a file, a pipe or standard input, plain or compressed with gzip.
 * Imported by the verb `conform` and by replays of its refusals.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { inputProblem } from '../../core/input-sentence.js';

/** The largest, unpacked, in bytes: a string of Node's holds no more than twice as many. */
const LARGEST = 256 * 2 ** 20;

/** A text that was read. */
export interface TextRead {
  readonly text: string;
  /** Of the bytes as they were read. */
  readonly sha256: string;
}

/**
 * Reads it whole; gzip is told by its first bytes, and not by the name.
 *
 * @param path `-` for standard input
 * @param what for sentences: `a trace`
 * @returns undefined when `signal` was aborted before it was read
 * @throws InputError when it cannot be read or unpacked, or is too large
 */
export async function readText(path: string, what: string, signal: AbortSignal): Promise<TextRead | undefined> {
  const name = path === '-' ? 'standard input' : path;
  const bytes = await bytesOf(path === '-' ? process.stdin : createReadStream(path), name, what, signal);
  if (signal.aborted) return undefined;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return { text: (isPacked ? unpacked(bytes, name) : bytes).toString('utf8'), sha256 };
}

async function bytesOf(stream: Readable, name: string, what: string, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of stream) {
      size += (piece as Buffer).length;
      if (size > LARGEST)
        throw inputProblem(name, `has more than ${LARGEST} bytes; allowed: ${what} of up to that many`);
      pieces.push(piece as Buffer);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (signal.aborted !== true && code === undefined) throw error;
    if (signal.aborted !== true)
      throw inputProblem(name, `cannot be read (${code}); allowed: ${what} that can be read`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(pieces);
}

function unpacked(bytes: Buffer, name: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw inputProblem(
      name,
      `cannot be unpacked (${code}); allowed: a whole gzip file of up to ${LARGEST} bytes unpacked`,
    );
  }
}
