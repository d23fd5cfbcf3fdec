/** Numbered: things by numbers, from 0 in the order in which they come. Used by whoever tells classes of things apart. */

/** The number of a key in `numbers`, which gets the next one if it has none. */
export function numbered<Key>(numbers: Map<Key, number>, key: Key): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
