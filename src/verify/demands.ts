/**
 * Demands: what steps ask of choices and locks, should these be fair.
 *
 * Who makes a choice asks for each of its outcomes at that place; who gets a lock that another waits for makes the other's
 * demand to get it as well. Whether a model says that a choice or a lock is fair is noted with its demands. Used by
 * liveness and by whoever confirms a round.
 */

import { NODE_WORDS } from '../core/automaton/automaton.js';
import { isChoice } from '../core/ops/accesses.js';
import type { Region } from '../core/ops/layout.js';
import type { LockUse } from '../core/ops/op.js';
import { bitOfActor, planeOfActor } from '../core/program/program.js';
import { routePlaceOf } from '../space/place.js';
import { StepOutcome, type Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';
import type { EdgeLabel } from './fair-parts.js';

/** Something that may be declared fair: a choice, by what it is called, or a lock with all of its kind. */
export interface Arbiter {
  readonly kind: 'choice' | 'mutex' | 'rwsem' | 'rwlock';
  readonly name: string;
  /** Choices: names of the outcomes, by number if they have none; and whether they have. */
  readonly outcomes: readonly string[];
  readonly named: boolean;
  /** Whether the model says that it is fair. */
  readonly declared: boolean;
}

/** A demand. */
export interface Demand {
  readonly arbiter: Arbiter;
  /** Who makes the choice, or waits for the lock. */
  readonly actor: number;
  /** The outcome that is asked for; -1 for a lock. */
  readonly outcome: number;
}

interface Lock {
  readonly arbiter: Arbiter;
  readonly region: Region;
  /** Positions among the words of one lock of those that say who holds it. */
  readonly parts: readonly number[];
}

const NOTHING: EdgeLabel = { makes: [], meets: [] };

/** Numbers the demands of one program. */
export class Demands {
  /** By number. */
  readonly list: Demand[] = [];
  /** By number; the first demands nothing. */
  readonly labels: EdgeLabel[] = [NOTHING];
  readonly #numbers = new Map<string, number>();
  readonly #labelNumbers = new Map<string, number>([['|', 0]]);
  readonly #arbiters = new Map<string, Arbiter>();
  readonly #places: (string | undefined)[] = [];
  readonly #locks: readonly Lock[];

  constructor(
    readonly system: System,
    readonly stepper: Stepper,
  ) {
    this.#locks = this.#findLocks();
  }

  /** Whether the model says of a choice or a lock that it is fair. */
  static areDeclared({ program }: System): boolean {
    return program.automaton.infos.some(({ op }) => op?.spec.fair === true || op?.spec.lock?.fair === true);
  }

  /** Whether a demand is of what the model says to be fair. */
  readonly isDeclared = (demand: number): boolean => this.list[demand].arbiter.declared;

  /** Takes a step as the stepper does; what it demands, as a position in `labels`, and what it came to. */
  step(actor: number, choice: number): { readonly label: number; readonly flags: number } {
    const made: number[] = [];
    const met: number[] = [];
    this.#choose(actor, choice, made, met);
    const held = this.#heldBy(actor);
    const waiting = held.length === 0 ? [] : this.#waitingBeside(actor);
    const flags = this.stepper.step(actor, choice);
    if (flags === StepOutcome.Blocked) return { label: 0, flags };
    this.#take(actor, held, waiting, made, met);
    return { label: this.#labelOf(made, met), flags };
  }

  #choose(actor: number, choice: number, made: number[], met: number[]): void {
    const { scripts, localBase, program } = this.system;
    const { node, outcomes } = scripts[actor].states[this.stepper.state[localBase + actor]];
    if (outcomes < 2) return;
    const { spec } = program.automaton.opOf(node);
    if (!isChoice(spec)) return;
    const place = this.#placeOf(node);
    const arbiter = this.#arbiterOf(`choice ${spec.label} ${outcomes} ${spec.fair}`, () => ({
      kind: 'choice',
      name: spec.label,
      outcomes: Array.from({ length: outcomes }, (_, value) => spec.outcomes?.[value] ?? String(value)),
      named: spec.outcomes !== undefined,
      declared: spec.fair === true,
    }));
    for (let outcome = 0; outcome < outcomes; outcome++) {
      const demand = this.#numberOf(`${actor} ${place} ${spec.label} ${outcome}`, { arbiter, actor, outcome });
      made.push(demand);
      if (outcome === choice) met.push(demand);
    }
  }

  /** By lock and index, in order: whether an actor holds it. */
  #heldBy(actor: number): readonly boolean[] {
    const { state } = this.stepper;
    const [bit, plane] = [bitOfActor(actor), planeOfActor(actor)];
    return this.#locks.flatMap(({ region: { base, count, planes }, parts }) =>
      Array.from({ length: count }, (_, index) =>
        parts.some((part) => (state[base + planes[plane] + part * count + index] & bit) !== 0),
      ),
    );
  }

  /** The other actors that are at an op which takes a lock, waiting if need be, and the first word of that lock. */
  #waitingBeside(actor: number): readonly { readonly actor: number; readonly word: number }[] {
    const { system, stepper } = this;
    const found: { actor: number; word: number }[] = [];
    for (let other = 0; other < system.actors; other++) {
      if (other === actor) continue;
      const { node } = system.scripts[other].states[stepper.state[system.localBase + other]];
      const { op } = system.program.automaton.infos[node / NODE_WORDS];
      const action = op?.spec.lock?.action;
      if (action === 'acquire' || action === 'queue')
        found.push({ actor: other, word: stepper.ops.wordOf(node, other) });
    }
    return found;
  }

  #take(
    actor: number,
    before: readonly boolean[],
    waiting: readonly { readonly actor: number; readonly word: number }[],
    made: number[],
    met: number[],
  ): void {
    const after = this.#heldBy(actor);
    let place = 0;
    for (const { arbiter, region } of this.#locks) {
      for (let index = 0; index < region.count; index++, place++) {
        if (before[place] || !after[place]) continue;
        const word = region.base + index;
        const demandOf = (who: number): number =>
          this.#numberOf(`${who} lock ${word}`, { arbiter, actor: who, outcome: -1 });
        met.push(demandOf(actor));
        for (const other of waiting) if (other.word === word) made.push(demandOf(other.actor));
      }
    }
  }

  #numberOf(key: string, demand: Demand): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.list.push(demand) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  #labelOf(makes: readonly number[], meets: readonly number[]): number {
    const key = `${makes}|${meets}`;
    let number = this.#labelNumbers.get(key);
    if (number === undefined) {
      number = this.labels.push({ makes, meets }) - 1;
      this.#labelNumbers.set(key, number);
    }
    return number;
  }

  #arbiterOf(key: string, make: () => Arbiter): Arbiter {
    let arbiter = this.#arbiters.get(key);
    if (arbiter === undefined) {
      arbiter = make();
      this.#arbiters.set(key, arbiter);
    }
    return arbiter;
  }

  #placeOf(node: number): string {
    const id = node / NODE_WORDS;
    this.#places[id] ??= routePlaceOf(this.system.program.automaton, node);
    return this.#places[id];
  }

  /** The locks that some op takes and others may wait for; read sections of SRCU are none. */
  #findLocks(): Lock[] {
    const found = new Map<Region, { use: LockUse; label: string }>();
    for (const { op } of this.system.program.automaton.infos) {
      const { lock, region, label = '' } = op?.spec ?? {};
      if (lock === undefined || region === undefined || found.has(region) || region.kind !== 'latch') continue;
      if (lock.roles?.some((role) => role === 'holder' || role === 'writer')) found.set(region, { use: lock, label });
    }
    return [...found].map(([region, { use, label }]) => ({
      region,
      arbiter: this.#arbiterOf(`lock ${region.name}`, () => ({
        kind: region.width === 1 ? 'mutex' : /^(down|up)_/.test(label) ? 'rwsem' : 'rwlock',
        name: region.name,
        outcomes: [],
        named: false,
        declared: use.fair === true,
      })),
      parts: Array.from({ length: region.width }, (_, part) => part).filter((part) => {
        return use.roles?.[part] !== 'queued writer';
      }),
    }));
  }
}
