/**
 * Live registers: which registers of an actor may still be read at a node. The rest may hold anything, so states that
 * differ only there are one. A backward analysis over a completed automaton. Used by merge.ts.
 */

import { AGAIN, type Automaton, Field, NODE_WORDS } from '../core/automaton/automaton.js';
import { registerUseOf } from '../core/ops/accesses.js';
import { type Domain, Identity, Ref } from '../core/ops/ref.js';
import { type Completion, type LocalEdges, THROWS } from './complete.js';

const NONE = new Int32Array(0);

/** Registers that are live at each node of a completed automaton, ascending; by node. */
export function liveRegisters(automaton: Automaton, { nodes, edges }: Completion): ReadonlyMap<number, Int32Array> {
  // Bits by register, so many words for each node.
  const width = (automaton.maxRegisters >> 5) + 1;
  const live = new Int32Array(automaton.size * width);
  const reads = new Int32Array(automaton.size * width);
  for (const node of nodes) {
    const at = (node / NODE_WORDS) * width;
    for (const register of readRegisters(automaton, node)) reads[at + (register >> 5)] |= 1 << (register & 31);
  }
  for (let changed = true; changed; ) {
    changed = false;
    // Later nodes were reached from earlier ones, so one round backwards does all but the retry loops.
    for (let place = nodes.length - 1; place >= 0; place--) {
      const node = nodes[place];
      const at = (node / NODE_WORDS) * width;
      const { results, edges: targets } = edges.get(node) as LocalEdges;
      for (let word = 0; word < width; word++) {
        let bits = reads[at + word];
        for (let k = 0; k < targets.length; k++) {
          if (targets[k] === THROWS) continue;
          const after = live[((targets[k] & ~AGAIN) / NODE_WORDS) * width + word];
          const loaded = after === 0 ? -1 : loadedRegister(automaton, node, results[k]);
          bits |= loaded >> 5 === word ? after & ~(1 << (loaded & 31)) : after;
        }
        if (bits === live[at + word]) continue;
        live[at + word] = bits;
        changed = true;
      }
    }
  }
  const listAt = (at: number): Int32Array => listOf(live.subarray(at * width, (at + 1) * width));
  return new Map(nodes.map((node) => [node, listAt(node / NODE_WORDS)]));
}

/** The register that the op at a node loads when it returns `result`; -1 for none. */
export function loadedRegister({ nodes, infos }: Automaton, node: number, result: number): number {
  const kind = infos[node / NODE_WORDS].op?.spec.result;
  if (kind === 'raw' || (kind === 'ref' && result !== 0)) return nodes[node + Field.target];
  return -1;
}

/** The registers that the op at a node reads. */
export function readRegisters({ infos }: Automaton, node: number): readonly number[] {
  const { op } = infos[node / NODE_WORDS];
  return op === undefined ? [] : registerUseOf(op).reads;
}

/** What a register points into at a node, as the path to the node loaded it, or a round was handed it; undefined for a plain value. */
export function registerDomain(automaton: Automaton, node: number, register: number): Domain | undefined {
  const { root } = automaton.info(node);
  const identities = root.args.filter((arg) => arg instanceof Identity);
  if (register < identities.length) return identities[register].domain;
  for (let at = node; ; at = automaton.info(at).parent) {
    const { depth, entered, parent, result } = automaton.info(at);
    for (const { round } of entered) {
      for (const value of Object.values(round)) {
        if (value instanceof Ref && value.register === register) return value.domain;
      }
    }
    if (depth === 0) return undefined;
    const { spec } = automaton.opOf(parent);
    const loads = spec.result === 'ref' && result !== 0;
    if (loads && automaton.nodes[parent + Field.target] === register) return spec.domain;
  }
}

function listOf(words: Int32Array): Int32Array {
  if (words.every((word) => word === 0)) return NONE;
  const found: number[] = [];
  for (let register = 0; register < words.length * 32; register++) {
    if ((words[register >> 5] & (1 << (register & 31))) !== 0) found.push(register);
  }
  return Int32Array.from(found);
}
