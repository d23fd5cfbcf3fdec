/**
 * Program: a model made ready to run. Words and their names, actors with their calls, the checks, and the automaton
 * that all executions of the program share. Made by `compileModel`; read by engines and reports.
 */

import type { Automaton, Root } from '../automaton/automaton.js';
import type { FindingKind } from '../finding-kind.js';
import type { MachineTable } from '../machine/machine-table.js';
import type { Layout } from '../ops/layout.js';
import type { ObjectArray } from '../ops/objects.js';
import type { Identity } from '../ops/ref.js';
import type { Stripes } from './stripes.js';

/** A condition on when a call may start: `actor` has completed that many calls. */
export interface After {
  readonly actor: number;
  readonly calls: number;
}

/** One call of an actor's script. */
export interface ProgramCall {
  readonly name: string;
  readonly root: Root;
  /** Identities among the arguments, in order: the initial registers. */
  readonly identities: readonly Identity[];
  readonly after: readonly After[];
}

/** An actor and its script. */
export interface ProgramActor {
  readonly name: string;
  readonly calls: readonly ProgramCall[];
  /** May wait for ever. */
  readonly daemon: boolean;
  /** Number of the group of interchangeable actors it belongs to, or -1. */
  readonly symmetry: number;
  /** Which identity it is, where the actors of its group have a domain. */
  readonly self?: Identity | undefined;
}

/** A check over the values of a few words. */
export interface ProgramCheck {
  readonly name: string;
  readonly kind: FindingKind;
  readonly words: readonly number[];
  /** Where it was declared, `queue.mjs:12`; undefined for one of ours. */
  readonly at?: string | undefined;
  /** true when all is well; else false, or the words that say what is wrong. */
  readonly holds: (...values: number[]) => boolean | string;
}

/** A model made ready to run. */
export interface Program {
  readonly name: string;
  readonly layout: Layout;
  readonly machines: readonly MachineTable[];
  /** The arrays of objects that the machines govern. */
  readonly objects: readonly ObjectArray[];
  readonly automaton: Automaton;
  readonly actors: readonly ProgramActor[];
  readonly always: readonly ProgramCheck[];
  readonly finally: readonly ProgramCheck[];
  /** Registers per actor. */
  readonly registers: number;
  /** Live runs: whether the actors may make their calls over and over. */
  readonly repeatable?: boolean;
  /** Live runs: by which exclusion its steps are steps on real threads, where the model vouches for some. */
  readonly stripes?: Stripes | undefined;
}

/** Actors that one word has bits for: of a set of actors, and of a latch. Programs of more take several words. */
export const ACTORS_A_WORD = 30;

/** Which of the words with thirty bits each an actor has its bit in. */
export function planeOfActor(actor: number): number {
  return Math.floor(actor / ACTORS_A_WORD);
}

/** The bit of an actor there. */
export function bitOfActor(actor: number): number {
  return 1 << (actor % ACTORS_A_WORD);
}

/** Most actors that a controlled engine runs: traces keep them in bytes. The live engine has no such bound. */
export const MAX_ACTORS = 240;
