/**
 * Sharing: which words of a program several actors touch so that the order of their ops may matter, learned from the
 * ops that runs come to.
 *
 * What counts is what an op may touch by its table (core/ops/accesses.ts), from the moment when it is pending: an actor
 * that waits for ever executes nothing, and its op races all the same. The checks that hold always look at their words
 * after every step. Used by the profile and by the stream, whose facts (facts.ts) are made of it.
 */

import { Flag, NODE_WORDS, Field as NodeField } from '../core/automaton/automaton.js';
import { grown } from '../core/grown.js';
import { isFailure, mayBeRefused } from '../core/ops/accesses.js';
import type { Program } from '../core/program/program.js';
import { sectionText } from './op-classes.js';
import { type TouchedWord, TouchWay, wordsTouchedBy } from './op-words.js';

const Field = NodeField;
const { Continues } = Flag;

/** A node is named by its offset. */
const NODE_BITS = Math.log2(NODE_WORDS);

const { Looks, Writes, Own } = TouchWay;

const NONE: readonly number[] = [];
const NOTHING: readonly TouchedWord[] = [];

/** What is known of the words and sections of a program that race; plain data, ascending. */
export interface RacingFacts {
  /** Grows with what is known. */
  readonly version: number;
  readonly words: readonly number[];
  /** Atomic sections, by `sectionText`, in which no op that was met may touch such a word. */
  readonly quiet: readonly string[];
}

/** Facts by which every step may race: nothing is run at once. */
export function everythingRaces({ layout }: Program): RacingFacts {
  return { version: -1, words: Array.from({ length: layout.words }, (_, word) => word), quiet: [] };
}

/** Learns from one automaton, for runs of all actors of its program. */
export class Sharing {
  /** Counts what was learned: words that race now and did not before, and sections that are quiet no more. */
  learned = 0;
  readonly #actors: number;
  readonly #touchers: number;
  /** By word and actor, one after the other: how the actor touches the word. Behind the last actor: the checks. */
  readonly #ways: Uint8Array;
  readonly #races: Uint8Array;
  /** By node (its number) and actor: whether the actor was there. */
  #visited: Uint8Array<ArrayBuffer>;
  /** Nodes inside of atomic sections, by the node at which the section begins. */
  readonly #inside = new Map<number, number[]>();
  /** Ops inside of atomic sections, by the text of the section, and whether one of them races. */
  readonly #sections = new Map<string, { readonly nodes: Set<number>; races: boolean }>();
  /** Nodes that were looked at. */
  #known = 0;

  constructor(readonly program: Program) {
    const { layout, actors, always, automaton } = program;
    this.#actors = actors.length;
    this.#touchers = actors.length + 1;
    this.#ways = new Uint8Array(layout.words * this.#touchers);
    this.#races = new Uint8Array(layout.words);
    this.#visited = new Uint8Array(automaton.size * actors.length * 2);
    for (const word of always.flatMap(({ words }) => words)) this.#touch(word, actors.length, Looks);
    this.grew();
    this.learned = 0;
  }

  /** An actor's pending op is the one at a node, or was. */
  arrived(actor: number, node: number): void {
    const place = (node >> NODE_BITS) * this.#actors + actor;
    if (place < this.#visited.length && this.#visited[place] === 1) return;
    if (place >= this.#visited.length) this.#makeRoom();
    this.#visited[place] = 1;
    this.#touchBy(actor, node);
    for (const inside of this.#inside.get(node) ?? NONE) this.#touchBy(actor, inside);
  }

  /**
   * The op at a node was refused. That ends the run, whatever the others would have broken: its words count as raced for,
   * though one actor alone may touch them, so that others get their turn before.
   */
  refused(node: number): void {
    const { op } = this.program.automaton.infos[node / NODE_WORDS];
    if (op === undefined || !mayBeRefused(op.spec)) return;
    for (const { word } of this.#wordsAt(node)) if (this.#races[word] === 0) this.#raceFor(word);
  }

  /** The automaton may have grown: what lies inside of sections that actors have come to, they may touch. */
  grew(): void {
    const { infos, nodes } = this.program.automaton;
    for (; this.#known < infos.length; this.#known++) {
      const node = this.#known * NODE_WORDS;
      const { atomic } = infos[this.#known];
      if (atomic === undefined) continue;
      const start = this.#startOf(node);
      this.#join(start, node);
      if ((nodes[node + Field.flags] & Continues) === 0) continue;
      const inside = this.#inside.get(start);
      if (inside === undefined) this.#inside.set(start, [node]);
      else inside.push(node);
      for (let actor = 0; actor < this.program.actors.length; actor++) {
        const place = (start / NODE_WORDS) * this.program.actors.length + actor;
        if (this.#visited[place] === 1) this.#touchBy(actor, node);
      }
    }
  }

  /** What is known so far. */
  facts(): RacingFacts {
    const words: number[] = [];
    this.#races.forEach((races, word) => {
      if (races === 1) words.push(word);
    });
    const quiet = [...this.#sections].filter(([, { races }]) => !races).map(([text]) => text);
    return { version: this.learned, words, quiet: quiet.sort() };
  }

  /** Tells how every actor may touch words, in the steps that it came to: by the node at which the step begins. */
  forEachTouch(tell: (node: number, actor: number, word: number, way: number) => void): void {
    const { automaton, actors } = this.program;
    for (let id = 0; id < automaton.size; id++) {
      const node = id * NODE_WORDS;
      for (let actor = 0; actor < actors.length; actor++) {
        if (this.#visited[id * actors.length + actor] !== 1) continue;
        for (const at of [node, ...(this.#inside.get(node) ?? [])]) {
          for (const { word, way } of this.#wordsAt(at)) tell(node, actor, word, way);
        }
      }
    }
  }

  #makeRoom(): void {
    const { automaton, actors } = this.program;
    this.#visited = grown(this.#visited, automaton.size * actors.length * 2);
  }

  /** The node at which the section begins that a node lies in. */
  #startOf(node: number): number {
    const { infos, nodes } = this.program.automaton;
    let at = node;
    while ((nodes[at + Field.flags] & Continues) !== 0) at = infos[at / NODE_WORDS].parent;
    return at;
  }

  #join(start: number, node: number): void {
    const text = sectionText(this.program.automaton, start);
    const known = this.#sections.get(text);
    const section = known ?? { nodes: new Set(), races: false };
    if (known === undefined) this.#sections.set(text, section);
    section.nodes.add(node);
    const { op } = this.program.automaton.infos[node / NODE_WORDS];
    const fails = op !== undefined && isFailure(op.spec);
    if (!section.races && (fails || this.#wordsAt(node).some(({ word }) => this.#races[word] === 1))) {
      section.races = true;
      this.learned++;
    }
  }

  #touchBy(actor: number, node: number): void {
    for (const { word, way } of this.#wordsAt(node)) this.#touch(word, actor, way);
  }

  #wordsAt(node: number): readonly TouchedWord[] {
    const { op } = this.program.automaton.infos[node / NODE_WORDS];
    return op === undefined ? NOTHING : wordsTouchedBy(op);
  }

  #touch(word: number, toucher: number, way: number): void {
    const first = word * this.#touchers;
    const before = this.#ways[first + toucher];
    if ((before | way) === before) return;
    this.#ways[first + toucher] |= way;
    if (this.#races[word] === 0 && this.#racesOn(first, toucher)) this.#raceFor(word);
  }

  #raceFor(word: number): void {
    this.#races[word] = 1;
    this.learned++;
    for (const section of this.#sections.values()) {
      section.races ||= [...section.nodes].some((node) => this.#wordsAt(node).some((each) => each.word === word));
    }
  }

  /** Whether what one toucher does to a word races with what some other does. */
  #racesOn(first: number, toucher: number): boolean {
    const mine = this.#ways[first + toucher];
    for (let other = 0; other < this.#touchers; other++) {
      if (other !== toucher && racesWith(mine, this.#ways[first + other])) return true;
    }
    return false;
  }
}

/** Whether the order of two ways of touching a word may matter: looks commute, and so do changes of own bits. */
export function racesWith(mine: number, theirs: number): boolean {
  if (mine === 0 || theirs === 0) return false;
  if (((mine | theirs) & Writes) !== 0) return true;
  return ((mine & Own) !== 0 && (theirs & Looks) !== 0) || ((mine & Looks) !== 0 && (theirs & Own) !== 0);
}
