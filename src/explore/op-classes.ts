/**
 * Classes of ops: an op by its function and label without numbers, whoever runs it; all of an atomic section is one class.
 * Used by what prefers some interleavings to others.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton/automaton.js';
import { grown } from '../core/grown.js';
import { functionAt, opClass, withoutNumbers } from '../core/story/signature.js';

/** A node is named by its offset. */
const NODE_BITS = Math.log2(NODE_WORDS);

/** The class of a node at which no op is pending. */
export const NO_CLASS = 0;

/** Classes are below that. */
export const CLASSES = 65_536;

/** Two classes as one word. */
export function pairOf(before: number, after: number): number {
  return (before * CLASSES + after) | 0;
}

/** Numbers the classes of one automaton in the order in which they are asked for, from 1 on. */
export class OpClasses {
  /** By number. */
  readonly texts: string[] = ['no op'];
  readonly #numbers = new Map<string, number>();
  #known = new Int32Array(256);

  constructor(readonly automaton: Automaton) {}

  /** The class of the op at a node. */
  of(node: number): number {
    const id = node >> NODE_BITS;
    if (id < this.#known.length && this.#known[id] !== 0) return this.#known[id];
    if (id >= this.#known.length) this.#known = grown(this.#known, id * 2);
    if (this.automaton.infos[id].op === undefined) return NO_CLASS;
    const text = classText(this.automaton, node);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    this.#known[id] = number;
    return number;
  }
}

/** `kvm_gmem_get_folio: folio = i_pages[*]`; for an op in an atomic section the section instead of the op. */
export function classText(automaton: Automaton, node: number): string {
  const known = knownTexts(automaton);
  const id = node / NODE_WORDS;
  known[id] ??= madeText(automaton, node);
  return known[id];
}

/** The atomic section that a node lies in. */
export function sectionText(automaton: Automaton, node: number): string {
  const { atomic } = automaton.info(node);
  return atomic === undefined ? inSection(automaton, node, '') : classText(automaton, node);
}

/** By automaton and number of a node: several ask for each, and a text costs more than a step. */
const texts = new WeakMap<Automaton, string[]>();

function knownTexts(automaton: Automaton): string[] {
  let known = texts.get(automaton);
  if (known === undefined) {
    known = [];
    texts.set(automaton, known);
  }
  return known;
}

function madeText(automaton: Automaton, node: number): string {
  const { atomic } = automaton.info(node);
  if (atomic !== undefined) return inSection(automaton, node, atomic);
  return `${functionAt(automaton, node)}: ${opClass(automaton, node)}`;
}

function inSection(automaton: Automaton, node: number, atomic: string): string {
  return `${functionAt(automaton, node)}: ${withoutNumbers(atomic)} as one step`;
}
