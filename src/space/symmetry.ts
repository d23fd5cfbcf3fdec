/**
 * Symmetry: which actors are interchangeable, and where their identities lie.
 *
 * Actors are interchangeable when they run the same nodes with the same arguments, but for their own identity, and when
 * nothing in the model tells one identity from another: identities live in refs (registers, ref cells into their
 * domain, cells that only they index) and in the holder bits of latches, all of which are renamed along. This file
 * looks for whatever carries an identity elsewhere, and then symmetry is off with that reason. What cannot be seen in
 * the text of a model, how its closures treat refs, is watched while the search runs (local-ops.ts). Source: Ip and
 * Dill, "Better verification through symmetry", 1996. Used by `verify`.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton/automaton.js';
import { accessesOf, bitOperandOf, comparedRefsOf, latchUpdateOf, type WordAccess } from '../core/ops/accesses.js';
import type { Region } from '../core/ops/layout.js';
import { type Op, type OpSpec, operandOf, opText } from '../core/ops/op.js';
import { type Domain, Identity, type Index, Ref } from '../core/ops/ref.js';
import { bitOfActor, type Program, type ProgramActor, planeOfActor } from '../core/program/program.js';
import type { Completion } from './complete.js';
import { registerDomain } from './live-registers.js';
import { scriptKey } from './system.js';

/** No object, as an operand. */
const NULL = operandOf(null);

/** Actors that can stand for each other. */
export interface SymmetricGroup {
  /** Ascending. */
  readonly actors: readonly number[];
  /** The identities of the actors, if they have any. */
  readonly domain: Domain | undefined;
  /** Per actor: the position of its identity in the domain. */
  readonly identities: readonly number[];
  /** Words that hold refs into the domain, but for those that each actor has one of. */
  readonly refWords: readonly number[];
  /** The cells that every actor has one of. */
  readonly own: readonly OwnCell[];
}

/** A cell that every actor of a group has one of. */
export interface OwnCell {
  /** In the order of the group's actors. */
  readonly words: readonly number[];
  /** Whether it holds refs into the group's own domain. */
  readonly refers: boolean;
}

/** The groups of a program, and why other actors that might be interchangeable are not. */
export interface Symmetry {
  readonly groups: readonly SymmetricGroup[];
  readonly refused: string[];
}

/** Looks for interchangeable actors. */
export function symmetryOf(program: Program, completion: Completion): Symmetry {
  const groups: SymmetricGroup[] = [];
  const refused: string[] = [...differingScripts(program)];
  for (const actors of candidates(program)) {
    const group = new Candidate(program, completion, actors).judge();
    if (typeof group === 'string') refused.push(group);
    else groups.push(group);
  }
  return { groups, refused };
}

/** Sets of two or more actors with equal scripts, but for their own identities. */
function candidates({ actors }: Program): readonly (readonly number[])[] {
  const sets = new Map<string, number[]>();
  actors.forEach((actor, number) => {
    const key = `${scriptKey(actor)} ${actor.calls.map((call) => call.identities.map((id) => identityText(id, actor)))}`;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [number]);
    else set.push(number);
  });
  return [...sets.values()].filter(({ length }) => length > 1);
}

function identityText(identity: Identity, { self, symmetry }: ProgramActor): string {
  const own = self !== undefined && self.domain === identity.domain && self.index === identity.index;
  return own ? `self of ${symmetry}` : `${identity.domain.name} ${identity.index}`;
}

/** Groups that were declared symmetric and whose scripts differ. */
function* differingScripts({ actors }: Program): Generator<string> {
  const first = new Map<number, ProgramActor>();
  const told = new Set<number>();
  for (const actor of actors) {
    if (actor.symmetry < 0 || told.has(actor.symmetry)) continue;
    const other = first.get(actor.symmetry);
    if (other === undefined) first.set(actor.symmetry, actor);
    else if (scriptKey(other) !== scriptKey(actor)) {
      told.add(actor.symmetry);
      yield differenceText(other, actor);
    }
  }
}

/** A function that is written once and made for each actor is another one each time; what it closes over cannot be seen. */
function differenceText(left: ProgramActor, right: ProgramActor): string {
  const both = `${left.name} and ${right.name}`;
  const text = ({ calls }: ProgramActor): string => calls.map(({ root }) => String(root.routine)).join();
  if (
    text(left) === text(right) &&
    left.calls.every(({ root }, call) => root.routine !== right.calls[call].root.routine)
  ) {
    return (
      `${both} run copies of one routine: define it once, outside of what makes one for each; what they differ in, if ` +
      'anything, pass as an identity (symmetric: domain), not in a closure'
    );
  }
  return `${both} run different routines: pass what they differ in as an identity (symmetric: domain), not in a closure`;
}

/** One set of actors under examination. */
class Candidate {
  readonly #domain: Domain | undefined;
  readonly #names: string;
  /** Regions that are indexed by identities of the domain: each actor has its own cell there. */
  readonly #own = new Set<Region>();

  constructor(
    readonly program: Program,
    readonly completion: Completion,
    readonly actors: readonly number[],
  ) {
    this.#domain = program.actors[actors[0]].self?.domain;
    this.#names = `${program.actors[actors[0]].name} to ${program.actors[actors[actors.length - 1]].name}`;
  }

  /** The group, or why it is none. */
  judge(): SymmetricGroup | string {
    const because = this.#constraints() ?? this.#arguments() ?? this.#ops() ?? this.#initial() ?? this.#checks();
    if (because !== undefined) return `${this.#names}: ${because}`;
    const { actors, program } = this;
    const identities = actors.map((actor) => program.actors[actor].self?.index ?? -1);
    const own = [...this.#own].flatMap(({ base, count, width, refTo }) =>
      Array.from({ length: width }, (_, part) => ({
        words: identities.map((index) => base + part * count + index),
        refers: refTo !== undefined && refTo === this.#domain,
      })),
    );
    // Of the cells that every identity has one of, those of identities that are no member's are like any other.
    const moved = new Set(own.flatMap(({ words }) => words));
    const refWords = program.layout.regions
      .filter((region) => region.refTo !== undefined && region.refTo === this.#domain)
      .flatMap((region) => wordsOf(region).filter((word) => !moved.has(word)));
    return { actors, domain: this.#domain, identities, refWords, own };
  }

  #constraints(): string | undefined {
    for (const { name, calls } of this.program.actors) {
      for (const { after } of calls) {
        const awaited = after.find(({ actor }) => this.actors.includes(actor));
        if (awaited !== undefined)
          return `a call of ${name} waits for calls of ${this.program.actors[awaited.actor].name}`;
      }
    }
    return undefined;
  }

  /** Identities of the domain that calls get as constants, but for an actor's own. */
  #arguments(): string | undefined {
    if (this.#domain === undefined) return undefined;
    const members = new Set(this.actors.map((actor) => this.program.actors[actor].self?.index));
    for (const [actor, { name, self, calls }] of this.program.actors.entries()) {
      const isMember = this.actors.includes(actor);
      for (const { identities } of calls) {
        // What another actor is called by its own calls does not move with the members.
        const named = identities.find(
          ({ domain, index }) =>
            domain === this.#domain && (index !== self?.index || (!isMember && members.has(index))),
        );
        if (named !== undefined) return `a call of ${name} names ${this.#domain.name} ${named.index}`;
      }
    }
    return undefined;
  }

  #ops(): string | undefined {
    const { automaton } = this.program;
    // All that the members have cells of is known before it is judged who else comes to these.
    for (const [node, op] of this.#pending()) this.#reached(automaton, node, op);
    for (const [node, op] of this.#pending()) {
      const because = this.#refs(automaton, node, op) ?? this.#accesses(automaton, node, op);
      if (because !== undefined) return `"${opText(op)}" ${because}`;
    }
    return undefined;
  }

  *#pending(): Generator<[node: number, op: Op<unknown>]> {
    const { infos } = this.program.automaton;
    for (const node of this.completion.nodes) {
      const { op } = infos[node / NODE_WORDS];
      if (op !== undefined) yield [node, op];
    }
  }

  /** Notes the regions of which an op picks a cell by an identity of the domain, in a register or behind a pointer. */
  #reached(automaton: Automaton, node: number, op: Op<unknown>): void {
    if (this.#domain === undefined) return;
    for (const access of accessesOf(op)) {
      if (this.#pick(automaton, node, access) === this.#domain) this.#own.add(access.region);
    }
  }

  /** What the identity that picks the cell of an access is one of; undefined when none picks it that moves. */
  #pick(automaton: Automaton, node: number, { at, via, through }: WordAccess): Domain | undefined {
    if (via === 'pointer') return through;
    return at instanceof Ref ? registerDomain(automaton, node, at.register) : undefined;
  }

  /** What an op does with refs that tells identities of the domain apart. */
  #refs(automaton: Automaton, node: number, { spec }: Op<unknown>): string | undefined {
    const own = this.#domain;
    if (own === undefined) return undefined;
    const { index, operands = [], blind = false } = spec;
    if (index instanceof Identity && index.domain === own) return `names ${own.name} ${index.index}`;
    for (const operand of blind ? [] : operands) {
      const refers = operand instanceof Identity || operand instanceof Ref;
      const held = refers ? undefined : operand.region.refTo;
      if (held === own || this.#mayBe(automaton, node, refers ? operand : operand.index))
        return 'computes with an identity';
    }
    const bit = bitOperandOf(spec);
    if (bit !== undefined && bit >= 0 && registerDomain(automaton, node, bit) === own)
      return 'is on the bit of an identity';
    return this.#compared(automaton, node, spec);
  }

  /**
   * Refs that are held against one another: identities of the domain are renamed, so each must be one or null. A constant
   * one names a member; what an operand of another kind says of them is a matter of numbers.
   */
  #compared(automaton: Automaton, node: number, spec: OpSpec): string | undefined {
    const compared = comparedRefsOf(spec);
    if (compared === undefined) return undefined;
    const own = this.#domain;
    const operands = compared.operands.filter((operand) => operand !== NULL);
    const domains = operands.map((operand) => (operand < 0 ? undefined : registerDomain(automaton, node, operand)));
    const concerned = compared.cell === own || domains.includes(own);
    // Two refs that are compared without a cell: what the constant one is one of is not known.
    const named = operands.some((operand) => operand < 0) && (concerned || spec.region === undefined);
    if (named) return 'names an identity';
    if (!concerned) return undefined;
    if (spec.region !== undefined && compared.cell !== own)
      return 'puts an identity beside a cell that is no ref to it';
    return domains.every((domain) => domain === own) ? undefined : 'puts an identity beside what is none';
  }

  /** What an access does that tells the cells of the members apart, or the holders of a lock. */
  #accesses(automaton: Automaton, node: number, op: Op<unknown>): string | undefined {
    for (const access of accessesOf(op)) {
      const { region, at, via } = access;
      const isLatchOp = latchUpdateOf(op.spec) !== undefined && via !== 'ghost';
      if (region.kind === 'latch' && !isLatchOp) return 'computes with the holders of a lock';
      if (via === 'ghost' && this.#domain !== undefined && region.refTo === this.#domain)
        return 'records over an identity';
      if (via === 'claim' && op.spec.domain === this.#domain) return 'takes the first that is free';
      if (!this.#own.has(region)) continue;
      if (region.planes.length > 1) return `is on ${region.name}, of which each has one, among more than thirty actors`;
      if (via === 'pointer' || at instanceof Ref) {
        if (this.#pick(automaton, node, access) !== this.#domain)
          return `picks a cell of ${region.name} by what is none of them`;
      } else return `names a cell of ${region.name} by position`;
      if (region.count !== this.#domain?.count)
        return `picks one of them by an identity, and ${region.name} has ${region.count} cells`;
      if (op.spec.operands !== undefined) return `computes with a cell of ${region.name}, of which each has one`;
    }
    return undefined;
  }

  #mayBe(automaton: Automaton, node: number, index: Index): boolean {
    if (index instanceof Identity) return index.domain === this.#domain;
    return index instanceof Ref && registerDomain(automaton, node, index.register) === this.#domain;
  }

  #initial(): string | undefined {
    const { layout, actors } = this.program;
    const initial = layout.initial();
    for (const region of layout.regions.filter(({ isPlane }) => !isPlane)) {
      for (const word of wordsOf(region)) {
        const value = initial[word];
        if (region.kind === 'latch') {
          const has = (actor: number): boolean =>
            (initial[word + region.planes[planeOfActor(actor)]] & bitOfActor(actor)) !== 0;
          if (new Set(this.actors.map(has)).size > 1) return `${region.name} starts with some of them as holders`;
        }
        if (this.#domain !== undefined && region.refTo === this.#domain && value > 0) {
          return `${region.name} starts with ${this.#domain.name} ${value - 1}`;
        }
      }
      if (this.#own.has(region)) {
        const own = (actor: number, part: number): number =>
          region.base + part * region.count + (actors[actor].self?.index ?? 0);
        const differs = (part: number): boolean =>
          new Set(this.actors.map((actor) => initial[own(actor, part)])).size > 1;
        if (Array.from({ length: region.width }, (_, part) => part).some(differs))
          return `the cells of ${region.name} start with different values`;
      }
    }
    return undefined;
  }

  #checks(): string | undefined {
    const { layout, always, finally: last } = this.program;
    for (const { name, words } of [...always, ...last]) {
      for (const word of words) {
        const region = layout.regionOf(word);
        if (region === undefined) continue;
        const tells = region.kind === 'latch' || this.#own.has(region);
        if (tells || (this.#domain !== undefined && region.refTo === this.#domain)) {
          return `check "${name}" looks at ${layout.nameOf(word)}, which holds an identity`;
        }
      }
    }
    return undefined;
  }
}

function wordsOf({ base, count, width }: Region): number[] {
  return Array.from({ length: count * width }, (_, i) => base + i);
}
