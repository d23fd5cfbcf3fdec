/**
 * Touched: which words and identities an executed op touched, exactly, for traces.
 *
 * Engines ask for the footprint (space/footprints.ts) of an op that is still pending and must err on the safe side; a
 * trace looks back and can tell. Used by traces only.
 */

import { type Automaton, Field } from '../automaton/automaton.js';
import type { MachineTable } from '../machine/machine-table.js';
import type { Layout } from '../ops/layout.js';
import { Opcode, type OpSpec } from '../ops/op.js';
import { Identity, type Index, Ref } from '../ops/ref.js';
import { type ExecutedOp, indexIdentity, operandDomain, operandValue } from './operand-text.js';

/** A word that a step touched. */
export interface Touch {
  readonly word: number;
  readonly writes: boolean;
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
    touches: [...touched].map(([word, writes]) => ({ word, writes })),
    identities: identitiesOf(op, words, touched.keys()),
  };
}

function declared(words: WordsAround, op: ExecutedOp, result: number): [word: number, writes: boolean][] {
  const { spec, word, node } = op;
  const { nodes } = words.automaton;
  switch (spec.code) {
    case Opcode.Compute:
      return (spec.operands ?? []).flatMap((operand): [number, boolean][] =>
        operand instanceof Ref || operand instanceof Identity
          ? []
          : [[operand.region.base + positionOf(operand.index, op.registers), false]],
      );
    case Opcode.Latch: {
      const { count = 1, width = 1 } = spec.region ?? {};
      return Array.from({ length: width }, (_, part) => [word + part * count, false]);
    }
    case Opcode.Claim:
      return claimed(words, spec);
    case Opcode.Follow: {
      const pointer = words.before[word];
      return pointer === 0
        ? [[word, false]]
        : [
            [nodes[node + Field.c] + pointer - 1, true],
            [word, false],
          ];
    }
    default:
      // A compare-exchange that fails has only read.
      return word < 0 ? [] : [[word, spec.writes && !(spec.result === 'boolean' && result === 0)]];
  }
}

/** A claim looks at objects in order until one has the tag, and that one gets the event. */
function claimed({ machines, before }: WordsAround, { region, a = 0, c = 0 }: OpSpec): [number, boolean][] {
  const touched: [number, boolean][] = [];
  const machine = machines[a];
  for (let i = 0; region !== undefined && i < region.count; i++) {
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
  const picked = indexIdentity(spec, registers);
  if (picked !== undefined) found.add(`${picked.domain.name} ${picked.index}`);
  if (spec.region?.refTo !== undefined && word >= 0) {
    for (const value of [before[word], after[word]]) if (value > 0) found.add(`${spec.region.refTo.name} ${value - 1}`);
  }
  if (spec.code === Opcode.CompareRef) {
    const value = operandValue(spec.a ?? -1, registers);
    if (value > 0 && spec.region?.refTo) found.add(`${spec.region.refTo.name} ${value - 1}`);
  }
  if (spec.code === Opcode.Bit || spec.code === Opcode.BitStore) {
    const domain = operandDomain(automaton, op, spec.a ?? -1);
    if (domain !== undefined) found.add(`${domain.name} ${operandValue(spec.a ?? -1, registers) - 1}`);
  }
  for (const each of words) {
    const region = layout.regionOf(each);
    if (region?.kind === 'object') found.add(`${region.name} ${each - region.base}`);
  }
  return [...found];
}

function positionOf(index: Index, registers: Int32Array): number {
  if (index instanceof Ref) return registers[index.register] - 1;
  return index instanceof Identity ? index.index : index;
}
