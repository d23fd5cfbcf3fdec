/**
 * Run kernel: sorts packed states, writes them as runs, reads runs and merges them, in WebAssembly (src/kernels/runs.ts) over
 * a memory of its own. Whoever has one hands in the blocks and takes them. Used by the search on disk.
 */

import { InputError } from '../../core/errors.js';
import { DIGIT, DIGITS, RUN_BLOCK, STREAM_KEY } from '../../kernels/runs-words.js';
import { KERNEL_PAGE, type KernelMemory, loadKernel, newKernelMemory } from '../../space/kernel.js';
import { OutOfMemory } from '../../space/memory-budget.js';
import type { BlockReader, BlockWriter } from './run-file.js';

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** Words of a limb. */
const LIMB_WORDS = 2;
const LIMB_BYTES = 8;
/** What lies before is the compiler's. */
const START = KERNEL_PAGE;
/** Runs that are read at once at most. */
export const MOST_STREAMS = 96;
/** States that are looked at in one call: so few that its caller can look at clock and signal in between. */
export const STATES_A_CALL = 1 << 20;

/** What dist/kernels/runs.wasm exports. */
interface RunExports {
  layOutRuns(limbs: number, ...places: number[]): void;
  sort(keys: number, spare: number, count: number): number;
  beginRun(): void;
  put(keys: number, count: number): void;
  endRun(): number;
  isWhole(block: number, bytes: number): boolean;
  open(stream: number): void;
  take(stream: number, to: number, most: number): number;
  beginMerge(count: number): void;
  merge(first: number, end: number, most: number): number;
}

/** Sorts, writes, reads and merges runs of states of one width. */
export class RunKernel {
  /** States that are gathered to be sorted. */
  readonly gathered: Int32Array;
  /** How many these are. */
  count = 0;
  readonly #kernel: RunExports;
  readonly #memory: KernelMemory;
  readonly #limbs: number;
  readonly #keys: number;
  readonly #spare: number;
  readonly #taken: number;
  readonly #takenStates: number;
  readonly #blocks: number;
  readonly #wanted: Uint32Array;
  readonly #out: Uint8Array;
  readonly #readers: (BlockReader | undefined)[] = [];
  #writer: BlockWriter | undefined;
  /** Streams whose blocks are passed over that end before the state that is wanted. */
  #passing = { first: 0, end: 0 };

  /**
   * @param width words of a state, an even number
   * @param bytes of the states that are gathered to be sorted
   * @param taken states that are taken from a run at once
   * @throws InputError when the package is not built; OutOfMemory
   */
  constructor(
    readonly width: number,
    bytes: number,
    taken: number,
  ) {
    this.#limbs = width / LIMB_WORDS;
    const wide = width * WORD_BYTES;
    const states = Math.max(1, Math.floor(bytes / wide));
    let at = START;
    const place = (size: number): number => {
      const from = at;
      at += Math.ceil(size / LIMB_BYTES) * LIMB_BYTES;
      return from;
    };
    const stride = STREAM_KEY + wide;
    const streams = place(MOST_STREAMS * stride);
    const heap = place(MOST_STREAMS * WORD_BYTES);
    const wanted = place(wide);
    const counts = place(DIGITS * 2 ** DIGIT * WORD_BYTES);
    const last = place(wide);
    const out = place(RUN_BLOCK);
    this.#blocks = place(MOST_STREAMS * RUN_BLOCK);
    this.#taken = place(taken * wide);
    this.#keys = place(states * wide);
    this.#spare = place(states * wide);
    const memory = newKernelMemory(at, at);
    if (memory === undefined) throw new OutOfMemory(`the machine, which had no ${at} bytes of memory left`);
    const kernel = loadKernel<RunExports>('runs', memory, {
      refill: (stream: number) => this.#refill(stream),
      flush: () => this.#flush(),
    });
    if (kernel === undefined)
      throw new InputError('faultline: --scratch needs the built package; run ./scripts/setup.');
    kernel.layOutRuns(this.#limbs, streams, stride, heap, wanted, counts, out, last);
    this.#kernel = kernel;
    this.#memory = memory;
    this.#takenStates = taken;
    this.#wanted = new Uint32Array(memory.buffer, wanted, width);
    this.#out = new Uint8Array(memory.buffer, out, RUN_BLOCK);
    this.gathered = new Int32Array(memory.buffer, this.#keys, states * width);
  }

  /** States that find room among those that are gathered. */
  get room(): number {
    return this.gathered.length / this.width - this.count;
  }

  /** Gathers states, for which there is room. */
  gather(packed: Int32Array): void {
    this.gathered.set(packed, this.count * this.width);
    this.count += packed.length / this.width;
  }

  /** Writes what was gathered as a run, sorted, each state once; how many there are. */
  write(writer: BlockWriter): number {
    const moved = this.#kernel.sort(this.#keys, this.#spare, this.count);
    this.#begin(writer);
    this.#kernel.put(moved === 0 ? this.#keys : this.#spare, this.count);
    this.count = 0;
    return this.#end();
  }

  /** Writes states that are sorted. */
  *rewrite(states: Iterable<Int32Array>, writer: BlockWriter): Generator<void, number> {
    this.#begin(writer);
    const area = new Int32Array(this.#memory.buffer, this.#taken, this.#takenStates * this.width);
    for (const packed of states) {
      area.set(packed);
      this.#kernel.put(this.#taken, packed.length / this.width);
      yield;
    }
    return this.#end();
  }

  /** Reads a run from its beginning, so many states at a time; the arrays are used again. */
  *read(reader: BlockReader, most = this.#takenStates): Generator<Int32Array<ArrayBuffer>, void> {
    const stream = MOST_STREAMS - 1;
    this.#readers[stream] = reader;
    this.#kernel.open(stream);
    for (;;) {
      const taken = this.#kernel.take(stream, this.#taken, Math.min(most, this.#takenStates));
      if (taken === 0) return;
      yield new Int32Array(this.#memory.buffer as ArrayBuffer, this.#taken, taken * this.width);
    }
  }

  /** Merges runs into one without the states of others; how many there are. Yields now and then. */
  *merge(runs: readonly BlockReader[], without: readonly BlockReader[], writer: BlockWriter): Generator<void, number> {
    this.#passing = { first: 0, end: 0 };
    const readers = [...runs, ...without];
    readers.forEach((reader, stream) => {
      this.#readers[stream] = reader;
      this.#kernel.open(stream);
    });
    this.#begin(writer);
    this.#kernel.beginMerge(runs.length);
    this.#passing = { first: runs.length, end: readers.length };
    while (this.#kernel.merge(runs.length, readers.length, STATES_A_CALL) === 0) yield;
    return this.#end();
  }

  #begin(writer: BlockWriter): void {
    this.#writer = writer;
    this.#kernel.beginRun();
  }

  #end(): number {
    const states = this.#kernel.endRun();
    this.#writer = undefined;
    return states;
  }

  #flush(): void {
    this.#writer?.write(this.#out);
  }

  #refill(stream: number): number {
    const reader = this.#readers[stream]!;
    const { first, end } = this.#passing;
    if (stream >= first && stream < end) reader.passTo(this.#wanted);
    const at = this.#blocks + stream * RUN_BLOCK;
    const block = new Uint8Array(this.#memory.buffer, at, RUN_BLOCK);
    const bytes = reader.next(block);
    if (bytes === 0) return 0;
    if (!this.#kernel.isWhole(at, bytes)) throw reader.damaged();
    return at;
  }
}
