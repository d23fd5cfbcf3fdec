/**
 * Call kinds: all that there is to say of one call that a scenario's actors make. The file of a call exports its kind, the
 * registry lists the kinds, and everything else that knows calls (types, schemas, sentences, the model) is made from
 * them. Imported by the calls and the registry.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { PartName } from '../parts.js';
import type { ActorKind } from '../scenarios/scenario.js';
import type { Gfn } from '../scheme.js';

/** What a call takes besides its pages, as plain data: schemas are made from it where zod is loaded. */
export interface Argument {
  /** What it may be. */
  readonly oneOf: readonly string[];
  /** What it is where a file does not say: the attribute of the call's first gfn. Left out: a file has to say. */
  readonly otherwise?: 'attribute';
}

/** Arguments by their names. A name means the same in every call that takes it. */
export type Arguments = Readonly<Record<string, Argument>>;

/** The values of arguments. */
export type ValuesOf<Takes extends Arguments> = { readonly [Name in keyof Takes]: Takes[Name]['oneOf'][number] };

/** What a call of a kind may name. */
type PagesOfKind = 'one' | 'range' | 'none';

/** One call, as the registry holds it. */
export interface CallKind<
  Name extends string = string,
  Pages extends PagesOfKind = PagesOfKind,
  Takes extends Arguments = Arguments,
> {
  /** Its name, as scenario files write it. */
  readonly name: Name;
  /** Who makes it; an actor makes calls of one sort. */
  readonly by: ActorKind;
  /** What it names: the page at its `gfn`, the range of `count` pages from there on, or no page. */
  readonly pages: Pages;
  readonly takes: Takes;
  /**
   * Whether its pages are gfns, as those of a vCPU's calls always are: of the host's calls the others name pages of the file.
   * Where there are memslots these differ.
   */
  readonly names?: 'gfns' | 'gfns with VM attributes';
  /** How the host comes to the file: by its descriptor, by the memslot, or by its own mapping. Where files end, neither may lead there any more. */
  readonly through?: 'descriptor' | 'descriptor, if in place' | 'memslot' | 'mapping';
  /** What columns and reports call it. `gfns`: its pages in words, such as "gfns 0-2"; of a call that names none, whose it is. */
  words(gfns: string, values: ValuesOf<Takes>): string;
  /** Whether it is about the whole memslot of the gfn that it names. */
  readonly changesSlots?: true;
  /** Whether it takes it for granted that memslots stay as they are: it has no place in a scenario in which they change. */
  readonly keepsSlots?: true;
  /** The parts of a world that it needs beyond those that every world has. */
  readonly needs?: readonly PartName[];
  /** Whether it belongs to the launch: with the gate on guest calls wait for it, and KVM refuses it from then on. */
  readonly launches?: true;
  /**
   * What makes the call, given its pages. The model asks once for all calls that differ in their pages alone: they share one
   * function, and with it an automaton.
   */
  routine(g: Gmem, values: ValuesOf<Takes>): (...gfns: Gfn[]) => Routine<number>;
}

/** Declares a kind, so that its type says its name, its pages and what it takes. */
export function callKind<
  const Name extends string,
  const Pages extends PagesOfKind,
  // biome-ignore lint/complexity/noBannedTypes: what a kind without arguments takes.
  const Takes extends Arguments = {},
>(kind: CallKind<Name, Pages, Takes>): CallKind<Name, Pages, Takes> {
  return kind;
}

/** A call of a kind with its arguments, as plain JSON; its pages come first. One that names no page has a `gfn` of 0. */
export type SpecOf<Kind extends CallKind> = Kind extends CallKind
  ? Flat<
      { call: Kind['name']; gfn: number } & (Kind['pages'] extends 'range' ? { count: number } : unknown) &
        ValuesOf<Kind['takes']>
    >
  : never;

type Flat<T> = { readonly [Name in keyof T]: T[Name] };
