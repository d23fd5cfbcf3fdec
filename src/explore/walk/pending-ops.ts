/**
 * Pending ops: what strategies that look at ops are told of the one at a root, in the memory of the walk kernel: its class, its
 * word, whether it may write and what it records. Used by the walk trees, for Pair and POS.
 */

import { Field, Flag } from '../../core/automaton/automaton.js';
import { Opcode } from '../../core/ops/op.js';
import type { Program } from '../../core/program/program.js';
import * as L from '../../kernels/walk-words.js';
import { stepKind } from '../may-race.js';
import { OpClasses } from '../op-classes.js';

/** The word of an op, or what names it among those from `first` on. */
interface NamedWord {
  readonly first: number;
  /** The register that names it; undefined where it is the first. */
  readonly register?: number;
  /** Bits that the number is moved down by: of a bitmap it names a bit. */
  readonly shift?: number;
  /** Whether there is no such cell. */
  readonly isNone?: boolean;
}

/** Fills in roots of one program. */
export class PendingOps {
  readonly #classes: OpClasses;
  /** By class, and by class and actor: where they keep what strategies keep of them. */
  readonly #held = new Map<number, number>();
  readonly #pairs = new Map<number, number>();

  /**
   * @param allot words of the memory that nobody has
   * @param put writes a word of the memory
   * @param nowhere address of a field that holds 0: a ref that names no cell
   */
  constructor(
    readonly program: Program,
    readonly allot: (words: number) => number,
    readonly put: (at: number, value: number) => void,
    readonly nowhere: number,
  ) {
    this.#classes = new OpClasses(program.automaton);
  }

  /** Fills in a root of an actor at a node; `addressOf` tells where a register lies there, undefined for nowhere. */
  fill(root: number, actor: number, node: number, addressOf: (register: number) => number | undefined): void {
    const { program, put, allot } = this;
    const { automaton } = program;
    const { nodes } = automaton;
    const number = this.#classes.of(node);
    put(
      root + L.ROOT_CLASS,
      known(this.#held, number, () => allot(1)),
    );
    put(
      root + L.ROOT_PAIR,
      known(this.#pairs, number * program.actors.length + actor, () => allot(3)),
    );
    const { spreads, records } = stepKind(automaton, node);
    const stores = (nodes[node + Field.flags] & Flag.Writes) !== 0;
    const traits = (spreads ? L.SPREADS_OUT : 0) | (records ? L.RECORDS_GHOSTS : 0) | (stores ? L.MAY_STORE : 0);
    put(root + L.ROOT_OP_TRAITS, traits);
    const { first, register, shift = 0, isNone } = this.#wordAt(node);
    put(root + L.ROOT_WORD, first);
    const named = register === undefined ? 0 : (addressOf(register) ?? this.nowhere);
    put(root + L.ROOT_REF, isNone ? this.nowhere : named);
    put(root + L.ROOT_CELLS, nodes[node + Field.stride]);
    put(root + L.ROOT_SHIFT, shift);
    const ghosts = automaton.info(node).op?.recordings ?? [];
    const list = allot(ghosts.length + 1);
    put(list, ghosts.length);
    for (const [place, { word }] of ghosts.entries()) put(list + 4 + place * 4, word);
    put(root + L.ROOT_GHOSTS, list);
  }

  /** The word of the op at a node, as the executor tells it (effects.ts). */
  #wordAt(node: number): NamedWord {
    const { nodes } = this.program.automaton;
    const first = nodes[node + Field.base];
    const register = nodes[node + Field.register];
    if (register >= 0) return { first, register };
    const code = nodes[node + Field.code];
    if (code !== Opcode.Bit && code !== Opcode.BitStore) return { first };
    const operand = nodes[node + Field.a];
    if (operand >= 0) return { first, register: operand, shift: 5 };
    const cell = (-operand - 2) >> 5;
    return { first: first + cell, isNone: cell < 0 || cell >= nodes[node + Field.stride] };
  }
}

function known(places: Map<number, number>, key: number, make: () => number): number {
  const place = places.get(key) ?? make();
  places.set(key, place);
  return place;
}
