/**
 * Trace cells: which cells a trace document names, and what they hold in it, followed op by op. Used by what makes the
 * documents.
 */

import type { Region } from '../core/ops/layout.js';
import { bitOfActor, type Program, planeOfActor } from '../core/program/program.js';
import { LATCH_ROLES } from '../core/story/deadlock.js';
import { heldText } from '../core/story/operand-text.js';
import type { Touch } from '../core/story/touched.js';
import type { Trace } from '../core/story/trace.js';
import type { DocumentValue, TraceDocument } from '../trace/trace-schema.js';

/** What one op did to one cell of the document. */
type Access = NonNullable<TraceDocument['steps'][number]['ops']>[number]['accesses'][number];

/** A cell by its first word: a latch has several, and an array of several regions has one list of cells. */
interface CellOfRun {
  readonly word: number;
  readonly region: Region;
}

/** The cells of a run, and their values as its ops go by. */
export class TraceCells {
  readonly #program: Program;
  readonly #actors: number;
  /** The words of the layout as they are. */
  readonly #words: Int32Array;
  readonly #initial: Int32Array;
  readonly #cells: readonly CellOfRun[];
  readonly #places = new Map<number, number>();
  /** Of each token, by its word: the actors that have taken it. */
  readonly #taken = new Map<number, Set<number>>();
  readonly #roles = new Map<Region, readonly string[]>();

  constructor({ program, actors, steps, violation, blocked }: Trace) {
    this.#program = program;
    this.#actors = actors.length;
    this.#initial = program.layout.initial();
    this.#words = this.#initial.slice();
    const words = new Set<number>(blocked.waiters.flatMap(({ cells }) => cells));
    for (const { ops } of steps) {
      for (const { touches, lock } of ops) {
        for (const { word } of touches) words.add(this.#firstWord(word));
        if (lock?.roles !== undefined) this.#roles.set(program.layout.regionOf(lock.word)!, lock.roles);
      }
    }
    for (const { name, words: looked } of [...program.always, ...program.finally]) {
      if (name === violation?.rule) for (const word of looked) words.add(this.#firstWord(word));
    }
    const sorted = [...words].filter((word) => word >= 0).sort((one, other) => one - other);
    this.#cells = sorted.map((word) => ({ word, region: program.layout.regionOf(word)! }));
    for (const [place, { word }] of this.#cells.entries()) this.#places.set(word, place);
  }

  /** The cells as the document names them. */
  describe(): TraceDocument['cells'] {
    const { layout } = this.#program;
    return this.#cells.map(({ word, region }) => {
      const machine = this.#machineOf(region);
      return {
        ...{ name: layout.nameOf(word), class: region.part?.name ?? region.name },
        kind: region.kind !== 'latch' ? region.kind : region.isToken ? 'token' : 'lock',
        ...(machine !== undefined && { machine }),
        initial: this.#valueIn(this.#initial, word, region),
      };
    });
  }

  /** The place of the cell that has a word; undefined when the run does not come to it. */
  placeOf(word: number): number | undefined {
    return this.#places.get(this.#firstWord(word));
  }

  /** The place of the cell of that name. */
  placeOfName(name: string): number | undefined {
    const place = this.#cells.findIndex(({ word }) => this.#program.layout.nameOf(word) === name);
    return place < 0 ? undefined : place;
  }

  /** Takes in what an op touched, the next of the run, and says what it did to the cells. */
  follow(touches: readonly Touch[]): Access[] {
    const places = new Map<number, boolean>();
    for (const { word, writes } of touches) {
      const place = this.placeOf(word);
      if (place !== undefined) places.set(place, writes || places.get(place) === true);
    }
    const before = new Map([...places.keys()].map((place) => [place, this.#valueAt(place)]));
    for (const { word, after } of touches) this.#words[word] = after;
    return [...places].map(([cell, writes]) => {
      const [was, is] = [before.get(cell)!, this.#valueAt(cell)];
      const changed = JSON.stringify(was) !== JSON.stringify(is);
      return { cell, ...(writes && { writes: true as const }), before: was, ...(changed && { after: is }) };
    });
  }

  #valueAt(place: number): DocumentValue {
    const { word, region } = this.#cells[place];
    return this.#valueIn(this.#words, word, region);
  }

  #valueIn(words: Int32Array, word: number, region: Region): DocumentValue {
    if (region.isToken) return this.#takers(words, word, region);
    if (region.kind === 'latch') return this.#holders(words, word, region);
    const machine = this.#machineOf(region);
    if (machine !== undefined) return Object.values(this.#program.machines[machine].decode(words[word]));
    return heldText(region, words[word]);
  }

  #holders(words: Int32Array, word: number, region: Region): Record<string, number[]> {
    const { width, count, planes } = region;
    const roles = this.#roles.get(region) ?? rolesOfWidth(width);
    const holders: Record<string, number[]> = {};
    for (let part = 0; part < width; part++) {
      const role = roles[Math.min(part, roles.length - 1)];
      for (let actor = 0; actor < this.#actors; actor++) {
        const at = word + planes[planeOfActor(actor)] + part * count;
        if ((words[at] & bitOfActor(actor)) === 0) continue;
        holders[role] = [...new Set([...(holders[role] ?? []), actor])];
      }
    }
    return holders;
  }

  /** Who took a token, whether it has changed since or not; a bit that is not set says that its actor has taken it. */
  #takers(words: Int32Array, word: number, { planes }: Region): Record<string, number[]> {
    const taken = this.#taken.get(word) ?? new Set();
    this.#taken.set(word, taken);
    const since: Record<string, number[]> = {};
    for (let actor = 0; actor < this.#actors; actor++) {
      const isSet = (words[word + planes[planeOfActor(actor)]] & bitOfActor(actor)) !== 0;
      if (!isSet) taken.add(actor);
      if (!taken.has(actor)) continue;
      const role = isSet ? 'changed since' : 'unchanged since';
      since[role] = [...(since[role] ?? []), actor];
    }
    return since;
  }

  /** The first word of the cell that a word belongs to. */
  #firstWord(word: number): number {
    const { layout } = this.#program;
    const region = layout.regionOf(word);
    if (region?.kind !== 'latch') return word;
    const first = layout.regions.find(({ name, isPlane }) => name === region.name && !isPlane)!;
    return first.base + ((word - region.base) % region.count);
  }

  #machineOf(region: Region): number | undefined {
    if (region.kind !== 'object') return undefined;
    return this.#program.objects.find((each) => each.region === region)?.machine;
  }
}

function rolesOfWidth(width: number): readonly string[] {
  return LATCH_ROLES[Math.min(width, LATCH_ROLES.length - 1)];
}
