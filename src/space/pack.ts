/**
 * Packing: a state as a few 32-bit words.
 *
 * A state is a row of fields (words of shared memory, results of calls, local states, registers). Each field has a
 * dictionary of the values it was met with, in the order in which they came; a packed state holds positions in those
 * dictionaries, in bit fields just wide enough. A field that never changes takes no bits. When a dictionary outgrows
 * its bit field the places are laid out anew (`relayout`) and the caller moves what it has stored. Exact: two states
 * have the same packed words if and only if they are equal. Used by the search.
 */

/** Where the bits of each field lie. */
export interface Places {
  /** Words of a packed state. */
  readonly width: number;
  /** Fields that have bits, ascending. */
  readonly active: Int32Array;
  /** Per field: the word it lies in, the lowest of its bits, and its bits moved down to 0. */
  readonly word: Int32Array;
  readonly shift: Int32Array;
  readonly mask: Int32Array;
}

/** How packed states move to other places: fields that move by the same way go together. */
export interface Moves {
  /** Words of a state in its new places. */
  readonly width: number;
  /** By turns the word they come from, their bits there, the word they go to, and by how many bits up (below 0: down). */
  readonly list: Int32Array;
}

/** Moves one state. */
export function moveState(
  { width, list }: Moves,
  source: Int32Array,
  from: number,
  target: Int32Array,
  to: number,
): void {
  for (let k = 0; k < width; k++) target[to + k] = 0;
  for (let i = 0; i < list.length; i += 4) {
    const bits = source[from + list[i]] & list[i + 1];
    const by = list[i + 3];
    target[to + list[i + 2]] |= by < 0 ? bits >>> -by : bits << by;
  }
}

/** The widest a bit field may be. */
const MAXIMUM_BITS = 30;
/** A field of more bits gets none that it does not need: remembered steps have a word for each code. */
const MOST_AMPLE = 8;
/** Dictionaries look values up in a table while they span at most this many numbers. */
const MAXIMUM_SPAN = 1 << 16;

/** Packs and unpacks states of one program. */
export class Packing {
  /** Where the bits lie now; replaced by `relayout`. */
  places: Places;
  /** Values by code, all dictionaries one after the other; that of field f starts at `decodeBase[f]`. */
  decode = new Int32Array(0);
  readonly decodeBase: Int32Array;
  /** Code + 1 by value - `low[f]`, from `encodeBase[f]`, for `span[f]` values; 0 when there is none. */
  encode = new Int32Array(0);
  readonly encodeBase: Int32Array;
  readonly low: Int32Array;
  readonly span: Int32Array;
  /** Counts the values that were learned. */
  version = 0;
  readonly #values: number[][];
  readonly #far: (Map<number, number> | undefined)[];
  readonly #bits: Uint8Array;
  /** Whether states lie in these places, so that what outgrows its own moves them all. */
  #isLaidOut = false;

  /**
   * @param initial the initial value of each field, which gets code 0
   * @param kin sets of fields of which one may come to take as many values as another
   * @param order all fields, if packed states are to be numbers that are sorted by these, one after the other
   */
  constructor(
    initial: Int32Array,
    readonly kin: readonly (readonly number[])[] = [],
    readonly order?: Int32Array,
  ) {
    const fields = initial.length;
    this.#values = Array.from(initial, (value) => [value]);
    this.#far = new Array(fields).fill(undefined);
    this.#bits = new Uint8Array(fields);
    this.decodeBase = new Int32Array(fields);
    this.encodeBase = new Int32Array(fields);
    this.low = initial.slice();
    this.span = new Int32Array(fields).fill(1);
    this.places = this.#layOut(this.#bits);
    this.#fillDecode();
    this.#fillEncode();
  }

  /** Bits of a packed state that are in use. */
  get bits(): number {
    return this.#bits.reduce((sum, bits) => sum + bits, 0);
  }

  /** Restores the fields of the state packed at `offset`; fields without bits are left as they are. */
  unpack(packed: Int32Array, offset: number, state: Int32Array): void {
    const { active, word, shift, mask } = this.places;
    const { decode, decodeBase } = this;
    for (let i = 0; i < active.length; i++) {
      const field = active[i];
      state[field] = decode[decodeBase[field] + ((packed[offset + word[field]] >>> shift[field]) & mask[field])];
    }
  }

  /**
   * Packs all fields of a state to `offset`. False when a value is new to its dictionary (`learn` it, lay out anew if
   * told to, and pack again).
   */
  pack(state: Int32Array, packed: Int32Array, offset: number): boolean {
    const { width } = this.places;
    for (let k = 0; k < width; k++) packed[offset + k] = 0;
    for (let field = 0; field < this.span.length; field++) {
      if (!this.set(packed, offset, field, state[field])) return false;
    }
    return true;
  }

  /** Replaces one field of the state packed at `offset`. False when the value is new to the field's dictionary. */
  set(packed: Int32Array, offset: number, field: number, value: number): boolean {
    const code = this.codeOf(field, value);
    if (code < 0) return false;
    const { word, shift, mask } = this.places;
    const at = offset + word[field];
    packed[at] = (packed[at] & ~(mask[field] << shift[field])) | (code << shift[field]);
    return true;
  }

  /** The code of a value, or -1. */
  codeOf(field: number, value: number): number {
    const slot = value - this.low[field];
    // Not `slot >>> 0`: a difference of two 32-bit values can wrap around into the span.
    if (slot >= 0 && slot < this.span[field]) return this.encode[this.encodeBase[field] + slot] - 1;
    return this.#far[field]?.get(value) ?? -1;
  }

  /** The values in a field's dictionary, by code. */
  valuesOf(field: number): readonly number[] {
    return this.#values[field];
  }

  /** What was learned so far, as (field, value, field, value, ...); a packing that learns it has the same codes. */
  learned(): number[] {
    return this.#values.flatMap((values, field) => values.slice(1).flatMap((value) => [field, value]));
  }

  /** Adds a value to a field's dictionary. True when it needs more bits than the field has: `relayout`. */
  learn(field: number, value: number): boolean {
    if (this.codeOf(field, value) >= 0) return this.#values[field].length > 1 << this.#bits[field];
    const values = this.#values[field];
    const code = values.push(value) - 1;
    this.version++;
    if (!this.#inSpan(field, value)) {
      let far = this.#far[field];
      if (far === undefined) {
        far = new Map();
        this.#far[field] = far;
      }
      far.set(value, code);
    } else this.encode[this.encodeBase[field] + value - this.low[field]] = code + 1;
    if (values.length > 1 << this.#bits[field]) return true;
    this.decode[this.decodeBase[field] + code] = value;
    return false;
  }

  /**
   * Gives every field the bits it needs, and those that may grow more, as far as states take no more words for it: each time
   * that a field outgrows its bits all states move. Returns where the fields lay before.
   */
  relayout(): Places {
    const before = this.places;
    const needed = this.#needed();
    const exact = this.#layOut(needed);
    let bits = needed;
    let places = this.#layOut(needed, before);
    if (places.width > exact.width) places = exact;
    // First what has grown, which will grow again.
    for (const likely of [() => this.#grown(needed), () => this.#likely(bits)]) {
      const ample = widened(bits, likely(), exact.width * 32);
      const fits = [this.#layOut(ample, before), this.#layOut(ample)].find(({ width }) => width <= exact.width);
      if (fits === undefined) continue;
      bits = ample;
      places = fits;
    }
    this.#bits.set(bits);
    this.places = places;
    this.#isLaidOut = true;
    this.#fillDecode();
    return before;
  }

  /** The bits of each field that its values take. */
  #needed(): Uint8Array {
    return Uint8Array.from(this.#values, ({ length }) => {
      const bits = bitsFor(length);
      if (bits > MAXIMUM_BITS) throw new RangeError('a cell takes more than 2^30 values');
      return bits;
    });
  }

  /** The fields that have outgrown their bits since states were packed. */
  #grown(needed: Uint8Array): number[] {
    if (!this.#isLaidOut) return [];
    return [...needed.keys()].filter((field) => needed[field] > this.#bits[field] && needed[field] < MAXIMUM_BITS);
  }

  /** Those that hold fewer values than their kin, often as they lack bits; then those that are nearly full. */
  #likely(bits: Uint8Array): number[] {
    // States that are sorted are kept as differences, which bits to spare would make longer.
    if (this.order !== undefined) return [];
    const behind = this.kin.flatMap((fields) => {
      const most = fields.reduce((widest, field) => Math.max(widest, bits[field]), 0);
      return fields.flatMap((field) => new Array<number>(most - bits[field]).fill(field));
    });
    const isFull = (field: number) => this.#values[field].length * 4 > 3 * 2 ** bits[field] && bits[field] > 0;
    const full = [...bits.keys()].filter((field) => isFull(field) && bits[field] < MOST_AMPLE);
    // Results, local states and registers lie behind the words, and have more values yet to come.
    return [...behind, ...full.reverse()];
  }

  /** Lays the fields where another packing, which has learned the same values in the same order, has them. */
  follow(places: Places): void {
    for (let field = 0; field < this.#bits.length; field++) this.#bits[field] = bitsFor(places.mask[field] + 1);
    this.places = places;
    this.#fillDecode();
  }

  #layOut(bits: Uint8Array, kept?: Places): Places {
    return this.order === undefined ? layOut(bits, kept) : placesInOrder(bits, this.order);
  }

  /** How the bits of states that are packed in other places come to the present ones. */
  movesFrom(before: Places): Moves {
    const { word, shift, width } = this.places;
    const moves = new Map<string, number[]>();
    for (const field of before.active) {
      const [from, to] = [before.word[field], word[field]];
      const by = shift[field] - before.shift[field];
      const key = `${from} ${to} ${by}`;
      const move = moves.get(key) ?? [from, 0, to, by];
      move[1] |= before.mask[field] << before.shift[field];
      moves.set(key, move);
    }
    return { width, list: Int32Array.from([...moves.values()].flat()) };
  }

  /** Makes room for a value in the field's table, if its values stay close together. */
  #inSpan(field: number, value: number): boolean {
    const low = this.low[field];
    const slot = value - low;
    if (slot >= 0 && slot < this.span[field]) return true;
    const lowest = Math.min(low, value);
    const reach = Math.max(low + this.span[field] - 1, value) - lowest + 1;
    if (reach > MAXIMUM_SPAN) return false;
    // Twice as wide, so that a field that counts up does not move the table at every value.
    this.low[field] = value < low ? Math.max(lowest - reach, -0x8000_0000) : low;
    this.span[field] = reach * 2;
    this.#fillEncode();
    return true;
  }

  #fillEncode(): void {
    let words = 0;
    for (let field = 0; field < this.span.length; field++) {
      this.encodeBase[field] = words;
      words += this.span[field];
    }
    this.encode = new Int32Array(words);
    for (let field = 0; field < this.span.length; field++) {
      const values = this.#values[field];
      for (let code = 0; code < values.length; code++) {
        const slot = values[code] - this.low[field];
        if (slot >= 0 && slot < this.span[field]) this.encode[this.encodeBase[field] + slot] = code + 1;
      }
    }
  }

  #fillDecode(): void {
    let words = 0;
    for (let field = 0; field < this.#bits.length; field++) {
      this.decodeBase[field] = words;
      words += 1 << this.#bits[field];
    }
    this.decode = new Int32Array(words);
    this.#values.forEach((values, field) => {
      this.decode.set(values, this.decodeBase[field]);
    });
  }
}

/** The bits that tell so many values apart. */
function bitsFor(values: number): number {
  return 32 - Math.clz32(values - 1);
}

/** Another bit for each of some fields, one after the other, until there are `most` bits. */
function widened(bits: Uint8Array, fields: readonly number[], most: number): Uint8Array {
  const wider = bits.slice();
  const room = most - bits.reduce((sum, each) => sum + each, 0);
  for (const field of fields.slice(0, room)) wider[field]++;
  return wider;
}

/**
 * First fit, widest first; a field never lies across two words. Those of `kept` that have not grown stay where they are, so
 * that states move at the price of a copy.
 */
function layOut(bits: Uint8Array, kept?: Places): Places {
  const active: number[] = [];
  const mask = new Int32Array(bits.length);
  for (let field = 0; field < bits.length; field++) {
    mask[field] = 2 ** bits[field] - 1;
    if (bits[field] > 0) active.push(field);
  }
  const word = new Int32Array(bits.length);
  const shift = new Int32Array(bits.length);
  /** By word: the bits that are taken. */
  const used: number[] = [];
  const put = (field: number, at: number, bit: number): void => {
    while (used.length <= at) used.push(0);
    used[at] |= mask[field] << bit;
    word[field] = at;
    shift[field] = bit;
  };
  const stays = (field: number): boolean => kept?.mask[field] === mask[field];
  if (kept !== undefined) for (const field of active.filter(stays)) put(field, kept.word[field], kept.shift[field]);
  const moving = active.filter((field) => !stays(field));
  for (const field of moving.sort((left, right) => bits[right] - bits[left] || left - right)) {
    let [at, bit] = [0, 0];
    while (at < used.length && (bit + bits[field] > 32 || (used[at] & (mask[field] << bit)) !== 0)) {
      if (bit + bits[field] < 32) bit++;
      else [at, bit] = [at + 1, 0];
    }
    put(field, at, bit);
  }
  return { width: Math.max(1, used.length), active: Int32Array.from(active), word, shift, mask };
}

/**
 * Places by which packed states are numbers whose order is that of their fields' codes, field by field in `order`: the first
 * fields take the highest bits of the last words. So a field that gets more bits leaves sorted states sorted. States take an
 * even number of words; a field never lies across two.
 */
export function placesInOrder(bits: Uint8Array, order: Int32Array): Places {
  const mask = Int32Array.from(bits, (count) => 2 ** count - 1);
  const word = new Int32Array(bits.length);
  const shift = new Int32Array(bits.length);
  let [at, bit] = [0, 0];
  for (let i = order.length - 1; i >= 0; i--) {
    const field = order[i];
    if (bits[field] === 0) continue;
    if (bit + bits[field] > 32) [at, bit] = [at + 1, 0];
    word[field] = at;
    shift[field] = bit;
    bit += bits[field];
  }
  const active = Int32Array.from(bits.keys()).filter((field) => bits[field] > 0);
  return { width: (at & ~1) + 2, active, word, shift, mask };
}
