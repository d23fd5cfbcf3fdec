/**
 * Kernel of sorted runs: sorts states, stores them as differences in blocks, reads them again, and merges runs less other
 * runs. AssemblyScript; src/verify/scratch/run-kernel.ts is its other half, which reads and writes the blocks.
 *
 * A state is a number of some limbs of 64 bits, the lowest first. In a block the first state is whole; of each other there is
 * the difference from the one before, seven bits a byte, the lowest first. Where more than the lowest limb differs there is
 * a 0, which no difference is, the place of the highest limb that does, its difference, and the limbs below it.
 */

import { setCounts } from './runs-sort';
import { compareStates, copy, limbs, setLimbs, wide } from './runs-states';
import {
  RUN_BLOCK,
  RUN_BLOCK_BYTES,
  RUN_BLOCK_HEAD,
  RUN_BLOCK_STATES,
  RUN_BLOCK_SUM,
  STREAM_AT,
  STREAM_ENDED,
  STREAM_KEY,
  STREAM_REST,
} from './runs-words';

export { sort } from './runs-sort';

/** Reads the next block of a stream; where it lies, or 0 when there is none. */
declare function refill(stream: i32): usize;
/** Takes the block at `out`. */
declare function flush(): void;

/** What checksums are mixed by. */
const MIXER: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

/** Where streams lie, and how far apart. */
let streams: usize = 0;
let stride: usize = 0;
/** The heap of the streams that are merged: their numbers. */
let heap: usize = 0;
let heaped: i32 = 0;
/** The state that a merge is at. */
let wanted: usize = 0;
/** The block that is written: where it begins, its end so far, its states, and the last of them. */
let out: usize = 0;
let outAt: usize = 0;
let outStates: i32 = 0;
let last: usize = 0;
/** States written since the run began. */
let written: f64 = 0;

/** Says how many limbs a state has, and where things lie. */
export function layOutRuns(
  ofLimbs: i32,
  streamsAt: usize,
  streamBytes: usize,
  heapAt: usize,
  wantedAt: usize,
  countsAt: usize,
  outBlock: usize,
  lastAt: usize,
): void {
  setLimbs(ofLimbs);
  streams = streamsAt;
  stride = streamBytes;
  heap = heapAt;
  wanted = wantedAt;
  setCounts(countsAt);
  out = outBlock;
  last = lastAt;
  beginRun();
}

// Writing.

/** A run begins. */
export function beginRun(): void {
  outStates = 0;
  outAt = out + RUN_BLOCK_HEAD;
  written = 0;
}

/** Writes states that are sorted and not before those that were written, each once. */
export function put(keys: usize, count: i32): void {
  const end = keys + <usize>count * wide;
  for (let at = keys; at < end; at += wide) write(at);
}

/** The run has ended; how many states it has. */
export function endRun(): f64 {
  if (outStates > 0) close();
  return written;
}

function write(key: usize): void {
  if (outStates === 0) {
    // A state that begins a block may be the last one of the block before.
    if (written > 0 && compareStates(key, last) === 0) return;
    copy(key, outAt);
    outAt += wide;
  } else {
    const low = load<u64>(key) - load<u64>(last);
    if (limbs === 1 || isNear(key)) {
      if (low === 0) return;
      writeNumber(low);
    } else writeFar(key);
  }
  copy(key, last);
  outStates++;
  written += 1;
  if (outAt > out + (RUN_BLOCK - 2) - 10 * <usize>limbs) close();
}

/** Whether no limb but the lowest is another than in the state before. */
function isNear(key: usize): bool {
  for (let k: usize = 8; k < wide; k += 8) if (load<u64>(key + k) !== load<u64>(last + k)) return false;
  return true;
}

function writeFar(key: usize): void {
  let limb = limbs - 1;
  while (load<u64>(key + ((<usize>limb) << 3)) === load<u64>(last + ((<usize>limb) << 3))) limb--;
  store<u8>(outAt++, 0);
  store<u8>(outAt++, <u8>limb);
  writeNumber(load<u64>(key + ((<usize>limb) << 3)) - load<u64>(last + ((<usize>limb) << 3)));
  for (let k = limb - 1; k >= 0; k--) writeNumber(load<u64>(key + ((<usize>k) << 3)));
}

function writeNumber(number: u64): void {
  let rest = number;
  while (rest >= 0x80) {
    store<u8>(outAt++, <u8>(rest | 0x80));
    rest >>= 7;
  }
  store<u8>(outAt++, <u8>rest);
}

function close(): void {
  while (((outAt - out) & 7) !== 0) store<u8>(outAt++, 0);
  store<i32>(out, outStates, RUN_BLOCK_STATES);
  store<i32>(out, <i32>(outAt - out), RUN_BLOCK_BYTES);
  store<u64>(out, sumOf(out), RUN_BLOCK_SUM);
  flush();
  outStates = 0;
  outAt = out + RUN_BLOCK_HEAD;
}

function sumOf(block: usize): u64 {
  let sum: u64 = load<u64>(block) * MIXER;
  const end = block + <usize>load<i32>(block, RUN_BLOCK_BYTES);
  for (let at = block + RUN_BLOCK_HEAD; at < end; at += 8) {
    sum = (sum ^ load<u64>(at)) * MIXER;
    sum ^= sum >> 32;
  }
  return sum;
}

/** Whether what was read is a block as it was written. */
export function isWhole(block: usize, bytes: i32): bool {
  const length = load<i32>(block, RUN_BLOCK_BYTES);
  if (length > bytes || length < RUN_BLOCK_HEAD + <i32>wide || (length & 7) !== 0) return false;
  return load<i32>(block, RUN_BLOCK_STATES) > 0 && load<u64>(block, RUN_BLOCK_SUM) === sumOf(block);
}

// Reading.

function streamOf(number: i32): usize {
  return streams + <usize>number * stride;
}

/** Goes to the first state of a stream. */
export function open(number: i32): void {
  const stream = streamOf(number);
  store<i32>(stream, 0, STREAM_REST);
  store<i32>(stream, 0, STREAM_ENDED);
  advance(number, stream);
}

function advance(number: i32, stream: usize): void {
  const rest = load<i32>(stream, STREAM_REST);
  if (rest === 0) {
    nextBlock(number, stream);
    return;
  }
  store<i32>(stream, rest - 1, STREAM_REST);
  let at = load<usize>(stream, STREAM_AT);
  let byte = load<u8>(at++);
  let difference = <u64>(byte & 0x7f);
  for (let shift: u64 = 7; byte >= 0x80; shift += 7) {
    byte = load<u8>(at++);
    difference |= (<u64>(byte & 0x7f)) << shift;
  }
  if (difference === 0) at = readFar(stream, at);
  else store<u64>(stream, load<u64>(stream, STREAM_KEY) + difference, STREAM_KEY);
  store<usize>(stream, at, STREAM_AT);
}

function nextBlock(number: i32, stream: usize): void {
  const block = refill(number);
  if (block === 0) {
    store<i32>(stream, 1, STREAM_ENDED);
    return;
  }
  store<i32>(stream, load<i32>(block, RUN_BLOCK_STATES) - 1, STREAM_REST);
  copy(block + RUN_BLOCK_HEAD, stream + STREAM_KEY);
  store<usize>(stream, block + RUN_BLOCK_HEAD + wide, STREAM_AT);
}

/** Where a number ends whose value was put into `number`. */
let number: u64 = 0;

function readNumber(from: usize): usize {
  let at = from;
  let byte = load<u8>(at++);
  number = <u64>(byte & 0x7f);
  for (let shift: u64 = 7; byte >= 0x80; shift += 7) {
    byte = load<u8>(at++);
    number |= (<u64>(byte & 0x7f)) << shift;
  }
  return at;
}

function readFar(stream: usize, from: usize): usize {
  const limb = <i32>load<u8>(from);
  let at = readNumber(from + 1);
  const high = stream + STREAM_KEY + ((<usize>limb) << 3);
  store<u64>(high, load<u64>(high) + number);
  for (let k = limb - 1; k >= 0; k--) {
    at = readNumber(at);
    store<u64>(stream + STREAM_KEY + ((<usize>k) << 3), number);
  }
  return at;
}

/** Takes the next states of a stream, so many at most; how many there were. */
export function take(number: i32, to: usize, most: i32): i32 {
  const stream = streamOf(number);
  let taken = 0;
  for (let at = to; taken < most && load<i32>(stream, STREAM_ENDED) === 0; taken++) {
    copy(stream + STREAM_KEY, at);
    at += wide;
    advance(number, stream);
  }
  return taken;
}

// Merging.

/** The first of so many streams, all open, are to be merged. */
export function beginMerge(count: i32): void {
  heaped = 0;
  for (let number = 0; number < count; number++) {
    if (load<i32>(streamOf(number), STREAM_ENDED) !== 0) continue;
    store<i32>(heap + ((<usize>heaped) << 2), number);
    heaped++;
  }
  for (let place = heaped >> 1; place >= 0; place--) sink(place);
}

function keyAt(place: i32): usize {
  return streamOf(load<i32>(heap + ((<usize>place) << 2))) + STREAM_KEY;
}

function sink(from: i32): void {
  let place = from;
  while (true) {
    let child = place * 2 + 1;
    if (child >= heaped) return;
    if (child + 1 < heaped && compareStates(keyAt(child + 1), keyAt(child)) < 0) child++;
    if (compareStates(keyAt(place), keyAt(child)) <= 0) return;
    const moved = load<i32>(heap + ((<usize>place) << 2));
    store<i32>(heap + ((<usize>place) << 2), load<i32>(heap + ((<usize>child) << 2)));
    store<i32>(heap + ((<usize>child) << 2), moved);
    place = child;
  }
}

/**
 * Writes the states of the streams that are merged which are in none of the streams from `first` up to `end`; false when
 * about `most` were looked at and there are more.
 */
export function merge(first: i32, end: i32, most: i32): bool {
  let looked = 0;
  while (heaped > 0) {
    if (looked >= most) return false;
    copy(keyAt(0), wanted);
    do {
      const number = load<i32>(heap);
      const stream = streamOf(number);
      advance(number, stream);
      looked++;
      if (load<i32>(stream, STREAM_ENDED) !== 0) {
        heaped--;
        store<i32>(heap, load<i32>(heap + ((<usize>heaped) << 2)));
      }
      sink(0);
    } while (heaped > 0 && compareStates(keyAt(0), wanted) === 0);
    let isKnown = false;
    for (let number = first; number < end; number++) if (isAt(number)) isKnown = true;
    if (!isKnown) write(wanted);
  }
  return true;
}

/** Goes on in a stream to the state that is wanted; whether it is there. */
function isAt(number: i32): bool {
  const stream = streamOf(number);
  let order = -1;
  while (load<i32>(stream, STREAM_ENDED) === 0) {
    order = compareStates(stream + STREAM_KEY, wanted);
    if (order >= 0) break;
    advance(number, stream);
  }
  return order === 0;
}
