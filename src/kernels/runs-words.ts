/**
 * Run words: what the kernel of sorted runs and its other half (src/verify/scratch/run-kernel.ts) agree on. Read by both
 * compilers.
 */

/** Bytes of a block of a run, at most. */
export const RUN_BLOCK = 1 << 16;
/** In front of a block: how many states it holds, its bytes, and the checksum of both and of what follows. */
export const RUN_BLOCK_STATES = 0;
export const RUN_BLOCK_BYTES = 4;
export const RUN_BLOCK_SUM = 8;
export const RUN_BLOCK_HEAD = 16;

/** Of a stream: where its next state lies, how many more its block holds, whether it is at its end, and its state. */
export const STREAM_AT = 0;
export const STREAM_REST = 4;
export const STREAM_ENDED = 8;
export const STREAM_KEY = 16;

/** Bits of a digit by which states are sorted. */
export const DIGIT = 11;
/** Digits of a limb. */
export const DIGITS = 6;
