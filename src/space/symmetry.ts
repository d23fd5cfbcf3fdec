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

import { type Automaton, Field, NODE_WORDS } from '../core/automaton/automaton.js';
import type { Region } from '../core/ops/layout.js';
import { Opcode, type OpSpec, opText } from '../core/ops/op.js';
import { type Domain, Identity, type Index, Ref } from '../core/ops/ref.js';
import type { Program, ProgramActor } from '../core/program/program.js';
import type { Completion } from './complete.js';
import { registerDomain } from './live-registers.js';
import { scriptKey } from './system.js';

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
    for (const node of this.completion.nodes) {
      const { op } = automaton.infos[node / NODE_WORDS];
      if (op === undefined) continue;
      const because = this.#op(automaton, node, op.spec);
      if (because !== undefined) return `"${opText(op)}" ${because}`;
    }
    for (const node of this.completion.nodes) {
      const { region, index, operands = [] } = automaton.infos[node / NODE_WORDS].op?.spec ?? {};
      for (const operand of operands) {
        if (operand instanceof Identity || operand instanceof Ref || !this.#own.has(operand.region)) continue;
        return `${operand.region.name} holds a cell of each and is computed with`;
      }
      if (region === undefined || !this.#own.has(region)) continue;
      if (!(index instanceof Ref)) return `a cell of ${region.name} is named by position`;
      if (region.count !== this.#domain?.count) return `${region.name} is indexed by them and has more cells`;
    }
    return undefined;
  }

  /** What in one op tells identities apart. */
  #op(automaton: Automaton, node: number, spec: OpSpec): string | undefined {
    const { code, region, index, operands = [], domain } = spec;
    const own = this.#domain;
    if (code === Opcode.Compute) {
      for (const operand of operands) {
        if (operand instanceof Identity || operand instanceof Ref) {
          if (own !== undefined && this.#mayBe(automaton, node, operand)) return 'computes with an identity';
        } else if (operand.region.kind === 'latch') return 'computes with the holders of a lock';
        else if (own !== undefined && (operand.region.refTo === own || this.#mayBe(automaton, node, operand.index))) {
          return 'computes with an identity';
        }
      }
      return undefined;
    }
    if (own === undefined) return undefined;
    if (index instanceof Ref && this.#mayBe(automaton, node, index)) {
      if (region !== undefined) this.#own.add(region);
    } else if (index instanceof Identity && index.domain === own) return `names ${own.name} ${index.index}`;
    const refers = code === Opcode.StoreRef || code === Opcode.CompareExchangeRef || code === Opcode.CompareRef;
    if (refers || code === Opcode.EqualRefs) {
      for (const operand of [automaton.nodes[node + Field.a], automaton.nodes[node + Field.b]]) {
        if (operand < -1 && (code === Opcode.EqualRefs || region?.refTo === own)) return 'names an identity';
        if (operand >= 0 && refers && code !== Opcode.CompareRef && region?.refTo !== own) {
          if (registerDomain(automaton, node, operand) === own)
            return 'stores an identity in a cell that is no ref to it';
        }
      }
    }
    if (code === Opcode.Bit || code === Opcode.BitStore) {
      const bit = automaton.nodes[node + Field.a];
      if (bit >= 0 && registerDomain(automaton, node, bit) === own) return 'is on the bit of an identity';
    }
    return code === Opcode.Claim && domain === own ? 'takes the first that is free' : undefined;
  }

  #mayBe(automaton: Automaton, node: number, index: Index): boolean {
    if (index instanceof Identity) return index.domain === this.#domain;
    return index instanceof Ref && registerDomain(automaton, node, index.register) === this.#domain;
  }

  #initial(): string | undefined {
    const { layout, actors } = this.program;
    const initial = layout.initial();
    for (const region of layout.regions) {
      for (const word of wordsOf(region)) {
        const value = initial[word];
        if (region.kind === 'latch') {
          const bits = this.actors.map((actor) => (value >> actor) & 1);
          if (new Set(bits).size > 1) return `${region.name} starts with some of them as holders`;
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
