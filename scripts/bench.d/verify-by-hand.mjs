/**
 * The preparedness benchmark searched by hand: breadth first over states packed into two words, written for this one
 * program and nothing else. What a person would write who wants the number and not a tool; the yardstick of
 * scripts/bench-verify.
 *
 * First word: 4 bits for each fault's place (0..8). Second: the converter's place (3 bits), lock + 1 (4), flag, rmp,
 * content + 1 (4), V (3).
 */

/** Searches the space of N faults with a converter; { states, transitions }. */
export function searchByHand(faults) {
  let room = 1 << 16;
  let first = new Int32Array(room);
  let second = new Int32Array(room);
  let mask = (1 << 18) - 1;
  let slots = new Int32Array(mask + 1);
  let size = 0;
  let transitions = 0;

  const hash = (a, b) => {
    let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35);
    return h ^ (h >>> 16);
  };
  const grow = () => {
    if (size === room) {
      room *= 2;
      const [a, b] = [new Int32Array(room), new Int32Array(room)];
      a.set(first);
      b.set(second);
      first = a;
      second = b;
    }
    if (size * 2 <= mask) return;
    mask = mask * 2 + 1;
    slots = new Int32Array(mask + 1);
    for (let i = 0; i < size; i++) {
      let slot = hash(first[i], second[i]) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = i + 1;
    }
  };
  const add = (a, b) => {
    transitions++;
    let slot = hash(a, b) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]) {
      if (first[entry - 1] === a && second[entry - 1] === b) return;
      slot = (slot + 1) & mask;
    }
    first[size] = a;
    second[size] = b;
    slots[slot] = ++size;
    if (size === room || size * 2 > mask) grow();
  };

  const pack = (converter, lock, flag, rmp, content, v) =>
    converter | ((lock + 1) << 3) | (flag << 7) | (rmp << 8) | ((content + 1) << 9) | (v << 13);
  add(0, pack(0, 0, 0, 0, -1, 0));
  transitions = 0;
  for (let at = 0; at < size; at++) {
    const places = first[at];
    const rest = second[at];
    const converter = rest & 7;
    const lock = ((rest >> 3) & 15) - 1;
    const flag = (rest >> 7) & 1;
    const rmp = (rest >> 8) & 1;
    const content = ((rest >> 9) & 15) - 1;
    const v = rest >> 13;
    for (let i = 0; i < faults; i++) {
      const shift = i * 4;
      const next = places + (1 << shift);
      switch ((places >> shift) & 15) {
        case 0:
          if (lock >= 0) add(next, pack(converter, lock + 1, flag, rmp, content, v));
          break;
        case 1:
          add(flag === 1 ? places + (4 << shift) : next, rest);
          break;
        case 2:
          add(next, pack(converter, lock, flag, rmp, 0, v));
          break;
        case 3:
          add(next, pack(converter, lock, flag, 1, content, rmp === 1 ? v | 1 : v));
          break;
        case 4:
          add(next, pack(converter, lock, 1, rmp, content, v));
          break;
        case 5:
          add(next, pack(converter, lock - 1, flag, rmp, content, v));
          break;
        case 6:
          add(next, pack(converter, lock, flag, rmp, i + 1, v));
          break;
        case 7:
          add(next, pack(converter, lock, flag, rmp, content, content === 0 ? v | 2 : content === -1 ? v | 4 : v));
          break;
      }
    }
    switch (converter) {
      case 0:
        if (lock === 0) add(places, pack(1, -1, flag, rmp, content, v));
        break;
      case 1:
        add(places, pack(2, lock, flag, 0, content, v));
        break;
      case 2:
        add(places, pack(3, lock, 0, rmp, content, v));
        break;
      case 3:
        add(places, pack(4, 0, flag, rmp, content, v));
        break;
    }
  }
  return { states: size, transitions };
}
