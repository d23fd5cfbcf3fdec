/**
 * The sections of this model: what an inner spinlock, RCU or the hardware makes one step. stripes.ts says what each of
 * them has to exclude on real threads, and why that is enough. Imported by calls.
 */

export { striped as atomic } from '../core/ops/routine.js';
