/**
 * Grown: a typed array with more room behind what it holds. Used by whoever keeps tables whose length nobody knows ahead.
 */

type Words = Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A copy of `length` words that begins with what `words` holds; behind that it is 0. */
export function grown<T extends Words>(words: T, length: number): T {
  const longer = new (words.constructor as new (length: number) => T)(length);
  longer.set(words);
  return longer;
}
