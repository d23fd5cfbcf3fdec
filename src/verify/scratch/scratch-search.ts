/**
 * Scratch search: a breadth-first search whose states are sorted runs in files (src/README.md). It goes level by level and is
 * the same whatever its sizes are: the states of a level are taken up in the order in which they are sorted.
 *
 * A value that a field was not met with may need more bits than the field has. Then the level begins anew, with the runs that
 * are still read packed as they are from then on; that they are sorted stays so. Used by the scratch run.
 */

import { signatureText } from '../../core/story/signature.js';
import { moveState, type Packing, placesInOrder } from '../../space/pack.js';
import type { Batches } from './batches.js';
import type { Manifest } from './manifest.js';
import type { Run } from './run-file.js';
import { MOST_STREAMS, RunKernel } from './run-kernel.js';
import type { ScratchFolder } from './scratch-folder.js';

/** States that are taken up before the manifest is written anew, which takes as long as to take up some thousand. */
const KEPT_EVERY = 1 << 17;
/** Runs that are merged at once where there are too many for all to be. */
const MERGED = MOST_STREAMS >> 1;

type Counts = Manifest['counts'];
type Sighted = Manifest['sighted'][number];

/** What of a manifest does not change. */
export type ManifestHead = Pick<Manifest, 'version' | 'of' | 'plan' | 'model' | 'facts'>;

/** One search on disk. */
export class ScratchSearch {
  /** States by their distance from the first one. */
  levels: Run[] = [];
  /** The states of all levels that were merged or are read beside others. */
  #known: Run[] = [];
  /** Bits of each field, in each layout that there was. */
  readonly #layouts: number[][];
  over = false;
  /** The states from which signatures were met first. */
  readonly sighted: Sighted[] = [];
  /** States that were taken up. */
  expanded = 0;
  #finalStates: { readonly count: number; readonly told: Manifest['finalStates'] } | undefined;
  #runs: RunKernel;
  /** The counts with which the last level begins. */
  #begun: Counts;
  /** States that were taken up when the manifest was written last; -1 for never. */
  #kept = -1;

  private constructor(
    readonly batches: Batches,
    readonly folder: ScratchFolder,
    readonly head: ManifestHead,
    readonly all: boolean,
    layouts: number[][],
  ) {
    this.#layouts = layouts;
    this.#runs = this.#newKernel();
    this.#begun = this.counts;
  }

  /** Begins in an empty folder. */
  static begin(batches: Batches, folder: ScratchFolder, head: ManifestHead, all: boolean): ScratchSearch {
    const search = new ScratchSearch(batches, folder, head, all, [bitsOf(batches.packing)]);
    const first = folder.begin('level', 0, 0);
    search.#runs.gather(new Int32Array(batches.width));
    search.levels = [first.end(search.#runs.write(first.writer))];
    search.#known = [...search.levels];
    return search;
  }

  /** Goes on with what a folder holds. */
  static resume(
    batches: Batches,
    folder: ScratchFolder,
    manifest: Manifest,
    head: ManifestHead,
    all: boolean,
  ): ScratchSearch {
    folder.tidy();
    const found = new ScratchSearch(
      batches,
      folder,
      head,
      all,
      manifest.layouts.map((bits) => [...bits]),
    );
    found.levels = [...manifest.levels];
    found.#known = [...manifest.known];
    found.over = manifest.over;
    const { search } = batches;
    search.sightings.addFinalStates(folder.readFinalStates(manifest.finalStates), manifest.finalStatesFolded);
    search.stepper.ops.coverage.merge(Uint8Array.from(Buffer.from(manifest.executed, 'base64')));
    found.#finalStates = { count: search.sightings.finalStates.size, told: manifest.finalStates };
    // What broke there breaks once more, and is noted in the same order.
    for (const { row } of manifest.sighted) for (const _ of batches.run(found.packed(row), () => {}));
    found.sighted.push(...manifest.sighted);
    found.#restore(manifest.counts);
    found.#begun = manifest.counts;
    found.#kept = manifest.counts.expanded;
    return found;
  }

  /** States that are known to be on levels that are complete. */
  get states(): number {
    return this.levels.reduce((sum, { states }) => sum + states, 0);
  }

  /** The level that is taken up. */
  get depth(): number {
    return this.levels.length - 1;
  }

  /** The level that was taken up last; where what broke ended the search there is one more. */
  get deepest(): number {
    return this.over && this.expanded < this.states ? this.depth - 1 : this.depth;
  }

  get layout(): number {
    return this.#layouts.length - 1;
  }

  /** Goes on to the end. Yields often; between two levels with true. */
  async *run(): AsyncGenerator<boolean, void> {
    while (!this.over) {
      yield* this.#level();
      if (this.over || this.expanded - this.#kept >= KEPT_EVERY) await this.keep();
      yield true;
    }
  }

  /** Counts a level that did not come to its end as one that was not begun: who goes on begins it anew. */
  leaveLevel(): void {
    this.#restore(this.#begun);
  }

  /** Writes the manifest: who goes on begins with the last level. */
  async keep(): Promise<void> {
    if (this.#kept === this.#begun.expanded) return;
    await this.#commit();
    this.#kept = this.#begun.expanded;
  }

  /** A state packed as states are now. */
  packed(row: readonly number[]): Int32Array {
    const packed = new Int32Array(this.batches.width);
    if (!this.batches.packing.pack(Int32Array.from(row), packed, 0)) throw new Error('a state that was met is unknown');
    return packed;
  }

  /** The states of a level, so many at a time, packed as states are now; the arrays are used again. */
  *statesOf(run: Run, most: number): Generator<Int32Array, void> {
    const reader = this.folder.read(run);
    const { order } = this.batches.packing;
    try {
      if (run.layout === this.layout) {
        yield* this.#runs.read(reader, most);
        return;
      }
      const places = placesInOrder(Uint8Array.from(this.#layouts[run.layout]), order!);
      const moves = this.batches.packing.movesFrom(places);
      const moved = new Int32Array(most * moves.width);
      for (const packed of new RunKernel(places.width, 0, most).read(reader)) {
        const states = packed.length / places.width;
        for (let i = 0; i < states; i++) moveState(moves, packed, i * places.width, moved, i * moves.width);
        yield moved.subarray(0, states * moves.width);
      }
    } finally {
      reader.close();
    }
  }

  async *#level(): AsyncGenerator<boolean, void> {
    let found: Run[] | undefined;
    while (found === undefined) {
      yield* this.#packAnew();
      found = yield* this.#newRuns();
      if (found !== undefined) break;
      this.#restore(this.#begun);
      this.#layouts.push(bitsOf(this.batches.packing));
      this.#runs = this.#newKernel();
    }
    const next = yield* this.#merged('level', found, this.#known);
    this.folder.remove(found);
    const halts = this.sighted.length > 0 && !this.all;
    this.over = next.states === 0 || halts;
    this.#begun = this.counts;
    if (next.states === 0) {
      this.folder.remove([next]);
      return;
    }
    this.levels.push(next);
    this.#known.push(next);
    if (this.#known.length > this.batches.sizes.known && !halts) {
      this.#known = [yield* this.#merged('known', this.#known, [])];
    }
  }

  /** Takes up the last level; the runs of what it leads to, or undefined when states were laid out anew. */
  *#newRuns(): Generator<boolean, Run[] | undefined> {
    const { batches, levels } = this;
    const { search } = batches;
    const found: Run[] = [];
    const before = this.expanded;
    let isWhole = true;
    for (const packed of this.statesOf(levels[this.depth], batches.sizes.states)) {
      isWhole = yield* asFalse(
        batches.run(packed, (taken, began) => {
          const { keys, size, width } = search.table;
          this.#note();
          this.expanded += taken;
          for (let from = began; from < size; ) {
            if (this.#runs.room === 0) found.push(this.#write());
            const end = Math.min(size, from + this.#runs.room);
            this.#runs.gather(keys.subarray(from * width, end * width));
            from = end;
          }
        }),
      );
      if (!isWhole) break;
    }
    if (isWhole) {
      if (this.#runs.count > 0) found.push(this.#write());
      return found;
    }
    this.expanded = before;
    this.#runs.count = 0;
    this.folder.remove(found);
    return undefined;
  }

  /** Notes from which state what was met first was met. */
  #note(): void {
    const { bySignature } = this.batches.search.sightings;
    if (bySignature.size === this.sighted.length) return;
    const { table, system, packing } = this.batches.search;
    for (const sighting of [...bySignature.values()].slice(this.sighted.length)) {
      const row = system.initial.slice(0, system.fields);
      packing.unpack(table.keys, sighting.state * table.width, row);
      this.sighted.push({ signature: signatureText(sighting.signature), level: this.depth, row: [...row] });
    }
  }

  #write(): Run {
    const open = this.folder.begin('new', this.depth + 1, this.layout);
    return open.end(this.#runs.write(open.writer));
  }

  /** Merges runs without the states of others. */
  *#merged(kind: 'level' | 'known', runs: readonly Run[], without: readonly Run[]): Generator<boolean, Run> {
    let rest = runs;
    while (rest.length + without.length >= MOST_STREAMS) {
      const some = yield* this.#mergedAtOnce('new', rest.slice(0, MERGED), []);
      this.folder.remove(rest.slice(0, MERGED));
      rest = [...rest.slice(MERGED), some];
    }
    const merged = yield* this.#mergedAtOnce(kind, rest, without);
    if (rest !== runs) this.folder.remove(rest);
    return merged;
  }

  *#mergedAtOnce(
    kind: 'level' | 'known' | 'new',
    runs: readonly Run[],
    without: readonly Run[],
  ): Generator<boolean, Run> {
    const readers = [...runs, ...without].map((run) => this.folder.read(run));
    try {
      const open = this.folder.begin(kind, this.depth + (kind === 'known' ? 0 : 1), this.layout);
      const [ours, others] = [readers.slice(0, runs.length), readers.slice(runs.length)];
      return open.end(yield* asFalse(this.#runs.merge(ours, others, open.writer)));
    } finally {
      for (const reader of readers) reader.close();
    }
  }

  /** Packs what is known as states are packed now. A level is packed anew as it is read. */
  *#packAnew(): Generator<boolean, void> {
    const known: Run[] = [];
    for (const run of this.#known) {
      if (run.layout === this.layout) known.push(run);
      else {
        const open = this.folder.begin('known', this.depth, this.layout);
        const states = this.statesOf(run, this.batches.sizes.states);
        known.push(open.end(yield* asFalse(this.#runs.rewrite(states, open.writer))));
      }
    }
    this.#known = known;
  }

  #newKernel(): RunKernel {
    const { width, sizes } = this.batches;
    return new RunKernel(width, sizes.gathered, sizes.states);
  }

  get counts(): Counts {
    const { transitions, completed, deadlocked, loops } = this.batches.search;
    return { expanded: this.expanded, transitions, completed, deadlocked, loops };
  }

  #restore({ expanded, transitions, completed, deadlocked, loops }: Counts): void {
    this.expanded = expanded;
    Object.assign(this.batches.search, { transitions, completed, deadlocked, loops });
  }

  async #commit(): Promise<void> {
    const { search, packing } = this.batches;
    const { finalStates, finalStatesFolded } = search.sightings;
    if (this.#finalStates?.count !== finalStates.size) {
      const words = finalStates.keys.subarray(0, finalStates.size * finalStates.width);
      const told = await this.folder.writeFinalStates(this.depth, words);
      this.#finalStates = { count: finalStates.size, told };
    }
    await this.folder.commit({
      ...this.head,
      order: [...packing.order!],
      learned: packing.learned(),
      layouts: this.#layouts,
      levels: this.levels,
      known: this.#known,
      over: this.over,
      counts: this.#begun,
      sighted: this.sighted,
      executed: Buffer.from(search.stepper.ops.coverage.bits).toString('base64'),
      finalStates: this.#finalStates.told,
      finalStatesFolded,
    });
  }
}

/** The bits of each field. */
function bitsOf({ places }: Packing): number[] {
  return Array.from(places.mask, (mask) => 32 - Math.clz32(mask));
}

/** What yields nothing yields false. */
function* asFalse<T>(work: Generator<void, T>): Generator<boolean, T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    yield false;
  }
}
