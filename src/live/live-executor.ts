/**
 * Live executor: runs the actors of one thread on the shared memory, through the same automaton as the other engines.
 *
 * An op is what it is there, done with Atomics: a word changes by compare-exchange through the op's table, and an op that
 * changes nothing is one load; a machine's word carries a version above its state, so the events that changed it are in
 * one order; steps exclude each other by stripes (stripes.ts). Where every step excludes every other, locks and tokens are
 * words like any other (live-latch.ts). Else locks are the async read/write locks, and tokens counters that each actor
 * compares with what it remembers. A slice is some steps of one actor, without allocation. Imported by live hosts.
 */

import { WORD_LOW, WORD_SPAN } from '../core/automaton/automaton.js';
import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import { hostedActor } from './hosted-actor.js';
import { LatencySample } from './latency-sample.js';
import { ENTRY, type LiveActor, Queued, RING } from './live-actor.js';
import { LiveChecks } from './live-checks.js';
import { LiveCode } from './live-code.js';
import { LiveGhosts } from './live-ghosts.js';
import { Between, LiveFlag, type LiveNode, type WordRow } from './live-node.js';
import { LiveNodes } from './live-nodes.js';
import { LiveOps } from './live-ops.js';
import { LIVE_DISTURBED, LIVE_MISUSED, LIVE_WAITS } from './live-outcome.js';
import { lockMisuse, stuckError } from './live-refusals.js';
import { type LiveSettings, Outcome, type OutcomeValue } from './live-settings.js';
import { Command } from './lock-layout.js';
import { LockMisuse } from './lock-misuse.js';
import type { RwLocks } from './rw-lock.js';
import { LiveControl, type SharedMemory } from './shared-memory.js';
import { Guard, Section, stripeAt, stripesAt } from './stripes.js';

// Constants of this file: an imported one costs the loop a few loads at each use.
const { Done, Return, Again, Blocked, Refused, Disturbed, Read, Word, Is, Take, Changed } = LiveCode;
const { Acquire, Release, LoadRef, CompareRef } = LiveCode;
const { Stalls, Opens, Rare, Writes, Records, Enters, Settles } = LiveFlag;
const { No: NotQueued } = Queued;
const { None, Reading } = Guard;
const { Plain, Continue, Stop } = Between;
const { Run } = Command;
const LOW = WORD_LOW;
const SPAN = WORD_SPAN;
const STRIDE = ENTRY;
const LAST_ENTRY = RING - ENTRY;

/** Runs one thread's actors. */
export class LiveExecutor {
  readonly program: Program;
  readonly nodes: LiveNodes;
  readonly actors: readonly LiveActor[];
  readonly #model: Int32Array;
  readonly #shared: Int32Array;
  readonly #command: number;
  readonly #section: Section;
  readonly #checks: LiveChecks;
  readonly #ops: LiveOps;
  readonly #ghosts: LiveGhosts;
  readonly #latencies: LatencySample;
  readonly #once: boolean;
  /** What the last op found in its word before it changed it, and steps left in the slice. */
  #seen = 0;
  #left = 0;
  /** The op that asks for a lock or gives one up, for its misuse. */
  #asking: LiveNode;
  #stoppedAt: LiveNode;

  /**
   * @param actors numbers of the actors that this thread hosts
   * @param nodes those of another executor of the thread, which are the same
   */
  constructor(
    readonly memory: SharedMemory,
    readonly locks: RwLocks,
    actors: readonly number[],
    readonly settings: LiveSettings,
    nodes?: LiveNodes,
  ) {
    this.program = memory.program;
    this.nodes = nodes ?? new LiveNodes(memory, new LiveChecks(memory), settings.perturbation !== undefined);
    this.#model = memory.model;
    this.#shared = memory.words;
    this.#command = memory.locks.command;
    this.#once = settings.mode === 'once';
    this.#section = new Section(memory);
    this.#checks = new LiveChecks(memory);
    this.#ops = new LiveOps(memory, this.#section, this.#checks, locks, settings.choose);
    this.#ghosts = new LiveGhosts(memory.model, this.#ops);
    this.#latencies = new LatencySample(settings, actors[0]);
    this.#asking = this.nodes.done;
    this.#stoppedAt = this.nodes.done;
    this.actors = actors.map((actor) => hostedActor(actor, memory, this.nodes, settings));
    this.reset();
  }

  /** Why the last slice ended with Refused: at which op, maybe in a section's middle, and on which word (-1: none). */
  get refusal(): { readonly violation: Violation | undefined; readonly node: number; readonly word: number } {
    return { violation: this.#ops.violation, node: this.#stoppedAt.id, word: this.#ops.word };
  }

  /** Brings all actors to the start of their scripts. */
  reset(): void {
    this.#section.guard = None;
    this.#checks.drop();
    for (const actor of this.actors) {
      actor.reset();
      actor.at = this.#settled(actor, actor.at);
    }
  }

  /** Whether the pending op of an actor that is not in a lock's queue could run now. */
  enabled(actor: LiveActor): boolean {
    return actor.at.op?.spec.blocks !== true || this.#ops.enabled(actor.number, actor.at, actor.registers);
  }

  /** Runs up to `steps` steps of the actor in a slot. What is refused leaves the actor where it is. */
  run(slot: number, steps: number): OutcomeValue {
    const actor = this.actors[slot];
    const shared = this.#shared;
    const command = this.#command;
    const { perturbation } = this.settings;
    actor.beginSlice(Atomics.add(shared, LiveControl.Order, 1));
    let node = actor.at;
    if (node.code === Done || actor.script.gated || actor.rests) return pausedAt(node);
    let outcome: OutcomeValue = Outcome.Slice;
    this.#left = steps;
    try {
      while (this.#left > 0) {
        if (shared[command] !== Run) {
          outcome = Outcome.Interrupted;
          break;
        }
        if ((node.flags & Stalls) !== 0 && perturbation !== undefined && perturbation.due()) break;
        this.#left--;
        let next = (node.flags & Opens) === 0 ? this.#perform(actor, node) : this.#runSection(actor, node);
        if (next.code <= Refused) {
          if (next.code >= Blocked) {
            if ((node.flags & Opens) === 0) node = this.#stoppedAt;
            this.#left++;
            if (next.code === Blocked) outcome = actor.queued ? Outcome.Blocked : Outcome.Polling;
            else outcome = next.code === Refused ? Outcome.Refused : Outcome.Unknown;
            break;
          }
          next = this.#settled(actor, next);
          if (next.code === Done || actor.script.gated || actor.rests) {
            node = next;
            outcome = pausedAt(next);
            break;
          }
        }
        node = next;
      }
    } catch (error) {
      if (error instanceof LockMisuse) {
        if (this.#section.guard === None) node = this.#asking;
        this.#misused(actor);
        outcome = Outcome.Refused;
      } else if (!this.#section.wasTorn) throw error;
      // Else a function of the model was given what was never there at one time: the section is done again.
    }
    actor.at = node;
    actor.endSlice(this.memory.counters, steps - this.#left);
    return outcome;
  }

  #misused(actor: LiveActor): void {
    this.memory.finds(actor.number);
    this.#checks.drop();
    if ((this.#asking.flags & Records) !== 0) this.#section.leaveGhosts();
    if (this.#section.guard !== None) this.#section.close();
    this.#stoppedAt = this.#asking;
    this.#ops.refuse(lockMisuse(this.#asking.op!));
  }

  /** Where an actor goes on from the end of a call or from a jump. */
  #settled(actor: LiveActor, end: LiveNode): LiveNode {
    let node = end;
    for (;;) {
      if (node.code === Again) {
        // A round may end the call at once.
        node.visits++;
        actor.goesRound(this.#once && this.#shared[LiveControl.Due] === 0);
        node = node.zero!;
      }
      if (node.code !== Return) return node;
      node.visits++;
      if (actor.endsCall((node.flags & Enters) !== 0)) node.detours++;
      if (actor.beganMs !== 0) this.#latencies.ended(actor);
      actor.script.next(node.a, actor.registers);
      this.#latencies.begins(actor);
      node = actor.starts[actor.script.call];
    }
  }

  /** Of a section that the stripes do not know, or that is about several things. */
  #runRare(actor: LiveActor, opened: LiveNode): LiveNode {
    if (opened.others.length === 0) return this.nodes.unknown;
    return this.#section.amongAll(stripesAt(opened, actor.registers), (last) => this.#runSection(actor, opened, last));
  }

  /** Runs an atomic section from its first op until nobody disturbed it; `given`: its stripe, if it was found out before. */
  #runSection(actor: LiveActor, opened: LiveNode, given = -1): LiveNode {
    if ((opened.flags & Rare) !== 0 && given < 0) return this.#runRare(actor, opened);
    const section = this.#section;
    const checks = this.#checks;
    const stripe = given < 0 ? stripeAt(opened, actor.registers) : given;
    for (;;) {
      section.open(stripe);
      const { position } = actor;
      const node = this.#perform(actor, opened);
      if (node.code >= Blocked && node.code <= Disturbed) {
        // What it saw must have been there at one time, or it is no finding.
        const stands = node.code !== Disturbed && (section.guard !== Reading || section.stands());
        if (stands && node.code === Refused) this.memory.finds(actor.number);
        section.close();
        checks.drop();
        if (stands && node.code === Blocked && this.#stoppedAt !== opened) {
          throw stuckError(this.program, actor.number, this.#stoppedAt.id);
        }
        if (stands) return node;
      } else if (checks.pending !== 0) {
        // What changed something holds its stripe.
        const isWhole = checks.settle();
        if (!isWhole) this.memory.finds(actor.number);
        section.close();
        return isWhole ? node : this.#broken(actor);
      } else if (section.close()) {
        return node;
      }
      actor.position = position;
    }
  }

  /** A check that was asked at the end of a step does not hold. */
  #broken(actor: LiveActor): LiveNode {
    const { violation, blamed, word } = this.#checks;
    this.#ops.refuse(violation!);
    this.#ops.word = word;
    this.#stoppedAt = blamed!;
    actor.forgets(blamed!.id);
    return this.nodes.refused;
  }

  /**
   * Does ops and notes them: all of a section, or else up to one before which something has to be looked at. Where the
   * last of them leads. (One call an op would cost a tenth of the speed.)
   */
  #perform(actor: LiveActor, first: LiveNode): LiveNode {
    const words = this.#model;
    const shared = this.#shared;
    const command = this.#command;
    const section = this.#section;
    const { registers, ring } = actor;
    let node = first;
    for (;;) {
      const { flags } = node;
      let word = node.base | 0;
      if (node.register >= 0) {
        const position = registers[node.register] - 1;
        if (position >>> 0 >= node.count) return this.#wrongRef(node, position);
        word = (word + position) | 0;
      }
      if ((flags & (Writes | Records)) !== 0 && !this.#mayWrite(flags)) return this.nodes.disturbed;
      let next: LiveNode | undefined;
      let result = 0;
      let value = 0;
      switch (node.code) {
        case Read: {
          value = Atomics.load(words, word) | 0;
          const place = value - LOW;
          next = (place >>> 0 < SPAN ? node.rows[place] : undefined)?.to ?? this.#rowOf(node, value).to;
          break;
        }
        case Word: {
          for (;;) {
            const seen = Atomics.load(words, word) | 0;
            const place = seen - LOW;
            const row = (place >>> 0 < SPAN ? node.rows[place] : undefined) ?? this.#rowOf(node, seen);
            next = row.to;
            value = row.value | 0;
            this.#seen = seen;
            if (value === seen) break;
            if (section.guard === Reading && !section.hold()) {
              next = this.nodes.disturbed;
              break;
            }
            if (Atomics.compareExchange(words, word, seen, value) !== seen) continue;
            if (node.checked) this.#checks.changed(node, word, value);
            break;
          }
          break;
        }
        case Is:
          value = Atomics.load(words, word) | 0;
          result = (node.tags[value & node.mask] | 0) - 1;
          if (result < 0) result = this.#ops.tag(node, value & node.mask, node.b) | 0;
          break;
        case Take:
          value = Atomics.load(words, word) | 0;
          actor.remembered[word + node.lock] = value;
          break;
        case Changed:
          value = Atomics.load(words, word) | 0;
          result = actor.remembered[word + node.lock] === value ? 0 : 1;
          break;
        case Acquire:
          this.#asking = node;
          if (actor.queued === NotQueued && this.locks.acquire(word + node.lock, actor.number, node.mode)) break;
          if (!actor.takes(this.locks)) next = this.nodes.blocked;
          break;
        case Release:
          this.#asking = node;
          this.locks.release(word + node.lock, actor.number, node.mode);
          break;
        case LoadRef:
          value = Atomics.load(words, word) | 0;
          // A mark, which is below 0, is no ref.
          registers[node.target] = value > 0 ? value : 0;
          result = value > 0 ? 1 : 0;
          break;
        case CompareRef:
          value = Atomics.load(words, word) | 0;
          result = value === (node.a >= 0 ? registers[node.a] : -node.a - 1) ? 1 : 0;
          break;
        default:
          this.#asking = node;
          result = this.#ops.run(actor, node, word) | 0;
          if (result <= LIVE_MISUSED) next = this.#failed(result);
          value = this.#ops.value | 0;
          word = this.#ops.word | 0;
      }
      if (next === undefined)
        next = (result === 0 ? node.zero : result === 1 ? node.one : undefined) ?? this.#to(node, result);
      if (next.after === Stop) return this.#stopped(node, next, word, value);
      const { position } = actor;
      ring[position] = node.id | 0;
      ring[position + 1] = word;
      ring[position + 2] = value;
      actor.position = position === LAST_ENTRY ? 0 : position + STRIDE;
      if ((flags & (Records | Settles)) !== 0) {
        if ((flags & Records) !== 0) {
          this.#ghosts.update(actor, node, this.#seen);
          section.leaveGhosts();
        }
        if (section.guard === None && this.#checks.pending !== 0 && !this.#checks.settle()) return this.#broken(actor);
      }
      if (next.after !== Continue) {
        // A section ends here; or an end, a jump, a section, or a place for a stall lies ahead.
        if (next.after !== Plain || section.guard !== None || this.#left <= 0 || shared[command] !== Run) return next;
        this.#left--;
      }
      node = next;
    }
  }

  /** Before an op that writes: false if another section disturbed the one that is under way, if one is. */
  #mayWrite(flags: number): boolean {
    const section = this.#section;
    if (section.guard === Reading && !section.hold()) return false;
    if ((flags & Records) !== 0) section.enterGhosts();
    return true;
  }

  /** The row of a Word op for a value that has none; what a section saw must have been there at one time. */
  #rowOf(node: LiveNode, seen: number): WordRow {
    const section = this.#section;
    if (section.guard === Reading && !section.hold()) return { value: seen, to: this.nodes.disturbed };
    return this.nodes.rowOf(node, seen);
  }

  /** Where a result leads that was not met before, likewise. */
  #to(node: LiveNode, result: number): LiveNode {
    const section = this.#section;
    return section.guard === Reading && !section.hold() ? this.nodes.disturbed : this.nodes.to(node, result);
  }

  /** Where an op leads that has no result. */
  #failed(result: number): LiveNode {
    if (result === LIVE_WAITS) return this.nodes.blocked;
    if (result === LIVE_DISTURBED) return this.nodes.disturbed;
    if (result === LIVE_MISUSED) this.#ops.refuse(lockMisuse(this.#asking.op!));
    return this.nodes.refused;
  }

  /** An op has to wait, is refused, or lies in a section that was disturbed. */
  #stopped(node: LiveNode, next: LiveNode, word: number, value: number): LiveNode {
    if ((node.flags & Records) !== 0) this.#section.leaveGhosts();
    this.#stoppedAt = node;
    if (next.code !== Refused) return next;
    this.#ops.word = word;
    const wrong = node.op!.spec.word?.violation?.(node.code === Read ? value : this.#seen);
    if (wrong !== undefined) this.#ops.refuse({ ...wrong, rule: node.op!.spec.label });
    return next;
  }

  #wrongRef(node: LiveNode, position: number): LiveNode {
    if (this.#section.guard === Reading && !this.#section.hold()) return this.nodes.disturbed;
    return this.program.automaton.refuseRef(node.id, position);
  }
}

const pausedAt = ({ code }: LiveNode): OutcomeValue => (code === Done ? Outcome.Done : Outcome.Polling);
