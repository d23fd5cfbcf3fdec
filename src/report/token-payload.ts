/**
 * Token payload: the part of a token that nobody reads, as bytes in base64url. Numbers are LEB128, steps are run-length
 * coded, each step has 16 bits of the ops hash. Used by tokens only.
 */

import type { Schedule } from '../core/schedule.js';
import type { KeptCalls } from '../core/story/kept-calls.js';

/** What a token holds beside names. */
export interface TokenPayload {
  readonly kept: KeptCalls;
  readonly schedule: Schedule;
  /** The ops hash after each step, folded to 16 bits. */
  readonly stepHashes: readonly number[];
  /** The ops hash after the last step: 8 hex digits. */
  readonly opsHash: string;
}

/** Packs a payload. Throws RangeError when it does not hold one hash for each step. */
export function packPayload({ kept, schedule, stepHashes, opsHash }: TokenPayload): string {
  if (stepHashes.length !== schedule.steps.length) {
    throw new RangeError(`${stepHashes.length} step hashes for ${schedule.steps.length} steps`);
  }
  const bytes: number[] = [];
  const put = (...numbers: readonly number[]): void => {
    for (const number of numbers) putNumber(bytes, number);
  };
  put(kept.length);
  for (const calls of kept) put(calls.length, ...calls);
  const runs = runsOf(schedule.steps);
  put(runs.length, ...runs.flat());
  put(schedule.choices.length, ...schedule.choices);
  for (const hash of stepHashes) bytes.push(hash >>> 8, hash & 0xff);
  for (let at = 0; at < opsHash.length; at += 2) bytes.push(Number.parseInt(opsHash.slice(at, at + 2), 16));
  // No Buffer: a page in a browser writes tokens too.
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Unpacks a payload; undefined when the text is not one. */
export function unpackPayload(text: string): TokenPayload | undefined {
  const reader = new Reader(Buffer.from(text, 'base64url'));
  const kept = reader.list(() => reader.list(() => reader.number()));
  const runs = reader.list(() => [reader.number(), reader.number()] as const);
  const choices = reader.list(() => reader.number());
  const length = runs.reduce((sum, [, times]) => sum + times, 0);
  // The hashes take two bytes a step, so a length that does not fit them is refused before anything is unrolled.
  if (reader.left !== length * 2 + HASH_BYTES) return undefined;
  const steps = runs.flatMap(([actor, times]) => new Array<number>(times).fill(actor));
  const stepHashes = steps.map(() => (reader.byte() << 8) | reader.byte());
  const hash = Array.from({ length: HASH_BYTES }, () => reader.byte().toString(16).padStart(2, '0'));
  return { kept, schedule: { steps, choices }, stepHashes, opsHash: hash.join('') };
}

const HASH_BYTES = 4;

function runsOf(steps: readonly number[]): [actor: number, times: number][] {
  const runs: [number, number][] = [];
  for (const actor of steps) {
    const last = runs.at(-1);
    if (last?.[0] === actor) last[1]++;
    else runs.push([actor, 1]);
  }
  return runs;
}

function putNumber(bytes: number[], number: number): void {
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 31) throw new RangeError(`${number} is not in a token`);
  let rest = number;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

/** Reads bytes; past the end it reads zeros and `left` is negative, which no payload is. */
class Reader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  byte(): number {
    return this.bytes[this.#at++] ?? 0;
  }

  number(): number {
    let number = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      number += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return number;
  }

  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let count = this.number(); count > 0 && this.left > 0; count--) items.push(item());
    return items;
  }
}
