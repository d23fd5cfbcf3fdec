/**
 * The builder: declares cells, objects, actors and checks, and makes a Program of them.
 *
 * `src/primitives` extends it with locks and the rest of the kernel's tools; that is the builder models see.
 */

import type { AnyStateMachine } from 'xstate';
import { Automaton, type LoopWatch } from '../automaton/automaton.js';
import { ModelError } from '../errors.js';
import type { FindingKind } from '../finding-kind.js';
import { refuseUnknownOptions } from '../known-options.js';
import { compileMachine, type MachineTable } from '../machine/machine-table.js';
import { Bitmap, Cell, CellArray, Ghost, RefCell, RefCellArray } from '../ops/cell.js';
import { waitUntil } from '../ops/choice.js';
import { type ErrorResults, errorResults } from '../ops/irreversible.js';
import { Latch } from '../ops/latch.js';
import { checkName, declaredLate, Layout } from '../ops/layout.js';
import { ObjectArray } from '../ops/objects.js';
import type { ComputeOperand, Op } from '../ops/op.js';
import { type Domain, Identity } from '../ops/ref.js';
import type { Routine } from '../ops/routine.js';
import { type NamedValues, valueNamesOf } from '../ops/value-names.js';
import { isWord, valueText } from '../ops/word-value.js';
import { checkScripts } from './check-scripts.js';
import { checkOf, effectsOf, stateAfter } from './declared.js';
import {
  ACTORS_A_WORD,
  type After,
  MAX_ACTORS,
  type Program,
  type ProgramActor,
  type ProgramCall,
  type ProgramCheck,
} from './program.js';
import { stripesOf } from './stripes.js';

/** Each actor has so many registers at most, and a model so many actors: every state holds a word for each of them. */
const MOST_REGISTERS = 1_024;
const MOST_ACTORS = 65_536;

/** A domain that names its members. */
export interface NamedDomain extends Domain {
  /** The member at a position, from 0 on. */
  id(index: number): Identity;
}

/** A call of an actor's script, made by `call`. */
export interface Call {
  readonly name: string;
  /** The generator function that the call runs. */
  readonly routine: (...args: never[]) => Routine<unknown>;
  readonly args: readonly unknown[];
  readonly after: readonly After[];
  /** Which of its results are errors; those that the model says (`m.errors`), if left out. */
  readonly errors?: ErrorResults | undefined;
}

/** One call of an actor's script: a routine with its arguments. Identities among them reach the routine as refs. */
export function call<A extends unknown[]>(
  name: string,
  routine: (...args: A) => Routine<unknown>,
  ...args: { [K in keyof A]: A[K] | Identity }
): Call {
  return { name, routine: routine as unknown as Call['routine'], args, after: [] };
}

/** The same call, started only after other actors have completed some of theirs. */
export function after(constraints: readonly After[], what: Call): Call {
  return { ...what, after: [...what.after, ...constraints] };
}

/**
 * The same call, of which these results are errors, whatever the model says of other calls (`m.errors`): one that is
 * returned after an irreversible effect of the call is a finding. `told`: what traces print of it.
 */
export function failsWhen(
  isError: (result: number) => boolean,
  what: Call,
  told?: (result: number) => string | undefined,
): Call {
  return { ...what, errors: errorResults(`failsWhen(..., call("${what.name}"))`, isError, told) };
}

/** What an actor does: one routine, or a script of calls. */
export type Script = (() => Routine<unknown>) | readonly Call[];

/** Options of `actors`. */
export interface ActorOptions {
  /**
   * The actors are interchangeable. Given a domain of as many members, actor i is its member i: it gets its identity as
   * an argument (`call(name, routine, domain.id(i))`), and cells that hold identities are refs into the domain.
   */
  readonly symmetric?: boolean | Domain;
  /** The actors may wait for ever. */
  readonly daemon?: boolean;
}

/** Options of `always` and `finally`. */
export interface CheckOptions {
  /** Kind of the finding. Default `assertion`. */
  readonly kind?: FindingKind;
}

/** Anything with one word that a check can look at. */
export type Checkable = {
  readonly region: { readonly base: number; readonly count: number };
  readonly index?: unknown;
};

/** Declares the parts of a model. */
export class ProgramBuilder {
  readonly layout = new Layout();
  readonly #machines: MachineTable[] = [];
  readonly #objects: ObjectArray[] = [];
  readonly #actors: {
    name: string;
    calls: readonly Call[];
    daemon: boolean;
    symmetry: number;
    self?: Identity | undefined;
  }[] = [];
  readonly #always: ProgramCheck[] = [];
  readonly #finally: ProgramCheck[] = [];
  #errors: ErrorResults | undefined;
  #symmetries = 0;
  #automaton: Automaton | undefined;
  #isClosed = false;
  /** Names of actors and checks, each behind what it names. */
  readonly #names = new Set<string>();

  constructor(
    readonly name: string,
    readonly registers: number,
  ) {
    checkCount(registers, 0, `model ${name} allows registers:`, MOST_REGISTERS);
  }

  /** A word that holds a small integer. `values` names some of its values, as reports print them: `{ IDLE: 0, BUSY: 1 }`. */
  cell(name: string, options: { initial?: number; values?: NamedValues } = {}): Cell {
    refuseUnknownOptions(`m.cell("${name}")`, options, ['initial', 'values']);
    const values = valueNamesOf(name, options.values);
    return new Cell(this.layout.add(name, 'cell', 1, initialOf(options), { values }));
  }

  /** An array of words: integers, or refs into `refTo` when it is given. */
  cells(name: string, count: number, options: { refTo: Domain }): RefCellArray;
  cells(name: string, count: number, options?: { initial?: number; values?: NamedValues }): CellArray;
  cells(
    name: string,
    count: number,
    options: { initial?: number; refTo?: Domain; values?: NamedValues } = {},
  ): CellArray | RefCellArray {
    const { refTo } = options;
    refuseUnknownOptions(`m.cells("${name}")`, options, ['initial', refTo === undefined ? 'values' : 'refTo']);
    const values = valueNamesOf(name, options.values);
    const region = this.layout.add(name, 'cell', count, initialOf(options), { indexed: true, refTo, values });
    return refTo ? new RefCellArray(region, refTo) : new CellArray(region);
  }

  /** A word that holds a ref into a domain, none, or a mark (a number below 0 that is no identity). */
  refCell(name: string, domain: Domain, options: { initial?: number } = {}): RefCell {
    refuseUnknownOptions(`m.refCell("${name}")`, options, ['initial']);
    const region = this.layout.add(name, 'cell', 1, initialOf(options), { refTo: domain });
    return new RefCell(region, 0, domain);
  }

  /** A bitmap of `bits` bits in 32-bit words. */
  bitmap(name: string, bits: number): Bitmap {
    checkCount(bits, 1, `bitmap("${name}") has bits:`);
    return new Bitmap(this.layout.add(name, 'cell', Math.ceil(bits / 32), 0, { indexed: bits > 32 }), bits);
  }

  /** A word that routines cannot read; ops update it with `.record`. */
  ghost(name: string, options: { initial?: number } = {}): Ghost {
    refuseUnknownOptions(`m.ghost("${name}")`, options, ['initial']);
    return new Ghost(this.layout.add(name, 'ghost', 1, initialOf(options)));
  }

  /**
   * A set of identities without words of its own, such as the gfns. `drawn: false`: live runs keep those that a script names.
   */
  domain(name: string, count: number, options: { drawn?: false } = {}): NamedDomain {
    checkCount(count, 0, `domain("${name}") has members:`);
    refuseUnknownOptions(`m.domain("${name}")`, options, ['drawn']);
    const domain = { name, count, ...options, id: (index: number): Identity => new Identity(domain, index) };
    return domain;
  }

  /**
   * `count` objects governed by a machine. `events` are sent to each before the first step. `irreversible`: events that
   * nobody can undo, with what is so from then on: `{ ZAP: 'the accepted page is gone' }`.
   */
  objects(
    name: string,
    machine: AnyStateMachine,
    count: number,
    options: { events?: string[]; irreversible?: Readonly<Record<string, string>> } = {},
  ): ObjectArray {
    refuseUnknownOptions(`m.objects("${name}")`, options, ['events', 'irreversible']);
    const table = compileMachine(machine);
    let position = this.#machines.indexOf(table);
    if (position < 0) position = this.#machines.push(table) - 1;
    const initial = stateAfter(name, table, options.events ?? []);
    const region = this.layout.add(name, 'object', count, initial, { indexed: true });
    const objects = new ObjectArray(region, table, position, effectsOf(name, table, options.irreversible));
    this.#objects.push(objects);
    return objects;
  }

  /** One to three words of holder bits, once for each thirty actors; the stuff that locks are made of. */
  latch(name: string, options: { count?: number; width?: number; full?: boolean } = {}): Latch {
    const { count = 1, width = 1, full = false } = options;
    const region = this.layout.add(name, 'latch', count, full ? (1 << ACTORS_A_WORD) - 1 : 0, {
      indexed: count > 1,
      width,
      // All bits are set of what nobody has taken yet.
      isToken: full,
    });
    return new Latch(region);
  }

  /** Waits until a predicate over several cells holds. */
  waitUntil(cells: readonly ComputeOperand[], predicate: (...values: number[]) => boolean): Op<void> {
    return waitUntil(cells, predicate);
  }

  /** One actor with its script. */
  actor(name: string, script: Script, options: { daemon?: boolean } = {}): void {
    refuseUnknownOptions(`m.actor("${name}")`, options, ['daemon']);
    this.#declares('actor', name);
    this.#actors.push({ name, calls: callsOf(name, script), daemon: options.daemon ?? false, symmetry: -1 });
  }

  /** `count` actors named name0, name1, ... */
  actors(
    name: string,
    count: number,
    script: (index: number) => Script | Routine<unknown>,
    options: ActorOptions = {},
  ): void {
    checkCount(count, 0, `actors("${name}") are`, MOST_ACTORS);
    refuseUnknownOptions(`m.actors("${name}")`, options, ['symmetric', 'daemon']);
    if (typeof script !== 'function') throw actorsNeed(name);
    const symmetry = options.symmetric ? this.#symmetries++ : -1;
    const domain = typeof options.symmetric === 'object' ? options.symmetric : undefined;
    if (domain !== undefined && domain.count !== count) {
      throw new ModelError(`actors("${name}") are ${count}, but their domain ${domain.name} has ${domain.count}`);
    }
    for (let index = 0; index < count; index++) {
      const own = script(index);
      if (typeof own !== 'function' && !Array.isArray(own)) throw actorsNeed(name);
      this.#declares('actor', `${name}${index}`);
      const calls = callsOf(`${name}${index}`, own as Script);
      const self = domain && new Identity(domain, index);
      this.#actors.push({ name: `${name}${index}`, calls, daemon: options.daemon ?? false, symmetry, self });
    }
  }

  /**
   * Holds in every state that another actor could see: asked of the initial state, and after every step (an op with what it
   * records, a whole atomic section) that changed one of the cells. `holds` answers true, or what is wrong.
   */
  always(name: string, cells: readonly Checkable[], holds: ProgramCheck['holds'], options: CheckOptions = {}): void {
    const check = checkOf('always', name, cells, holds, options);
    this.#declares('check', name, check.words);
    this.#always.push(check);
  }

  /**
   * Holds at the end of every run: when every actor that must finish has finished and the daemons are at rest, each
   * finished or waiting. Daemons that never rest are not waited for: where all that they do can only repeat itself, it is
   * asked between their rounds, each daemon that can go on being at the head of its loop (in all of these states, if there
   * are none of those). A state in which a daemon is half-way, and which is left for good, is no end.
   */
  finally(name: string, cells: readonly Checkable[], holds: ProgramCheck['holds'], options: CheckOptions = {}): void {
    const check = checkOf('finally', name, cells, holds, options);
    this.#declares('check', name, check.words);
    this.#finally.push(check);
  }

  /**
   * Which results of calls are errors: they say that nothing happened, so one that is returned after an irreversible effect
   * of its call (`op.irreversible`, `irreversible`, `m.objects`) is a finding. `failsWhen` says it of one call instead.
   * `told`: what traces print of such a result.
   */
  errors(isError: (result: number) => boolean, told?: (result: number) => string | undefined): void {
    if (this.#isClosed) throw declaredLate('m.errors(...)');
    if (this.#errors !== undefined) throw new ModelError('m.errors(...) is said twice; failsWhen says it of one call');
    this.#errors = errorResults('m.errors(...)', isError, told);
  }

  /** Nothing is declared from now on: what comes now would be in no state. */
  close(): void {
    this.#isClosed = true;
    this.layout.close();
  }

  /** All that was declared, in its order, one line each: two builds of a model must agree on it. */
  get declared(): readonly string[] {
    const initial = this.layout.initial();
    const cells = this.layout.regions.map(
      ({ name, count, base, width }) =>
        `${count === 1 ? '' : `${count} of `}"${name}" with ${initial.subarray(base, base + count * width).join(', ')}`,
    );
    const actors = this.#actors.map(({ name, calls, daemon }) => {
      const made = calls.map((each) => `${each.name}(${each.args.map(valueText).join(', ')})`);
      return `${daemon ? 'daemon' : 'actor'} "${name}" with ${made.join(', ')}`;
    });
    const checks = [...this.#always, ...this.#finally].map(
      ({ name, words }) => `check "${name}" of the words ${words.join(', ')}`,
    );
    return [...cells, ...actors, ...checks];
  }

  /** @param of what it is about, where the same may be said of several things */
  #declares(what: 'actor' | 'check', name: string, of: readonly number[] = []): void {
    if (this.#isClosed) throw declaredLate(`${what} "${name}"`);
    checkName(what, name);
    const key = `${what} ${name} ${of}`;
    if (this.#names.has(key)) throw new ModelError(`two ${what}s are named "${name}"; names must differ`);
    this.#names.add(key);
  }

  /** The routine whose first op is looked for, if that is what `program` is at. */
  get routineUnderWay(): string | undefined {
    return this.#automaton?.underWay?.root.name;
  }

  /**
   * The finished program.
   *
   * @param notesCrossings whether the automaton keeps the marks that routines pass
   */
  program(watch?: LoopWatch, notesCrossings = false): Program {
    if (this.#actors.length === 0) throw new ModelError(`model ${this.name} has no actors`);
    // More than the controlled engines run have no bits anywhere: live runs keep locks otherwise.
    if (this.#actors.length <= MAX_ACTORS) this.layout.widen(Math.ceil(this.#actors.length / ACTORS_A_WORD));
    const automaton = new Automaton(this.registers, watch, (region) => this.layout.owns(region), notesCrossings);
    this.#automaton = automaton;
    const actors = this.#actors.map(
      ({ name, calls, daemon, symmetry, self }): ProgramActor => ({
        name,
        daemon,
        symmetry,
        self,
        calls: calls.map(
          (each): ProgramCall => ({
            name: each.name,
            root: automaton.root(each.name, each.routine, each.args, each.errors ?? this.#errors),
            identities: each.args.filter((arg) => arg instanceof Identity),
            after: each.after,
          }),
        ),
      }),
    );
    checkScripts(automaton, actors);
    return {
      name: this.name,
      layout: this.layout,
      machines: this.#machines,
      objects: this.#objects,
      automaton,
      actors,
      always: this.#always,
      finally: this.#finally,
      registers: this.registers,
      stripes: stripesOf(this),
    };
  }
}

/** Left out, a cell starts with 0; anything else that is no number is for the layout to refuse. */
function initialOf({ initial = 0 }: { readonly initial?: number }): number {
  return initial;
}

function checkCount(count: unknown, least: number, what: string, most = Number.POSITIVE_INFINITY): void {
  if (isWord(count) && count >= least && count <= most) return;
  const bound = most === Number.POSITIVE_INFINITY ? '' : ` and at most ${most}`;
  throw new ModelError(`${what} ${valueText(count)}; a number of them is a whole one, at least ${least}${bound}`);
}

function actorsNeed(name: string): ModelError {
  return new ModelError(`actors("${name}") needs a function that returns a routine or calls, such as () => ${name}`);
}

function callsOf(name: string, script: Script): readonly Call[] {
  if (Array.isArray(script) && script.every((each) => typeof each?.routine === 'function')) return script;
  if (typeof script !== 'function') {
    throw new ModelError(
      `actor "${name}" takes a routine (function* ${name}() { ... }) or a list of calls ([call("${name}", ${name})])`,
    );
  }
  return [{ name: script.name || name, routine: script as Call['routine'], args: [], after: [] }];
}
