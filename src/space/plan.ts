/**
 * Plan: which reductions a search of a program uses, and why it does not use others. Used by `verify`.
 */

import { AGAIN } from '../core/automaton/automaton.js';
import type { Domain } from '../core/ops/ref.js';
import type { Program } from '../core/program/program.js';
import { Canonical } from './canonical.js';
import { type Completion, THROWS } from './complete.js';
import type { Groundwork } from './groundwork.js';
import { type LocalView, PlainView } from './local-view.js';
import { OrderReduction } from './por.js';
import { type SymmetricGroup, symmetryOf } from './symmetry.js';
import { System } from './system.js';

/** Which reductions are wanted. */
export interface WantedReductions {
  readonly merge: boolean;
  readonly symmetry: boolean;
  readonly por: boolean;
}

/** What was done about one reduction. */
export interface ReductionUse {
  readonly used: boolean;
  /** Why not, or why not everywhere. */
  readonly reasons: readonly string[];
}

/** The reductions of a search, for its report. */
export interface ReductionsUsed {
  /** Why none could be used, and what to write instead; undefined when some could. */
  readonly problem: string | undefined;
  readonly merge: ReductionUse;
  readonly symmetry: ReductionUse & {
    /** The groups of actors that were taken for one another, by name. */
    readonly groups: readonly (readonly string[])[];
  };
  readonly por: ReductionUse;
}

/** A program ready to be searched. */
export interface Plan {
  readonly system: System;
  /** Undefined when no actors are interchangeable. */
  readonly canonical: Canonical | undefined;
  readonly reduction: OrderReduction | undefined;
  /** Undefined when the automaton could not be completed. */
  readonly completion: Completion | undefined;
  /** Whether some run might go back to the head of a retry loop. */
  readonly mayLoop: boolean;
  readonly used: ReductionsUsed;
}

const NOT_WANTED = 'switched off';
/** Why nothing is reduced where values have no end. */
export const ENDLESS =
  'values that had not been met before kept turning up: a cell that counts on has no last one; write it modulo n, or bound it';

/**
 * Plans a search over what was met so far. With a reason in place of `completes` it relies on nothing of that: for that
 * reason it uses no reduction, and no value is a surprise to it.
 */
export function planOf(ground: Groundwork, wanted: WantedReductions, completes: true | string = true): Plan {
  const { program, met } = ground;
  const completed = completes === true ? ground.completed : completes;
  const completion = typeof completed === 'string' ? undefined : completed;
  const problem = typeof completed === 'string' ? [completed] : [];
  const isWanted = wanted.merge || wanted.symmetry || wanted.por;
  // The caller may have a reason that is no fault of the model.
  const isProblem = completes === true || completes === ENDLESS;
  const view = viewOf(ground, wanted.merge, completion);
  const symmetry = wanted.symmetry && completion !== undefined && met.asymmetries.length === 0;
  const { groups, refused } = symmetry
    ? symmetryOf(program, completion)
    : { groups: [], refused: [...met.asymmetries] };
  if (symmetry && groups.length === 0 && refused.length === 0) {
    refused.push('no two actors run the same routines with the same arguments');
  }
  const watched = groups.map(({ domain }) => domain).filter((domain): domain is Domain => domain !== undefined);
  const system = new System(program, view, new Set(watched));
  if (completion !== undefined) for (const script of new Set(system.scripts)) script.numberAll(completion);
  const reduces = wanted.por && completion !== undefined && program.actors.length > 1;
  return {
    system,
    canonical: groups.length > 0 ? new Canonical(system, groups) : undefined,
    reduction: reduces ? new OrderReduction(system, ground.footprints(completion)) : undefined,
    completion,
    mayLoop: completion === undefined || loops(completion),
    used: {
      problem: isWanted && isProblem ? problem[0] : undefined,
      merge: use(wanted.merge && completion !== undefined, wanted.merge, problem),
      symmetry: {
        ...use(groups.length > 0, wanted.symmetry, [...problem, ...refused]),
        groups: namesOf(program, groups),
      },
      por: use(reduces, wanted.por, program.actors.length > 1 ? problem : ['there is one actor']),
    },
  };
}

function viewOf(ground: Groundwork, merge: boolean, completion: Completion | undefined): LocalView {
  const { automaton, registers } = ground.program;
  if (merge && completion !== undefined) return ground.merged(completion);
  return new PlainView(automaton, registers, completion);
}

function use(used: boolean, wanted: boolean, reasons: readonly string[]): ReductionUse {
  return { used, reasons: wanted ? reasons : [NOT_WANTED] };
}

function namesOf({ actors }: Program, groups: readonly SymmetricGroup[]): string[][] {
  return groups.map((group) => group.actors.map((actor) => actors[actor].name));
}

function loops({ edges }: Completion): boolean {
  for (const { edges: targets } of edges.values()) {
    if (targets.some((edge) => edge !== THROWS && (edge & AGAIN) !== 0)) return true;
  }
  return false;
}
