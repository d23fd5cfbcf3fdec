/**
 * Random numbers of a walk: src/core/random.ts once more, over the kernel's memory. AssemblyScript, part of the walk kernel.
 */

import { RANDOM } from './walk-words';

/** 32 random bits. */
export function draw(): u32 {
  const s0 = load<u64>(RANDOM);
  const s1 = load<u64>(RANDOM, 8);
  const a = s0 ^ s1;
  store<u64>(RANDOM, rotl<u64>(s0, 24) ^ a ^ (a << 16));
  store<u64>(RANDOM, rotl<u64>(a, 37), 8);
  return <u32>(s0 + s1);
}

/** An integer in 0 .. bound-1. */
export function drawBelow(bound: i32): i32 {
  if (bound <= 32) return <i32>(((draw() >>> 6) * <u32>bound) >>> 26);
  return <i32>Math.floor((<f64>draw() * <f64>bound) / 4294967296.0);
}
