/**
 * Live ops: what the less frequent ops do to shared memory, and machine events.
 *
 * Each returns the result for the routine, or why there is none; what it leaves behind (`word`, `value`) goes to the
 * actor's ring. An op that changes something asks the section it may lie in first. Used by the live executor, which does
 * the frequent ops itself.
 */

import { ModelError } from '../core/errors.js';
import { WIDEST_FLAT } from '../core/machine/machine-cache.js';
import { MetWords } from '../core/machine/met-words.js';
import { nestedTooDeep } from '../core/ops/latch.js';
import { BitAction, BLOCKED } from '../core/ops/op.js';
import { Identity, Ref } from '../core/ops/ref.js';
import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import { type LiveActor, Queued } from './live-actor.js';
import type { LiveChecks } from './live-checks.js';
import { LiveCode } from './live-code.js';
import { LiveLatches } from './live-latch.js';
import type { LiveNode } from './live-node.js';
import { LIVE_DISTURBED, LIVE_REFUSED, LIVE_WAITS } from './live-outcome.js';
import { lookError } from './live-refusals.js';
import type { RwLocks } from './rw-lock.js';
import type { SharedMemory } from './shared-memory.js';
import { Guard, type Section } from './stripes.js';

/** Answers a choice: one of 0 .. count-1. */
export type Chooser = (actor: LiveActor, count: number) => number;

const { Reading } = Guard;

/** The ops of one thread. */
export class LiveOps {
  /** Why an op was refused. */
  violation: Violation | undefined;
  /** The word that the last op was on, -1 for none. */
  word = -1;
  /** What that word held before and after it; before, a machine's state without the version. */
  seen = 0;
  value = 0;
  /** Whether every step excludes every other. */
  readonly exact: boolean;
  /** Whether latches are words of the model. */
  readonly latchWords: boolean;
  readonly #program: Program;
  readonly #model: Int32Array;
  readonly #latches: LiveLatches;
  /** By machine: the states that were met of one so wide that nodes have no entries for them. */
  readonly #met: readonly (MetWords | undefined)[];
  readonly #values: number[] = [];
  /** By position: what the last look of a claim saw. */
  #looked = new Int32Array(0);

  constructor(
    memory: SharedMemory,
    readonly section: Section,
    readonly checks: LiveChecks,
    readonly locks: RwLocks,
    readonly choose: Chooser,
  ) {
    this.#program = memory.program;
    this.#model = memory.model;
    this.exact = memory.exact;
    this.latchWords = memory.latchWords;
    this.#met = memory.program.machines.map((table) => (table.bits > WIDEST_FLAT ? MetWords.of(table) : undefined));
    this.#latches = new LiveLatches(memory.model, section, checks);
  }

  /** Does one op: its result, or WAITS, REFUSED or DISTURBED. */
  run(actor: LiveActor, node: LiveNode, word: number): number {
    const { registers } = actor;
    const words = this.#model;
    this.word = word;
    this.seen = 0;
    this.value = 0;
    switch (node.code) {
      case LiveCode.Send:
        return this.#send(node, word);
      case LiveCode.Follow: {
        const ref = Atomics.load(words, word);
        this.seen = ref;
        this.value = ref;
        if (ref <= 0) return 0;
        const sent = this.#send(node, node.c + ref - 1);
        return sent === 0 ? 1 : sent;
      }
      case LiveCode.Claim:
        return this.#claim(actor, node);
      case LiveCode.StoreRef:
        return this.#stored(
          node,
          word,
          Atomics.exchange(words, word, operand(node.a, registers)),
          operand(node.a, registers),
          0,
        );
      case LiveCode.CompareExchangeRef: {
        const [old, fresh] = [operand(node.b, registers), operand(node.a, registers)];
        const seen = Atomics.compareExchange(words, word, old, fresh);
        return this.#stored(node, word, seen, seen === old ? fresh : seen, Number(seen === old));
      }
      case LiveCode.EqualRefs:
        return Number(operand(node.a, registers) === operand(node.b, registers));
      case LiveCode.LoadRaw:
        this.value = Atomics.load(words, word);
        this.seen = this.value;
        registers[node.target] = this.value;
        return 0;
      case LiveCode.Bit:
      case LiveCode.BitStore:
        return this.#bit(node, registers);
      case LiveCode.Latch: {
        this.seen = Atomics.load(words, word);
        const result = this.#latches.run(actor.number, node, word);
        this.value = Atomics.load(words, word);
        return result;
      }
      case LiveCode.Bump:
        this.value = (Atomics.add(words, word, 1) + 1) | 0;
        return 0;
      case LiveCode.Queue:
        if (this.locks.acquire(word + node.lock, actor.number, node.mode)) return 1;
        actor.queued = Queued.Waiting;
        return 0;
      case LiveCode.AwaitFree:
        return this.#awaitFree(actor, node, word);
      case LiveCode.Enter:
        return this.#enter(actor, node, word);
      case LiveCode.Try:
        return Number(this.locks.tryAcquire(word + node.lock, actor.number, node.mode));
      case LiveCode.Compute:
        return this.#compute(node, registers);
      case LiveCode.Choose:
        this.value = this.choose(actor, node.a);
        return this.value;
      case LiveCode.Fail:
        return this.refuse({ ...node.op!.spec.fails!, rule: node.op!.spec.label });
      default:
        throw new ModelError(`an actor is at a node that is no op (code ${node.code})`);
    }
  }

  /** Whether an op that may have to wait could run now, as far as its words tell; locks with queues are not looked at. */
  enabled(actor: number, node: LiveNode, registers: Int32Array): boolean {
    const { word, operands = [], compute } = node.op!.spec;
    if (node.code === LiveCode.Latch) return this.#latches.enabled(actor, node, pickedWord(node, registers));
    if (compute !== undefined)
      return compute(operands.map((each) => this.#operandValue(node, each, registers))) !== BLOCKED;
    if (word?.enabled === undefined) return true;
    return word.enabled(Atomics.load(this.#model, pickedWord(node, registers)));
  }

  /** The next state + 1 after an event in a state that the node has no entry for, or -(v + 1) for violation v. */
  event(node: LiveNode, state: number): number {
    const next = (this.#met[node.a] ?? this.#program.machines[node.a]).next(state, node.b);
    const entry = next >= 0 ? next + 1 : next;
    node.next[state] = entry;
    return entry;
  }

  /** 1 if a state that the node has no entry for has the tag of a node, else 0. */
  tag(node: LiveNode, state: number, tag: number): number {
    const has = this.#hasTag(node.a, state, tag);
    node.tags[state] = has + 1;
    return has;
  }

  #hasTag(machine: number, state: number, tag: number): number {
    const met = this.#met[machine];
    if (met !== undefined) return met.hasTag(state, tag);
    const table = this.#program.machines[machine];
    return table.hasTag(state, table.tags[tag]) ? 1 : 0;
  }

  /** Notes why an op is refused. */
  refuse(violation: Violation): number {
    this.violation = violation;
    return LIVE_REFUSED;
  }

  #stored(node: LiveNode, word: number, seen: number, value: number, result: number): number {
    this.seen = seen;
    this.value = value;
    if (node.checked && value !== seen) this.checks.changed(node, word, value);
    return result;
  }

  #send(node: LiveNode, word: number): number {
    const words = this.#model;
    const { mask } = node;
    this.word = word;
    let seen = Atomics.load(words, word);
    for (;;) {
      const state = seen & mask;
      const next = node.next[state] || this.event(node, state);
      if (node.code === LiveCode.Send) this.seen = state;
      this.value = seen;
      if (next < 0) return this.#refusedEvent(node, next);
      // An event that changes nothing takes no version: it is placed by the one it saw.
      if (next === state + 1) return 0;
      if (this.section.guard === Reading && !this.section.hold()) return LIVE_DISTURBED;
      const value = advanced(seen, mask, next - 1);
      const found = Atomics.compareExchange(words, word, seen, value);
      if (found === seen) {
        this.value = value;
        if (node.checked) this.checks.changed(node, word, next - 1);
        return 0;
      }
      seen = found;
    }
  }

  #refusedEvent(node: LiveNode, next: number): number {
    const table = this.#program.machines[node.a];
    const { kind, words, state } = table.violations[-next - 1];
    return this.refuse({ kind, words, rule: `${table.name} ${state}` });
  }

  #awaitFree(actor: LiveActor, { lock }: LiveNode, word: number): number {
    if (actor.queued !== Queued.No || !this.locks.acquire(word + lock, actor.number, 'write')) {
      if (!actor.takes(this.locks)) return LIVE_WAITS;
    }
    this.locks.release(word + lock, actor.number, 'write');
    return 0;
  }

  #enter(actor: LiveActor, node: LiveNode, word: number): number {
    const lock = word + node.lock;
    const { number } = actor;
    const depth = actor.queued === Queued.No ? this.locks.depth(lock, number) : 0;
    if (depth >= node.b) throw nestedTooDeep(node.op!.spec);
    if (depth > 0) this.locks.enterAgain(lock, number);
    else if (actor.queued !== Queued.No || !this.locks.acquire(lock, number, 'read')) {
      if (!actor.takes(this.locks)) return LIVE_WAITS;
    }
    return 0;
  }

  /**
   * Claims an object with the tag, beginning to look behind the one that the actor claimed last. That there is none must
   * have been true at one time, so two looks have to find all objects in the same states and versions.
   */
  #claim(actor: LiveActor, node: LiveNode): number {
    const { lock: count, base, mask } = node;
    this.seen = Atomics.load(this.#model, base) & mask;
    if (this.#looked.length < count) this.#looked = new Int32Array(count);
    let changed = true;
    for (let looks = 0; looks < 2 || changed; looks++) {
      changed = false;
      for (let i = 0; i < count; i++) {
        const position = (actor.hint + i) % count;
        const seen = Atomics.load(this.#model, base + position);
        const claimed = this.#claimed(actor, node, position, seen);
        if (claimed !== 0) return claimed;
        if (this.#looked[position] === seen) continue;
        this.#looked[position] = seen;
        changed = true;
      }
    }
    this.word = -1;
    return 0;
  }

  /** Claims the object at a position, which was seen in a state: 1; 0 if it has not the tag; or REFUSED. */
  #claimed(actor: LiveActor, node: LiveNode, position: number, first: number): number {
    const { mask } = node;
    const word = node.base + position;
    for (let seen = first; ; ) {
      const state = seen & mask;
      if ((node.tags[state] || this.tag(node, state, node.c) + 1) === 1) return 0;
      const next = node.next[state] || this.event(node, state);
      this.word = word;
      this.value = seen;
      if (next < 0) return this.#refusedEvent(node, next);
      const value = advanced(seen, mask, next - 1);
      const found = Atomics.compareExchange(this.#model, word, seen, value);
      if (found === seen) {
        this.value = value;
        if (node.checked) this.checks.changed(node, word, next - 1);
        if (actor.script.mode === 'loop') actor.hint = position + 1;
        actor.registers[node.target] = position + 1;
        return 1;
      }
      seen = found;
    }
  }

  #bit(node: LiveNode, registers: Int32Array): number {
    const words = this.#model;
    const place = operand(node.a, registers) - 1;
    if ((place >> 5) >>> 0 >= node.count) return this.#program.automaton.refuseRef(node.id, place >> 5);
    const word = node.base + (place >> 5);
    const bit = 1 << place;
    this.word = word;
    if (node.code === LiveCode.BitStore) {
      const value = node.c === 1 ? registers[node.b] | bit : registers[node.b] & ~bit;
      return this.#stored(node, word, Atomics.exchange(words, word, value), value, 0);
    }
    switch (node.b) {
      case BitAction.Set: {
        const seen = Atomics.or(words, word, bit);
        return this.#stored(node, word, seen, seen | bit, 0);
      }
      case BitAction.Clear: {
        const seen = Atomics.and(words, word, ~bit);
        return this.#stored(node, word, seen, seen & ~bit, 0);
      }
      default:
        this.value = Atomics.load(words, word);
        this.seen = this.value;
        if (node.b === BitAction.Test) return (this.value & bit) === 0 ? 0 : 1;
        registers[node.target] = this.value;
        return 0;
    }
  }

  #compute(node: LiveNode, registers: Int32Array): number {
    const { operands = [], compute, writes } = node.op!.spec;
    const values = this.#values;
    this.word = -1;
    for (;;) {
      values.length = operands.length;
      for (let i = 0; i < operands.length; i++) values[i] = this.#operandValue(node, operands[i], registers);
      const before = writes ? values.slice() : values;
      const result = compute!(values);
      if (result === BLOCKED) return LIVE_WAITS;
      if (!writes) return result;
      if (this.#store(node, registers, before)) return result;
    }
  }

  /** Stores what a compute op has made of its cells; false if one of them has changed since it was read. */
  #store(node: LiveNode, registers: Int32Array, before: readonly number[]): boolean {
    const { operands = [], label } = node.op!.spec;
    let stored = 0;
    for (let i = 0; i < operands.length; i++) {
      const word = this.#wordOf(node, operands[i], registers);
      const value = this.#values[i] | 0;
      // Where every step excludes every other, a cell that is named twice holds in the end what its last name says.
      const seen = this.exact && word >= 0 ? Atomics.load(this.#model, word) : before[i];
      if (word < 0 || value === seen) continue;
      if (Atomics.compareExchange(this.#model, word, seen, value) !== seen) {
        if (stored === 0) return false;
        // Ops that write several cells exclude each other by the common stripe; any other op of these cells must be
        // kept away by a lock of the model, or there is no one step that did both.
        throw new ModelError(`"${label}" writes several cells while another op changes one of them`);
      }
      stored++;
      if (node.checked) this.checks.changed(node, word, value);
    }
    return true;
  }

  #operandValue(node: LiveNode, operand: Operand, registers: Int32Array): number {
    if (operand instanceof Identity) return operand.index + 1;
    if (operand instanceof Ref) return registers[operand.register];
    if (operand.region.kind === 'latch' && !this.latchWords) throw lookError(operand.region);
    return Atomics.load(this.#model, this.#wordOf(node, operand, registers));
  }

  /** The word of a declared cell, or -1 for a ref. */
  #wordOf(node: LiveNode, operand: Operand, registers: Int32Array): number {
    if (operand instanceof Identity || operand instanceof Ref) return -1;
    const { region, index } = operand;
    if (!(index instanceof Ref)) return region.base + (index instanceof Identity ? index.index : index);
    const position = registers[index.register] - 1;
    return position >>> 0 < region.count
      ? region.base + position
      : this.#program.automaton.refuseRef(node.id, position);
  }
}

type Operand = NonNullable<NonNullable<LiveNode['op']>['spec']['operands']>[number];

/** The word of an op on one cell. */
function pickedWord({ base, register }: LiveNode, registers: Int32Array): number {
  return register < 0 ? base : base + registers[register] - 1;
}

/** A machine's word one version later, in another state. The version is all above the state's bits, and wraps. */
function advanced(word: number, mask: number, state: number): number {
  return ((word & ~mask) + mask + 1) | state;
}

function operand(encoded: number, registers: Int32Array): number {
  return encoded >= 0 ? registers[encoded] : -encoded - 1;
}
