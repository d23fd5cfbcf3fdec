/**
 * Canonical: of the states that differ only in which of the interchangeable actors is which, always the same one.
 *
 * The actors of a group are sorted by what concerns each of them alone: its local state, its registers and results, the
 * locks it holds, the cells that refer to it. Actors that tie are truly interchangeable, unless registers hold refs to
 * others of the group; then every order of the ties is tried and the smallest state is kept. Used by the search.
 */

import type { Domain } from '../core/ops/ref.js';
import { comesFirst, interleavings, orderCount } from './arrangements.js';
import { Holders } from './holders.js';
import { registerDomain } from './live-registers.js';
import type { SymmetricGroup } from './symmetry.js';
import type { System } from './system.js';

/** Orders of tied actors that are tried at most; beyond them the state is only sorted, which is sound but finds less. */
const MOST_ORDERS = 720;
/** States of an orbit that are told apart at most. */
const MOST_IN_ORBIT = 5040;

/** In place of a ref: to the member itself, to another member. Beyond the range of words. */
const SELF = 2 ** 40;
const OTHER = 2 ** 41;

/** Brings states of one system to their canonical form. */
export class Canonical {
  readonly #groups: readonly GroupOrder[];
  readonly #out: Int32Array;

  constructor(
    readonly system: System,
    readonly groups: readonly SymmetricGroup[],
  ) {
    this.#groups = groups.map((group) => new GroupOrder(system, group));
    this.#out = new Int32Array(system.fields);
  }

  /** The fields of the canonical form; undefined when the state is in canonical form itself. Valid until the next call. */
  of(state: Int32Array): Int32Array | undefined {
    let at = state;
    for (const group of this.#groups) {
      const order = group.sort(at);
      if (order === undefined) continue;
      group.apply(at, order, this.#out);
      at = this.#out;
    }
    return at === state ? undefined : at;
  }

  /**
   * Actors that tie with an earlier one, as a set: their steps lead where those of the earlier one lead, but for
   * which actor is which.
   */
  twins(state: Int32Array): number {
    const { sets } = this.system;
    if (sets.isWide) return sets.of(this.#groups.flatMap((group) => group.twinsOfMany(state)));
    let twins = 0;
    for (let i = 0; i < this.#groups.length; i++) twins |= this.#groups[i].twins(state);
    return twins;
  }

  /** Every state that differs from `state` only in which actor is which; undefined when there are too many. */
  orbit(state: Int32Array): readonly Int32Array[] | undefined {
    let states: Int32Array[] = [state.slice(0, this.system.fields)];
    for (const group of this.#groups) {
      const from = states;
      states = [];
      for (const each of from) {
        const orders = group.orders(each, Math.floor(MOST_IN_ORBIT / from.length));
        if (orders === undefined) return undefined;
        for (const order of orders) {
          const out = new Int32Array(this.system.fields);
          group.apply(each, Int32Array.from(order), out);
          states.push(out);
        }
      }
    }
    return states;
  }
}

/** Sorts the actors of one group. Orders are positions within the group: place i is taken by member `order[i]`. */
class GroupOrder {
  readonly #order: Int32Array;
  /** Where each member goes. */
  readonly #places: Int32Array;
  readonly #localBase: number;
  readonly #refWords: Int32Array;
  readonly #holders: Holders;
  /** Of the latch words, those that are not cells that each member has one of. */
  readonly #sharedLatches: Int32Array;
  /** By own cell: whether it holds bits of actors. */
  readonly #isLatch: readonly boolean[];
  /** The bits of all members. */
  readonly #memberBits: number;
  readonly #actors: Int32Array;
  readonly #identities: Int32Array;
  /** Member of the group by identity, -1 for none. */
  readonly #memberOf: Int32Array;
  /** Per actor and local state: which slots hold refs into the domain, as a bit set; actors of one script share a row. */
  readonly #refSlots: number[][];

  constructor(
    readonly system: System,
    readonly group: SymmetricGroup,
  ) {
    this.#actors = Int32Array.from(group.actors);
    this.#identities = Int32Array.from(group.identities);
    this.#order = Int32Array.from(group.actors, (_, place) => place);
    this.#places = this.#order.slice();
    this.#localBase = system.localBase;
    this.#refWords = Int32Array.from(group.refWords);
    this.#memberOf = new Int32Array(group.domain?.count ?? 0).fill(-1);
    if (group.domain !== undefined) {
      group.identities.forEach((index, member) => {
        this.#memberOf[index] = member;
      });
    }
    const rows = new Map(system.scripts.map((script): [unknown, number[]] => [script, []]));
    this.#refSlots = system.scripts.map((script) => rows.get(script) as number[]);
    this.#holders = new Holders(system);
    const owned = new Set(group.own.flatMap(({ words }) => words));
    this.#sharedLatches = this.#holders.words.filter((word) => !owned.has(word));
    const words = new Set(this.#holders.words);
    this.#isLatch = group.own.map((own) => words.has(own.words[0]));
    this.#memberBits = group.actors.reduce((bits, actor) => bits | (1 << actor), 0);
  }

  /** The order that sorts the group; undefined when it is sorted. */
  sort(state: Int32Array): Int32Array | undefined {
    const order = this.#order;
    let ties = false;
    for (let place = 0; place < order.length; place++) {
      let at = place;
      for (; at > 0; at--) {
        const difference = this.#compare(state, order[at - 1], place);
        if (difference === 0) ties = true;
        if (difference <= 0) break;
        order[at] = order[at - 1];
      }
      order[at] = place;
    }
    if (ties && this.group.domain !== undefined && this.#hasCrosses(state)) return this.#smallest(state);
    for (let place = 0; place < order.length; place++) if (order[place] !== place) return order;
    return undefined;
  }

  /** Members that tie with the one before them, as a bit set of actors; none where refs cross. */
  twins(state: Int32Array): number {
    const actors = this.#actors;
    let twins = 0;
    for (let member = 1; member < actors.length; member++) {
      if (this.#compare(state, member - 1, member) === 0) twins |= 1 << actors[member];
    }
    return twins !== 0 && this.group.domain !== undefined && this.#hasCrosses(state) ? 0 : twins;
  }

  /** The same of a wide program, as a list. */
  twinsOfMany(state: Int32Array): readonly number[] {
    const twins = this.group.actors.filter((_, member) => member > 0 && this.#compare(state, member - 1, member) === 0);
    return twins.length > 0 && this.group.domain !== undefined && this.#hasCrosses(state) ? [] : twins;
  }

  /** The orders of the group that lead to different states, one for each; undefined when there are more than `most`. */
  orders(state: Int32Array, most: number): readonly (readonly number[])[] | undefined {
    const members = Array.from(this.#actors, (_, member) => member);
    const isCrossed = this.group.domain !== undefined && this.#hasCrosses(state);
    const runs = isCrossed
      ? members.map((member) => [member])
      : this.#ties(
          state,
          members.sort((left, right) => this.#compare(state, left, right)),
        );
    let count = orderCount(members.length);
    for (const run of runs) count /= orderCount(run.length);
    return count > most ? undefined : interleavings(runs);
  }

  /** Writes the state with the group in another order. `out` may be the state itself. */
  apply(state: Int32Array, order: Int32Array, out: Int32Array): void {
    const { system } = this;
    const source = state === out ? state.slice(0, system.fields) : state;
    if (state !== out) for (let field = 0; field < system.fields; field++) out[field] = source[field];
    const places = this.#places;
    for (let place = 0; place < order.length; place++) places[order[place]] = place;
    this.#applyWords(source, places, out);
    for (let place = 0; place < order.length; place++) {
      this.#copyActor(source, this.#actors[order[place]], out, this.#actors[place]);
    }
    if (this.group.domain !== undefined) this.#renameSlots(places, out);
  }

  #applyWords(source: Int32Array, places: Int32Array, out: Int32Array): void {
    const refs = this.#refWords;
    for (let i = 0; i < refs.length; i++) out[refs[i]] = this.#renamed(source[refs[i]], places);
    for (const { words, refers } of this.group.own) {
      for (let member = 0; member < words.length; member++) {
        const value = source[words[member]];
        out[words[places[member]]] = refers ? this.#renamed(value, places) : value;
      }
    }
    // Own cells of latch regions were moved already: the bits are read from where they are now.
    this.#holders.rename(this.#actors, places, out);
  }

  #copyActor(source: Int32Array, from: number, out: Int32Array, to: number): void {
    const { localBase, slotBase, slots, resultBase, program } = this.system;
    out[localBase + to] = source[localBase + from];
    for (let slot = 0; slot < slots; slot++) out[slotBase + to * slots + slot] = source[slotBase + from * slots + slot];
    const calls = program.actors[from].calls.length;
    for (let call = 0; call < calls; call++) out[resultBase[to] + call] = source[resultBase[from] + call];
  }

  #renameSlots(places: Int32Array, out: Int32Array): void {
    const { actors, slotBase, slots, localBase } = this.system;
    if (slots === 0) return;
    for (let actor = 0; actor < actors; actor++) {
      const refs = this.#refSlotsOf(actor, out[localBase + actor]);
      for (let slot = 0; refs >> slot !== 0; slot++) {
        const at = slotBase + actor * slots + slot;
        if (((refs >> slot) & 1) !== 0) out[at] = this.#renamed(out[at], places);
      }
    }
  }

  /** A ref (index + 1) after the members have moved. */
  #renamed(value: number, places: Int32Array): number {
    if (value <= 0) return value;
    const member = this.#memberOf[value - 1];
    return member < 0 ? value : this.#identities[places[member]] + 1;
  }

  /** Orders two members by what concerns each alone. */
  #compare(state: Int32Array, left: number, right: number): number {
    const a = this.#actors[left];
    const b = this.#actors[right];
    const local = state[this.#localBase + a];
    const difference = local - state[this.#localBase + b];
    return difference !== 0 ? difference : this.#compareFurther(state, left, right, local);
  }

  #compareFurther(state: Int32Array, left: number, right: number, local: number): number {
    const { slotBase, slots, resultBase, program } = this.system;
    const a = this.#actors[left];
    const b = this.#actors[right];
    const refWords = this.#refWords;
    let difference = 0;
    for (let i = 0; i < refWords.length; i++) {
      const value = state[refWords[i]] - 1;
      difference = Number(value === this.#identities[left]) - Number(value === this.#identities[right]);
      if (difference !== 0) return difference;
    }
    for (let i = 0; i < this.#sharedLatches.length; i++) {
      const word = this.#sharedLatches[i];
      difference = this.#holders.has(state, word, a) - this.#holders.has(state, word, b);
      if (difference !== 0) return difference;
    }
    const { own } = this.group;
    for (let i = 0; i < own.length; i++) {
      const mine = state[own[i].words[left]];
      const other = state[own[i].words[right]];
      if (this.#isLatch[i]) difference = this.#relativeBits(mine, a) - this.#relativeBits(other, b);
      else difference = own[i].refers ? this.#relative(mine, left) - this.#relative(other, right) : mine - other;
      if (difference !== 0) return difference;
    }
    const refs = slots === 0 ? 0 : this.#refSlotsOf(a, local);
    for (let slot = 0; slot < slots; slot++) {
      const mine = state[slotBase + a * slots + slot];
      const other = state[slotBase + b * slots + slot];
      const refers = ((refs >> slot) & 1) !== 0;
      difference = refers ? this.#relative(mine, left) - this.#relative(other, right) : mine - other;
      if (difference !== 0) return difference;
    }
    const calls = program.actors[a].calls.length;
    for (let call = 0; call < calls; call++) {
      difference = state[resultBase[a] + call] - state[resultBase[b] + call];
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /**
   * A ref without the names of members: the member itself and another are two numbers that no word holds, since a cell may
   * hold any mark below 0.
   */
  #relative(value: number, member: number): number {
    if (value <= 0) return value;
    const refers = this.#memberOf[value - 1];
    if (refers < 0) return value;
    return refers === member ? SELF : OTHER;
  }

  /** Bits of actors without the names of members: those of others, and whether the member itself and another are there. */
  #relativeBits(bits: number, actor: number): number {
    const self = (bits >> actor) & 1;
    const others = (bits & this.#memberBits & ~(1 << actor)) !== 0 ? 1 : 0;
    return (bits & ~this.#memberBits) * 4 + self * 2 + others;
  }

  /** Whether something that belongs to an actor holds a ref to a member other than the actor itself, or its bit. */
  #hasCrosses(state: Int32Array): boolean {
    const { actors, slotBase, slots, localBase } = this.system;
    for (let i = 0; i < this.#isLatch.length; i++) {
      const { words } = this.group.own[i];
      for (let member = 0; this.#isLatch[i] && member < words.length; member++) {
        if ((state[words[member]] & this.#memberBits & ~(1 << this.#actors[member])) !== 0) return true;
      }
    }
    for (const { words, refers } of this.group.own) {
      for (let member = 0; refers && member < words.length; member++) {
        const value = state[words[member]];
        if (value > 0 && this.#memberOf[value - 1] !== member && this.#memberOf[value - 1] >= 0) return true;
      }
    }
    for (let actor = 0; actor < actors; actor++) {
      const refs = slots === 0 ? 0 : this.#refSlotsOf(actor, state[localBase + actor]);
      for (let slot = 0; refs >> slot !== 0; slot++) {
        const value = state[slotBase + actor * slots + slot];
        if (((refs >> slot) & 1) === 0 || value <= 0) continue;
        const member = this.#memberOf[value - 1];
        if (member >= 0 && this.#actors[member] !== actor) return true;
      }
    }
    return false;
  }

  /** Runs of members that tie, of members that are sorted. */
  #ties(state: Int32Array, sorted: readonly number[]): readonly (readonly number[])[] {
    const runs: number[][] = [];
    sorted.forEach((member, place) => {
      const tied = place > 0 && this.#compare(state, sorted[place - 1], member) === 0;
      if (tied) (runs.at(-1) as number[]).push(member);
      else runs.push([member]);
    });
    return runs;
  }

  /** The order among those that sort the group which gives the smallest state. */
  #smallest(state: Int32Array): Int32Array | undefined {
    const sorted = Array.from(this.#order);
    const runs = this.#ties(state, sorted);
    let orders: number[][] = [[]];
    for (const run of runs) {
      if (orders.length * orderCount(run.length) > MOST_ORDERS) {
        return this.#order.every((m, p) => m === p) ? undefined : this.#order;
      }
      const tails = interleavings(run.map((member) => [member]));
      orders = orders.flatMap((head) => tails.map((tail) => [...head, ...tail]));
    }
    let best: Int32Array | undefined;
    let bestOrder = sorted;
    for (const order of orders) {
      const out = new Int32Array(this.system.fields);
      this.apply(state, Int32Array.from(order), out);
      if (best !== undefined && !comesFirst(out, best)) continue;
      best = out;
      bestOrder = order;
    }
    if (bestOrder.every((member, place) => member === place)) return undefined;
    this.#order.set(bestOrder);
    return this.#order;
  }

  #refSlotsOf(actor: number, local: number): number {
    const known = this.#refSlots[actor];
    known[local] ??= this.#findRefSlots(actor, local, this.group.domain);
    return known[local];
  }

  #findRefSlots(actor: number, local: number, domain: Domain | undefined): number {
    if (domain === undefined) return 0;
    const { node, live } = this.system.scripts[actor].states[local];
    let refs = 0;
    live.forEach((register, slot) => {
      if (registerDomain(this.system.program.automaton, node, register) === domain) refs |= 1 << slot;
    });
    return refs;
  }
}
