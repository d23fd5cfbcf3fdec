/**
 * Live executor: runs the actors of one thread on the shared memory, through the same automaton as the other engines.
 *
 * An op is what it is there, done with Atomics: a word changes by compare-exchange through the op's table, and an op that
 * changes nothing is one load; a machine's word carries a version above its state, so the events that changed it are in
 * one order; locks are the async read/write locks; tokens are counters that each actor compares with what it remembers;
 * atomic sections exclude each other by stripes (stripes.ts). A slice is some steps of one actor, without allocation.
 * Imported by the live thread.
 */

import type { RecordableHistogram } from 'node:perf_hooks';
import { WORD_LOW, WORD_SPAN } from '../core/automaton.js';
import type { Violation } from '../core/checks.js';
import { ModelError } from '../core/errors.js';
import type { Program } from '../core/program.js';
import { Random } from '../core/random.js';
import { ENTRY, LiveActor, Queued, RING } from './live-actor.js';
import { LiveCode } from './live-code.js';
import { LiveFlag, type LiveNode } from './live-node.js';
import { LiveNodes } from './live-nodes.js';
import { type Chooser, DISTURBED, LiveOps, REFUSED, WAITS } from './live-ops.js';
import { type LiveMode, LiveScript } from './live-script.js';
import { Command } from './lock-layout.js';
import { LockMisuse } from './lock-misuse.js';
import type { Perturbation } from './perturbation.js';
import type { RwLocks } from './rw-lock.js';
import { Control, Counter, COUNTERS, type SharedMemory } from './shared-memory.js';
import { Guard, Section, stripeOf } from './stripes.js';

/** How a slice ended. */
export const Outcome = {
  /** All its steps were taken. */
  Slice: 0,
  /** The actor waits for a lock. */
  Blocked: 1,
  /** The actor waits for a value, or for calls of others. */
  Polling: 2,
  /** The actor has made all its calls. */
  Done: 3,
  /** An op was refused: `violation` says why. */
  Refused: 4,
  /** The command word does not say Run. */
  Interrupted: 5,
} as const;

/** One of the values of Outcome. */
export type OutcomeValue = (typeof Outcome)[keyof typeof Outcome];

/** What the executor needs to know besides the program. */
export interface LiveSettings {
  readonly mode: LiveMode;
  readonly seed: bigint;
  /** Answers choices. */
  readonly choose: Chooser;
  /** Widens windows, if at all. */
  readonly perturbation?: Perturbation | undefined;
  /** Where to record the latency, in nanoseconds, of calls of a name. */
  readonly latencyOf: (name: string) => RecordableHistogram;
}

// Constants of this file: an imported one costs the loop a few loads at each use.
const { Done, Return, Again, Blocked, Refused, Disturbed, Word, Is, Take, Changed } = LiveCode;
const { Acquire, AwaitFree, Release, LoadRef, CompareRef, Recorded } = LiveCode;
const { Stalls, Opens, StripeByRegister, Writes, Enters } = LiveFlag;
const { None, Reading } = Guard;
const { Run } = Command;
const LOW = WORD_LOW;
const SPAN = WORD_SPAN;
const STRIDE = ENTRY;
const LAST_ENTRY = RING - ENTRY;

/**
 * The clock costs as much as two steps, so the latency of one call out of this many is measured: at irregular distances,
 * or a script of as many calls would show always the same one.
 */
const SAMPLE = 32;

/** The stream of the sampling, behind those of the actors. */
const SAMPLE_STREAM = 1 << 24;

/** Runs one thread's actors. */
export class LiveExecutor {
  readonly program: Program;
  readonly nodes: LiveNodes;
  readonly actors: readonly LiveActor[];
  readonly #model: Int32Array;
  readonly #shared: Int32Array;
  readonly #command: number;
  readonly #section: Section;
  readonly #ops: LiveOps;
  /** What the last op found in its word before it changed it. */
  #seen = 0;
  readonly #samples: Random;
  #untilSample = SAMPLE;
  /** The op that asks for a lock or gives one up, for its misuse. */
  #asking: LiveNode;
  #refusedAt: LiveNode;

  /** @param actors numbers of the actors that this thread hosts */
  constructor(
    readonly memory: SharedMemory,
    readonly locks: RwLocks,
    actors: readonly number[],
    readonly settings: LiveSettings,
  ) {
    const { program } = memory;
    this.program = program;
    this.nodes = new LiveNodes(program, memory);
    this.#model = memory.model;
    this.#shared = memory.words;
    this.#command = memory.locks.command;
    this.#section = new Section(memory);
    this.#ops = new LiveOps(memory, this.#section, locks, settings.choose);
    this.#samples = new Random(settings.seed, SAMPLE_STREAM + actors[0]);
    this.#asking = this.nodes.done;
    this.#refusedAt = this.nodes.done;
    this.actors = actors.map((actor) => {
      const script = new LiveScript(actor, settings.mode, memory, new Random(settings.seed, actor));
      const { calls } = program.actors[actor];
      const starts = [...calls.map(({ root }) => this.nodes.node(root.node)), this.nodes.done];
      const latencies = calls.map(({ name }) => settings.latencyOf(name));
      return new LiveActor(actor, script, starts, program.registers, memory.neverTaken, latencies);
    });
    this.reset();
  }

  /** Why the last slice ended with Refused. */
  get violation(): Violation | undefined {
    return this.#ops.violation;
  }

  /** The op that the last slice was refused, which may lie in the middle of a section. */
  get refusedNode(): number {
    return this.#refusedAt.id;
  }

  /** The word that it was on, -1 for none. */
  get refusedWord(): number {
    return this.#ops.word;
  }

  /** Brings all actors to the start of their scripts. */
  reset(): void {
    this.#section.guard = None;
    for (const actor of this.actors) {
      actor.reset();
      actor.at = this.#settled(actor, actor.at);
    }
  }

  /** Whether an actor that waits for a lock has got it; true when it waits for none. */
  awake(actor: LiveActor): boolean {
    if (actor.queued === Queued.Waiting && this.locks.granted(actor.number)) actor.queued = Queued.Granted;
    return actor.queued !== Queued.Waiting;
  }

  /** Whether the pending op of an actor that is not in a lock's queue could run now. */
  enabled(actor: LiveActor): boolean {
    const node = actor.at.code === Recorded ? actor.at.zero! : actor.at;
    if (node.op?.spec.blocks !== true) return true;
    return this.#ops.enabled(node, actor.registers);
  }

  /** Runs up to `steps` steps of the actor in a slot. What is refused leaves the actor where it is. */
  run(slot: number, steps: number): OutcomeValue {
    const actor = this.actors[slot];
    const shared = this.#shared;
    const command = this.#command;
    const { perturbation } = this.settings;
    actor.beginSlice(Atomics.add(shared, Control.Order, 1));
    let node = actor.at;
    if (node.code === Done) return Outcome.Done;
    if (actor.script.gated) return Outcome.Polling;
    let outcome: OutcomeValue = Outcome.Slice;
    let left = steps;
    try {
      for (; left > 0; left--) {
        if (shared[command] !== Run) {
          outcome = Outcome.Interrupted;
          break;
        }
        const { flags } = node;
        if ((flags & Stalls) !== 0 && perturbation !== undefined && perturbation.due()) break;
        let next = (flags & Opens) === 0 ? this.#perform(actor, node) : this.#runSection(actor, node);
        if (next.code <= Refused) {
          if (next.code >= Blocked) {
            outcome = next.code === Refused ? Outcome.Refused : actor.queued ? Outcome.Blocked : Outcome.Polling;
            break;
          }
          next = this.#settled(actor, next);
          if (next.code === Done || actor.script.gated) {
            node = next;
            left--;
            outcome = next.code === Done ? Outcome.Done : Outcome.Polling;
            break;
          }
        }
        node = next;
      }
    } catch (error) {
      if (!(error instanceof LockMisuse)) throw error;
      if (this.#section.guard !== None) this.#section.close();
      this.#misused();
      outcome = Outcome.Refused;
    }
    actor.at = node;
    this.memory.counters[actor.number * COUNTERS + Counter.Steps] += steps - left;
    return outcome;
  }

  /** Where an actor goes on from the end of a call or from a jump. */
  #settled(actor: LiveActor, end: LiveNode): LiveNode {
    const { counters } = this.memory;
    const counter = actor.number * COUNTERS;
    let node = end;
    while (node.code === Return) {
      node.visits++;
      counters[counter + Counter.Calls]++;
      if (actor.jumped || (node.flags & Enters) !== 0) {
        counters[counter + Counter.Faults]++;
        node.detours++;
      }
      actor.jumped = false;
      if (actor.beganMs !== 0) this.#ended(actor);
      actor.script.next(node.a, actor.registers);
      if (--this.#untilSample === 0) {
        this.#untilSample = 1 + this.#samples.below(2 * SAMPLE);
        actor.beganMs = performance.now();
      }
      node = actor.starts[actor.script.call];
    }
    if (node.code !== Again) return node;
    node.visits++;
    counters[counter + Counter.Retries]++;
    actor.jumped = true;
    return node.zero!;
  }

  #ended(actor: LiveActor): void {
    const lengthNs = Math.round((performance.now() - actor.beganMs) * 1e6);
    actor.latencies[actor.script.call].record(Math.max(1, lengthNs));
    actor.beganMs = 0;
  }

  /** Runs an atomic section from its first op until nobody disturbed it. */
  #runSection(actor: LiveActor, opened: LiveNode): LiveNode {
    const section = this.#section;
    let { stripe } = opened;
    if ((opened.flags & StripeByRegister) !== 0) stripe = stripeOf(stripe, actor.registers[opened.register] - 1);
    for (;;) {
      section.open(stripe);
      const { position } = actor;
      let last = opened;
      let node = this.#perform(actor, opened);
      while (node.continues) {
        last = node;
        node = this.#perform(actor, node);
      }
      if (node.code >= Blocked && node.code <= Disturbed) {
        // What it saw must have been there at one time, or it is no finding.
        const stands = node.code !== Disturbed && (section.guard !== Reading || section.hold());
        section.close();
        if (stands) return node.code === Refused || last === opened ? node : this.#stuck(actor, last);
      } else if (section.close()) {
        return node;
      }
      actor.position = position;
    }
  }

  /** Does one op and notes it; where it leads. */
  #perform(actor: LiveActor, node: LiveNode): LiveNode {
    const words = this.#model;
    const section = this.#section;
    let word = node.base;
    if (node.register >= 0) {
      const ref = actor.registers[node.register];
      if (ref === 0) return this.#nullRef(node);
      word += ref - 1;
    }
    if ((node.flags & Writes) !== 0 && section.guard === Reading && !section.hold()) return this.nodes.disturbed;
    let next: LiveNode | undefined;
    let result = 0;
    let value = 0;
    switch (node.code) {
      case Word: {
        const { rows } = node;
        let seen = Atomics.load(words, word);
        for (;;) {
          const place = seen - LOW;
          if (place >>> 0 < SPAN && rows.to[place] !== undefined) {
            next = rows.to[place]!;
            value = rows.next[place];
          } else {
            if (section.guard === Reading && !section.hold()) return this.nodes.disturbed;
            next = this.nodes.toOfWord(node, seen);
            value = this.nodes.valueOfWord(node, seen);
          }
          if (value === seen || next.code === Blocked || next.code === Refused) {
            this.#seen = seen;
            break;
          }
          if (section.guard === Reading && !section.hold()) return this.nodes.disturbed;
          const found = Atomics.compareExchange(words, word, seen, value);
          if (found === seen) {
            this.#seen = seen;
            if (node.checked && this.#ops.check(word, value) < 0) next = this.nodes.refused;
            break;
          }
          seen = found;
        }
        break;
      }
      case Is:
        value = Atomics.load(words, word);
        result = node.tags[value & node.mask] - 1;
        if (!(result >= 0)) result = this.#ops.tag(node, value & node.mask, node.b);
        break;
      case Take:
        value = Atomics.load(words, word);
        actor.remembered[word + node.lock] = value;
        break;
      case Changed:
        value = Atomics.load(words, word);
        result = actor.remembered[word + node.lock] === value ? 0 : 1;
        break;
      case Acquire:
        this.#asking = node;
        if (actor.queued === Queued.No && this.locks.acquire(word + node.lock, actor.number, node.mode)) break;
        if (!this.#granted(actor)) return this.nodes.blocked;
        break;
      case Release:
        this.#asking = node;
        this.locks.release(word + node.lock, actor.number, node.mode);
        break;
      case LoadRef:
        value = Atomics.load(words, word);
        // A mark, which is below 0, is no ref.
        actor.registers[node.target] = value > 0 ? value : 0;
        result = value > 0 ? 1 : 0;
        break;
      case CompareRef:
        value = Atomics.load(words, word);
        result = value === (node.a >= 0 ? actor.registers[node.a] : -node.a - 1) ? 1 : 0;
        break;
      case AwaitFree:
        if (actor.queued !== Queued.No || !this.locks.acquire(word + node.lock, actor.number, 'write')) {
          if (!this.#granted(actor)) return this.nodes.blocked;
        }
        this.#asking = node;
        this.locks.release(word + node.lock, actor.number, 'write');
        break;
      case Recorded:
        return this.#record(actor, node);
      default:
        result = this.#ops.run(actor, node, word);
        if (result === WAITS) return this.nodes.blocked;
        if (result === DISTURBED) return this.nodes.disturbed;
        value = this.#ops.value;
        word = this.#ops.word;
        if (result === REFUSED) next = this.nodes.refused;
    }
    if (next !== undefined) {
      if (next.code === Blocked) return next;
      if (next.code === Refused) return this.#refused(node, word);
    } else {
      next = result === 0 ? node.zero : result === 1 ? node.one : undefined;
      if (next === undefined) {
        if (section.guard === Reading && !section.hold()) return this.nodes.disturbed;
        next = this.nodes.to(node, result);
      }
    }
    node.visits++;
    const { ring, position } = actor;
    ring[position] = node.id;
    ring[position + 1] = word;
    ring[position + 2] = value;
    actor.position = position === LAST_ENTRY ? 0 : position + STRIDE;
    return next;
  }

  #granted(actor: LiveActor): boolean {
    if (actor.queued === Queued.No) actor.queued = Queued.Waiting;
    if (!this.awake(actor)) return false;
    actor.queued = Queued.No;
    return true;
  }

  #record(actor: LiveActor, node: LiveNode): LiveNode {
    const section = this.#section;
    if (section.guard === Reading && !section.hold()) return this.nodes.disturbed;
    section.enterGhosts();
    try {
      const inner = node.zero!;
      const next = this.#perform(actor, inner);
      if (next.code === Blocked || next.code === Refused) return next;
      return this.#ops.record(inner, this.#seenBy(actor, inner)) < 0 ? this.#refused(inner, this.#ops.word) : next;
    } finally {
      section.leaveGhosts();
    }
  }

  /** What an op that was just done found in its cell; nothing for locks, whose holders are not in the cell. */
  #seenBy(actor: LiveActor, node: LiveNode): number {
    switch (node.code) {
      case Word:
        return this.#seen;
      case Acquire:
      case AwaitFree:
      case Release:
        return 0;
      case Is:
      case Take:
      case Changed:
      case LoadRef:
      case CompareRef: {
        const value = actor.ring[(actor.position + RING - ENTRY) % RING + 2];
        return node.code === Is ? value & node.mask : value;
      }
      default:
        return this.#ops.seen;
    }
  }

  #nullRef(node: LiveNode): LiveNode {
    if (this.#section.guard === Reading && !this.#section.hold()) return this.nodes.disturbed;
    const { frame, op, root } = this.program.automaton.info(node.id);
    const where = frame?.name ?? root.name;
    throw new ModelError(`${where} runs "${op?.spec.label}" on a ref that holds nothing; check for null before`);
  }

  #stuck(actor: LiveActor, node: LiveNode): never {
    const { atomic, op } = this.program.automaton.info(node.id);
    throw new ModelError(
      `${this.program.actors[actor.number].name} cannot run ${op?.spec.label} in ${atomic} now; ` +
        'an op that may wait must be the first of an atomic section',
    );
  }

  #refused(node: LiveNode, word: number): LiveNode {
    const wrong = node.op?.spec.word?.violation?.(this.#seen);
    if (node.code === Word && wrong !== undefined) this.#ops.refuse({ ...wrong, rule: node.op!.spec.label });
    this.#ops.word = word;
    this.#refusedAt = node;
    return this.nodes.refused;
  }

  #misused(): void {
    this.#refusedAt = this.#asking;
    const { label, misuse, region } = this.#asking.op!.spec;
    const name = region?.name ?? 'lock';
    const words = `the task does ${label.replace('%', name)} although ${misuse || 'it may not'}`;
    this.#ops.refuse({ kind: 'lock-misuse', words, rule: `${name} rules` });
  }
}
