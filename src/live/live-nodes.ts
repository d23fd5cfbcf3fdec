/**
 * Live nodes: makes the nodes of one thread, as its actors come to them.
 */

import { AGAIN, type Automaton, DONE, Field, Flag, WORD_LOW, WORD_SPAN } from '../core/automaton/automaton.js';
import { ModelError } from '../core/errors.js';
import { WIDEST_FLAT } from '../core/machine/machine-cache.js';
import { accessesOf, mayWrite } from '../core/ops/accesses.js';
import { type Op, Opcode, type OpSpec } from '../core/ops/op.js';
import { Identity, Ref } from '../core/ops/ref.js';
import type { Program } from '../core/program/program.js';
import type { Exclusion } from '../core/program/stripes.js';
import type { LiveChecks } from './live-checks.js';
import { isTokenCode, LiveCode, liveCodeOf } from './live-code.js';
import { Between, LiveFlag, LiveNode, type WordRow } from './live-node.js';
import type { SharedMemory } from './shared-memory.js';
import { COMMON_STRIPE, domainHash, stripeOf } from './stripes.js';

/** The nodes of one thread. */
export class LiveNodes {
  readonly program: Program;
  /** An actor that has made all its calls. */
  readonly done = special(LiveCode.Done);
  /** Where an op leads that has to wait. */
  readonly blocked = special(LiveCode.Blocked);
  /** Where an op leads that the stripes of its model do not know. */
  readonly unknown = special(LiveCode.Unknown);
  /** Where an op leads that is refused. */
  readonly refused = special(LiveCode.Refused);
  readonly disturbed = special(LiveCode.Disturbed);
  /** Every node that was made, in the order of their making. */
  readonly all: LiveNode[] = [];
  readonly #automaton: Automaton;
  readonly #byId = new Map<number, LiveNode>();
  readonly #rows = new Map<string, Int32Array>();
  readonly #tags = new Map<string, Uint8Array>();

  constructor(
    readonly memory: SharedMemory,
    readonly checks: LiveChecks,
    readonly perturbed: boolean,
  ) {
    const { program } = memory;
    this.program = program;
    this.#automaton = program.automaton;
    this.#byId.set(DONE, this.done);
  }

  /** The node with a number of the automaton. */
  node(id: number): LiveNode {
    return this.#byId.get(id) ?? this.#make(id);
  }

  /** Where a result leads, derived on first use. */
  to(node: LiveNode, result: number): LiveNode {
    const known = result === 0 ? node.zero : result === 1 ? node.one : undefined;
    if (known !== undefined) return known;
    const edge = this.#automaton.edge(node.id, result);
    let next = this.node(edge & ~AGAIN);
    if (edge >= AGAIN) next = this.#jump(node, next);
    if (result === 0) node.zero = next;
    else if (result === 1) node.one = next;
    return next;
  }

  /** The row of a Word op for a value, which is kept if the value is small. */
  rowOf(node: LiveNode, seen: number): WordRow {
    const { word } = node.op!.spec;
    if (word === undefined) throw new ModelError('a Word op without a function');
    let row: WordRow;
    if (word.enabled !== undefined && !word.enabled(seen)) row = { value: seen, to: this.blocked };
    else if (word.violation?.(seen) !== undefined) row = { value: seen, to: this.refused };
    else row = { value: (word.next?.(seen) ?? seen) | 0, to: this.to(node, (word.result?.(seen) ?? 0) | 0) };
    const place = seen - WORD_LOW;
    if (place >>> 0 < WORD_SPAN) node.rows[place] = row;
    return row;
  }

  #jump(from: LiveNode, head: LiveNode): LiveNode {
    const node = special(LiveCode.Again);
    node.zero = head;
    node.one = from;
    this.all.push(node);
    return node;
  }

  #make(id: number): LiveNode {
    const { nodes } = this.#automaton;
    const { op } = this.#automaton.info(id);
    const node = new LiveNode(id, op);
    this.#byId.set(id, node);
    this.all.push(node);
    if (op === undefined) {
      node.code = LiveCode.Return;
      node.after = Between.Look;
      node.a = nodes[id + Field.a];
      if (this.#entersFunction(id)) node.flags = LiveFlag.Enters;
      return node;
    }
    const { spec } = op;
    const { index = 0 } = spec;
    node.base = spec.region?.base ?? 0;
    node.count = spec.region?.count ?? 0;
    if (index instanceof Ref) node.register = index.register;
    else node.base += index instanceof Identity ? index.index : index;
    node.a = spec.a ?? 0;
    node.b = spec.b ?? 0;
    node.c = spec.c ?? 0;
    node.target = nodes[id + Field.target];
    if (this.#exclusionOf(op, id) === 'all' && !this.memory.exact) {
      // It is not done: the run begins anew, and every step excludes every other.
      node.code = LiveCode.Choose;
      node.flags = LiveFlag.Opens | LiveFlag.Rare;
      node.after = Between.Look;
      return node;
    }
    node.code = liveCodeOf(spec, this.memory.latchWords);
    node.checked = this.#isChecked(op);
    this.#setFlags(node, op);
    this.#setStripe(node, spec);
    this.#setOperands(node, spec);
    return node;
  }

  #exclusionOf(op: Op<unknown>, id: number): Exclusion {
    const { atomic, striped } = this.#automaton.info(id);
    const { exact } = this.memory;
    if (!exact)
      return this.program.stripes!.exclusionOf(op, atomic === undefined ? undefined : striped ? 'striped' : 'plain');
    return accessesOf(op).length === 0 ? 'none' : 'all';
  }

  #setFlags(node: LiveNode, op: Op<unknown>): void {
    const { atomic, depth, parent } = this.#automaton.info(node.id);
    const continues = (this.#automaton.nodes[node.id + Field.flags] & Flag.Continues) !== 0;
    const opens = atomic !== undefined || isSection(op) || this.#exclusionOf(op, node.id) !== 'none';
    if (!continues && opens) node.flags |= LiveFlag.Opens;
    if (node.code !== LiveCode.Latch && writesAnyhow(op.spec)) node.flags |= LiveFlag.Writes;
    if (op.recordings.length > 0) node.flags |= LiveFlag.Records;
    if (node.checked) node.flags |= LiveFlag.Settles;
    if (this.perturbed && (stalls(op.spec) || (depth > 0 && stalls(this.#automaton.opOf(parent).spec)))) {
      node.flags |= LiveFlag.Stalls;
    }
    if (continues) node.after = Between.Continue;
    else if ((node.flags & (LiveFlag.Opens | LiveFlag.Stalls)) !== 0) node.after = Between.Look;
  }

  #setStripe(node: LiveNode, { code, index, region }: OpSpec): void {
    if (this.memory.exact) {
      node.stripe = COMMON_STRIPE;
      return;
    }
    // What a claim is about, it finds out; claims of one kind of object exclude each other.
    if (code === Opcode.Claim) node.stripe = stripeOf(domainHash(region?.name ?? ''), 0);
    else if (index instanceof Identity) node.stripe = stripeOf(domainHash(index.domain.name), index.index);
    else if (index instanceof Ref) {
      node.stripe = domainHash(index.domain?.name ?? region?.name ?? '');
      node.flags |= LiveFlag.StripeByRegister;
    } else node.stripe = COMMON_STRIPE;
    this.#setOthers(node);
  }

  /** What a section is about besides what gives its stripe. */
  #setOthers(node: LiveNode): void {
    if ((node.flags & LiveFlag.Opens) === 0) return;
    const { striped = [] } = this.#automaton.info(node.id);
    const others = striped.filter(({ register }) => register !== node.register);
    if (others.length === 0) return;
    node.flags |= LiveFlag.Rare;
    node.others = others.map(({ register, domain }) => ({ domain: domainHash(domain?.name ?? ''), register }));
  }

  #setOperands(node: LiveNode, spec: OpSpec): void {
    const { code } = node;
    if (code === LiveCode.Word || code === LiveCode.Read)
      node.rows = Array.from({ length: WORD_SPAN }, () => undefined);
    if (code === LiveCode.Is || code === LiveCode.Send || code === LiveCode.Claim || code === LiveCode.Follow) {
      // An integer to the compiler, too: a power is a floating-point number to it.
      node.mask = (2 ** this.program.machines[node.a].bits - 1) | 0;
      if (code === LiveCode.Is) node.tags = this.#tagRow(node.a, node.b);
      else node.next = this.#eventRow(node.a, node.b);
    }
    if (code === LiveCode.Claim) {
      node.tags = this.#tagRow(node.a, node.c);
      node.lock = spec.region?.count ?? 0;
    }
    if (spec.code !== Opcode.Latch) return;
    node.b = spec.region?.width ?? 1;
    node.c = spec.region?.count ?? 1;
    if (this.memory.latchWords) return;
    const base = spec.region?.base ?? 0;
    const first = isTokenCode(code) ? this.memory.tokenOf.get(base) : this.memory.lockOf.get(base);
    if (first === undefined) throw new ModelError(`latch ${spec.region?.name} is used as a lock and starts taken`);
    node.lock = first - base;
    node.mode = spec.lock?.mode ?? 'write';
  }

  /** Whether a check looks at a word that the op may change; of a ghost or of what a ref picks, at any of its words. */
  #isChecked(op: Op<unknown>): boolean {
    return accessesOf(op)
      .filter(mayWrite)
      .some(({ region: { base, count }, at, part }) => {
        const first = base + part * count;
        if (typeof at === 'number') return this.checks.looksAt(first + at);
        if (at instanceof Identity) return this.checks.looksAt(first + at.index);
        return Array.from({ length: count }, (_, k) => first + k).some((word) => this.checks.looksAt(word));
      });
  }

  #eventRow(machine: number, event: number): Int32Array {
    const key = `${machine} ${event}`;
    const row = this.#rows.get(key) ?? new Int32Array(this.#rowLength(machine));
    this.#rows.set(key, row);
    return row;
  }

  #tagRow(machine: number, tag: number): Uint8Array {
    const key = `${machine} ${tag}`;
    const row = this.#tags.get(key) ?? new Uint8Array(this.#rowLength(machine));
    this.#tags.set(key, row);
    return row;
  }

  /** A wide machine has no rows: live ops ask what was met of it. */
  #rowLength(machine: number): number {
    const { bits } = this.program.machines[machine];
    return bits <= WIDEST_FLAT ? 2 ** bits : 0;
  }

  #entersFunction(id: number): boolean {
    for (let at = this.#automaton.info(id); at.depth > 0; at = this.#automaton.info(at.parent)) {
      if (this.#automaton.info(at.parent).frame !== undefined) return true;
    }
    return false;
  }
}

function special(code: number): LiveNode {
  const node = new LiveNode(-1, undefined);
  node.code = code;
  node.after = code === LiveCode.Done || code === LiveCode.Again ? Between.Look : Between.Stop;
  return node;
}

/** Ops that are a section by themselves: they look at more than one word, besides ghosts. */
function isSection(op: Op<unknown>): boolean {
  return accessesOf(op).filter(({ via, region: { kind } }) => via !== 'ghost' && kind !== 'latch').length > 1;
}

/** Ops that are not looked at again before they write: in a section, the stripe must be taken first. */
function writesAnyhow({ code, writes }: OpSpec): boolean {
  return writes && code !== Opcode.Word && code !== Opcode.Send && code !== Opcode.Follow;
}

/** Accesses to flags, and lock ops that may wait: around them a perturbation widens windows. */
function stalls({ code, word, lock }: OpSpec): boolean {
  if (code === Opcode.Word) return word?.next === undefined;
  if (code === Opcode.Latch) return lock !== undefined && lock.action !== 'release';
  return code === Opcode.Is || code === Opcode.Bit || code === Opcode.BitStore;
}
