/**
 * Names of what a live run shows: ops of the past, of which only the word and its value are known, and where actors
 * are. Used by the live thread.
 */

import { DONE } from '../core/automaton/automaton.js';
import { Opcode } from '../core/ops/op.js';
import { Identity, PartRef, Ref } from '../core/ops/ref.js';
import type { Program } from '../core/program/program.js';
import { refText } from '../core/story/operand-text.js';
import { functionAt, opClass } from '../core/story/signature.js';
import type { ActorPlace } from './messages.js';

/** Where an actor is whose next op is at `node`, on `word` (-1: not known); undefined when it is done. */
export function placeOf(program: Program, node: number, word: number): ActorPlace | undefined {
  if (node <= DONE || program.automaton.info(node).op === undefined) return undefined;
  return {
    function: functionAt(program.automaton, node),
    op: liveOpText(program, node, word, undefined),
    opClass: opClass(program.automaton, node),
  };
}

/** An op as text: its label with the cell, the identity that picked the cell, and a ref that it stored. */
export function liveOpText(program: Program, node: number, word: number, value: number | undefined): string {
  const { spec } = program.automaton.opOf(node);
  const { region, index } = spec;
  return spec.label.replace(/%|\$[abi\d]/g, (mark) => {
    if (mark === '%') return word >= 0 ? program.layout.nameOf(word) : (region?.name ?? mark);
    if (mark === '$i' && region !== undefined && word >= region.base && word < region.base + region.count) {
      if (index instanceof PartRef)
        return `${index.part.name} ${(word - region.base) * index.part.of + index.part.place}`;
      const domain = index instanceof Ref || index instanceof Identity ? index.domain : undefined;
      return refText(domain, word - region.base + 1);
    }
    const stores = spec.code === Opcode.StoreRef || spec.code === Opcode.CompareExchangeRef;
    if (mark === '$a' && stores && value !== undefined && value >= 0) return refText(region?.refTo, value);
    return '*';
  });
}
