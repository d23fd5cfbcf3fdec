/**
 * Touched: which words and identities an executed op touched, exactly, for traces.
 *
 * Engines ask for the footprint (space/footprints.ts) of an op that is still pending and must err on the safe side; a
 * trace looks back and can tell. Used by traces only.
 */

import type { Automaton } from '../automaton/automaton.js';
import type { MachineTable } from '../machine/machine-table.js';
import { type AccessKind, accessesOf, bitOperandOf, comparedRefsOf } from '../ops/accesses.js';
import type { Layout, Region } from '../ops/layout.js';
import type { OpSpec } from '../ops/op.js';
import { Identity, type Index, Ref } from '../ops/ref.js';
import { type ExecutedOp, indexText, operandDomain, operandValue } from './operand-text.js';

/** A word that a step touched. */
export interface Touch {
  readonly word: number;
  readonly writes: boolean;
  /** What it holds behind the op. */
  readonly after: number;
}

/** What an op did to shared words. */
export interface Touched {
  /** Each word once, in the order in which the op came to it; ghosts last. */
  readonly touches: readonly Touch[];
  /** The identities (`folio 1`, `gfn 0`) it was about. */
  readonly identities: readonly string[];
}

/** Words of shared memory before and after an op, and what is needed to read them. */
export interface WordsAround {
  readonly automaton: Automaton;
  readonly layout: Layout;
  readonly machines: readonly MachineTable[];
  /** All words of the layout before the op. */
  readonly before: Int32Array;
  /** The state after the op. */
  readonly after: Int32Array;
}

/** What an op touched that has just been executed with `result`. */
export function touchedBy(words: WordsAround, op: ExecutedOp, result: number): Touched {
  const touched = new Map<number, boolean>();
  for (const [word, writes] of declared(words, op, result)) touched.set(word, writes || touched.get(word) === true);
  // Whatever changed beside the declared words is a ghost, or an operand that a compute op wrote.
  for (let word = 0; word < words.before.length; word++) {
    if (words.before[word] !== words.after[word]) touched.set(word, true);
  }
  return {
    touches: [...touched].map(([word, writes]) => ({ word, writes, after: words.after[word] })),
    identities: identitiesOf(op, words, touched.keys()),
  };
}

/** The words that the op named, or found, and whether it stored there; what else it changed shows in the words. */
function declared(words: WordsAround, executed: ExecutedOp, result: number): [word: number, writes: boolean][] {
  const { word, registers } = executed;
  const op = words.automaton.opOf(executed.node);
  const touched: [word: number, writes: boolean][] = [];
  for (const { region, at, part, how, via } of accessesOf(op)) {
    if (via === 'claim') touched.push(...claimed(words, op.spec, region));
    else if (via === 'pointer') {
      const pointer = words.before[word];
      if (pointer > 0) touched.unshift([region.base + pointer - 1, true]);
    } else if (via === 'direct') {
      const place = at === 'any' ? word : region.base + part * region.count + positionOf(at, registers);
      touched.push([place, storesFor(op.spec, how, result)]);
    }
  }
  return touched;
}

/** A compare-exchange that fails has only read; what a lock op or a computation stored is to be seen in the words. */
function storesFor({ operands, result: kind }: OpSpec, how: AccessKind, result: number): boolean {
  return how === 'store' || (how === 'rmw' && operands === undefined && !(kind === 'boolean' && result === 0));
}

/** A claim looks at objects in order until one has the tag, and that one gets the event. */
function claimed({ machines, before }: WordsAround, { a = 0, c = 0 }: OpSpec, region: Region): [number, boolean][] {
  const touched: [number, boolean][] = [];
  const machine = machines[a];
  for (let i = 0; i < region.count; i++) {
    const has = machine.hasTag(before[region.base + i], machine.tags[c]);
    touched.push([region.base + i, has]);
    if (has) return [...touched].reverse();
  }
  return touched;
}

function identitiesOf(
  op: ExecutedOp,
  { automaton, layout, before, after }: WordsAround,
  words: Iterable<number>,
): string[] {
  const { spec, registers, word } = op;
  const found = new Set<string>();
  const picked = indexText(spec, registers);
  if (picked !== undefined) found.add(picked);
  if (spec.region?.refTo !== undefined && word >= 0) {
    for (const value of [before[word], after[word]]) if (value > 0) found.add(`${spec.region.refTo.name} ${value - 1}`);
  }
  // What a cell was compared with, or stored from, and which bit was meant, need not be what the cell holds.
  const named = bitOperandOf(spec) ?? (spec.writes ? undefined : comparedRefsOf(spec)?.operands[0]);
  if (named !== undefined && spec.region !== undefined) {
    const domain = operandDomain(automaton, op, named);
    const value = operandValue(named, registers);
    if (domain !== undefined && value > 0) found.add(`${domain.name} ${value - 1}`);
  }
  for (const each of words) {
    const region = layout.regionOf(each);
    if (region?.kind === 'object') found.add(layout.nameOf(each).replace(/\[(\d+)\]$/, ' $1'));
  }
  return [...found];
}

function positionOf(index: Index, registers: Int32Array): number {
  if (index instanceof Ref) return registers[index.register] - 1;
  return index instanceof Identity ? index.index : index;
}
