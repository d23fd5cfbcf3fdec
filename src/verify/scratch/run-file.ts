/**
 * Run files: sorted states in blocks, in a file (src/kernels/runs.ts says what a block holds). A run is written once and read
 * from its beginning, but for blocks that are known to hold nothing of what is looked for. Used by the search on disk.
 */

import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { RUN_BLOCK, RUN_BLOCK_BYTES, RUN_BLOCK_HEAD } from '../../kernels/runs-words.js';
import { DamagedFolder } from './damaged-folder.js';

/** A run, as the manifest has it. */
export interface Run {
  /** Name of its file. */
  readonly file: string;
  readonly states: number;
  readonly bytes: number;
  /** Which of the layouts its states are packed in. */
  readonly layout: number;
}

/** Where blocks are read from. */
export interface BlockReader {
  /** Passes over the blocks that hold no state from `wanted` on. */
  passTo(wanted: Uint32Array): void;
  /** Reads the next block; its bytes, 0 when there is none. */
  next(block: Uint8Array): number;
  /** What is thrown for a block that is not as it was written. */
  damaged(): Error;
  close(): void;
}

/** Where blocks are written to. */
export interface BlockWriter {
  /** Writes the block that begins there. */
  write(block: Uint8Array): void;
}

/** Writes a run. */
export class RunWriter implements BlockWriter {
  bytes = 0;
  readonly #file: number;

  constructor(readonly path: string) {
    this.#file = openSync(path, 'w');
  }

  write(block: Uint8Array): void {
    const { length } = blockOf(block);
    // All blocks but the last are of one size, so the places of the others follow.
    const start = Math.ceil(this.bytes / RUN_BLOCK) * RUN_BLOCK;
    for (let done = 0; done < length; ) done += writeSync(this.#file, block, done, length - done, start + done);
    this.bytes = start + length;
  }

  end(): void {
    closeSync(this.#file);
  }
}

/** Reads a run. */
export class RunReader implements BlockReader {
  readonly #file: number;
  readonly #blocks: number;
  #next = 0;
  /** The first states of the blocks, as far as they were asked for. */
  readonly #heads: (Uint32Array | undefined)[] = [];

  /** @throws DamagedFolder when the file is not as long as it was */
  constructor(
    readonly path: string,
    readonly bytes: number,
  ) {
    const found = statSync(path, { throwIfNoEntry: false })?.size;
    if (found !== bytes) throw new DamagedFolder(path);
    this.#file = openSync(path, 'r');
    this.#blocks = Math.ceil(bytes / RUN_BLOCK);
  }

  passTo(wanted: Uint32Array): void {
    // The block that is looked for lies far ahead or near: by steps that double, then halve.
    let step = 1;
    while (this.#isBefore(this.#next + step, wanted)) step *= 2;
    let [low, high] = [this.#next + (step >> 1), this.#next + step];
    if (step === 1) return;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#isBefore(middle, wanted)) low = middle;
      else high = middle;
    }
    this.#next = low;
  }

  next(block: Uint8Array): number {
    if (this.#next >= this.#blocks) return 0;
    return readSync(this.#file, block, 0, RUN_BLOCK, this.#next++ * RUN_BLOCK);
  }

  damaged(): Error {
    return new DamagedFolder(this.path);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Whether there is such a block and it begins with a state that is not behind one. */
  #isBefore(block: number, wanted: Uint32Array): boolean {
    if (block >= this.#blocks) return false;
    const head = this.#headOf(block, wanted.length);
    for (let word = wanted.length - 1; word >= 0; word--) {
      if (head[word] !== wanted[word]) return head[word] < wanted[word];
    }
    return true;
  }

  #headOf(block: number, width: number): Uint32Array {
    let head = this.#heads[block];
    if (head === undefined) {
      head = new Uint32Array(width);
      readSync(this.#file, head, 0, head.byteLength, block * RUN_BLOCK + RUN_BLOCK_HEAD);
      this.#heads[block] = head;
    }
    return head;
  }
}

/** A block without what lies behind its end. */
function blockOf(block: Uint8Array): Uint8Array {
  const view = new DataView(block.buffer, block.byteOffset);
  return block.subarray(0, view.getInt32(RUN_BLOCK_BYTES, true));
}
