/**
 * Random numbers for everything that must be the same on every machine: xoroshiro128+ (Blackman and Vigna, 2018) from
 * pure-rand, one independent stream per (seed, stream number). Used by engines and scenario generation.
 */

import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers. */
export class Random {
  declare private generator: ReturnType<typeof xoroshiro128plusFromState>;

  /** @param seed 64 bits of it count @param stream number of the stream, 0 .. 2^31-1 */
  constructor(seed: bigint, stream = 0) {
    const low = Number(BigInt.asIntN(32, seed));
    const high = Number(BigInt.asIntN(32, seed >> 32n));
    this.generator = xoroshiro128plusFromState([high, low, stream | 0, 0x9e3779b9 | 0]);
    // The state is sparse at first; the generator needs some steps to mix it.
    for (let i = 0; i < 16; i++) this.generator.next();
  }

  /** Where the stream is: four words, for `moveTo`. */
  get place(): readonly number[] {
    return this.generator.getState();
  }

  /** Goes to a place of a stream. */
  moveTo(place: readonly number[]): void {
    this.generator = xoroshiro128plusFromState(place);
  }

  /** 32 random bits as a signed integer. */
  next(): number {
    return this.generator.next();
  }

  /** An integer in 0 .. bound-1, by fixed-point multiplication (bias below bound / 2^26). */
  below(bound: number): number {
    // Integers suffice for the bounds of the hot loop; a detour through doubles costs a third of a step.
    if (bound <= 32) return ((this.generator.next() >>> 6) * bound) >>> 26;
    return Math.floor(((this.generator.next() >>> 0) * bound) / 0x1_0000_0000);
  }
}
