/**
 * Machine tables: an XState machine compiled to a packed word and integer arrays.
 *
 * A transition of XState costs 40 to 60 microseconds; engines make millions of steps a second. So the machine's
 * current state is one word, a bit field for each region, and an event is a look-up for each group of regions.
 * Built once a machine by `compileMachine`; used by the executor, the live engine and whoever prints states.
 */

import type { AnyStateMachine } from 'xstate';
import { ModelError } from '../errors.js';
import { type FindingKind, moreUrgent } from '../finding-kind.js';
import { didYouMean } from '../input-sentence.js';
import { askMachine, type GroupStates, groupRegions, statesOf } from './machine-group.js';
import { type MachineRegion, readRegions } from './machine-region.js';

/** A violation state of a machine. */
export interface MachineViolation {
  readonly kind: FindingKind;
  /** Completes "When this happens, ...". */
  readonly words: string;
  /** Region and state: `rmp.hostRmpFault`. */
  readonly state: string;
}

/** A machine as its engines run it. States are packed words; events are positions in `events`. */
export interface MachineTable {
  /** The machine's id. */
  readonly name: string;
  /** Sorted. */
  readonly events: readonly string[];
  /** Sorted, without `violation`. */
  readonly tags: readonly string[];
  /** Width of a packed word; at most 31, so that a word is never negative. */
  readonly bits: number;
  /** The word of the initial states. */
  readonly initial: number;
  /** Most urgent first; equally urgent ones in the order of declaration. */
  readonly violations: readonly MachineViolation[];
  /**
   * The word after `event`; or -(v + 1) when regions refuse it, v being the most urgent of their violations.
   * Throws ModelError for a word or event that is not of this machine.
   */
  next(word: number, event: number): number;
  /** Whether a region is in a state with this tag. Throws ModelError for an unknown tag. */
  hasTag(word: number, tag: string): boolean;
  /** The word for people: `contents zero, uptodate set, ...`. */
  describe(word: number): string;
  /** The region that refuses with this violation. */
  regionOf(violation: number): string;
  /** State by region, in the order of declaration. */
  decode(word: number): Record<string, string>;
  /** The word of one state for each region. Throws ModelError for a missing or unknown one. */
  encode(value: Readonly<Record<string, string>>): number;
}

/** The bit field of one region; a state's code is its position among the region's ordinary states. */
interface Field {
  readonly region: MachineRegion;
  readonly shift: number;
  readonly mask: number;
}

/** Rows of one group: its part of the word, in place, after each event; or a violation as `next` returns it. */
interface GroupRows {
  readonly shift: number;
  readonly mask: number;
  readonly rows: Int32Array;
}

/** Marks rows of bit patterns that no state has. */
const NO_STATE = 0x7fff_ffff;
/** Marks rows that XState was not asked for yet. */
const NOT_ASKED = NO_STATE - 1;
const MAXIMUM_BITS = 31;

const tables = new WeakMap<AnyStateMachine, MachineTable>();

/**
 * Compiles a machine to its table; the same machine object yields the same table.
 *
 * XState is asked for a row when that is needed first, since a short run meets few of them: at most one transition for
 * each event and each state of the groups of regions.
 *
 * @throws ModelError when the machine breaks the discipline (machine-region.ts) or does not fit 31 bits
 */
export function compileMachine(machine: AnyStateMachine): MachineTable {
  const known = tables.get(machine);
  if (known !== undefined) return known;
  const table = new CompiledMachine(machine);
  tables.set(machine, table);
  return table;
}

class CompiledMachine implements MachineTable {
  readonly name: string;
  readonly events: readonly string[];
  readonly tags: readonly string[];
  readonly bits: number;
  readonly initial: number;
  readonly violations: readonly MachineViolation[];
  /** In the order of declaration. */
  readonly #fields: readonly Field[];
  readonly #groups: readonly GroupRows[];
  /** What one transition says of all groups, asked when a row is needed first. */
  readonly #ask: (word: number, event: number) => void;
  readonly #violationRegions: readonly string[];

  constructor(machine: AnyStateMachine) {
    const regions = readRegions(machine);
    const groups = groupRegions(regions);
    this.name = machine.id;
    this.events = [...new Set(regions.flatMap((region) => region.answers.map((answer) => answer.event)))].sort();
    this.tags = [...new Set(regions.flatMap((region) => region.states.flatMap((state) => state.tags)))].sort();
    const layout = layFields(groups);
    this.bits = layout.bits;
    if (this.bits > MAXIMUM_BITS) {
      throw new ModelError(
        `machine "${this.name}": its states need ${this.bits} bits; at most ${MAXIMUM_BITS} fit a word`,
      );
    }
    this.#fields = regions.map((region) => layout.fields.get(region.name)!);
    const refusals = regions
      .flatMap((region) => region.refusals.map((refusal) => ({ ...refusal, region: region.name })))
      .sort((a, b) => Number(moreUrgent(b.kind, a.kind)) - Number(moreUrgent(a.kind, b.kind)));
    this.violations = refusals.map(({ kind, words, region, name }) => ({ kind, words, state: `${region}.${name}` }));
    this.#violationRegions = refusals.map((refusal) => refusal.region);
    this.initial = this.encode(Object.fromEntries(regions.map((region) => [region.name, region.initial])));
    const fields = groups.map((group) => this.#fields.filter((field) => group.includes(field.region)));
    this.#groups = groups.map((group, place) => this.#rowsOf(fields[place]!, statesOf(machine, group)));
    this.#ask = (word, event) => {
      const states = fields.map((members) => members.map((field) => this.#stateOf(word, field).name));
      const next = askMachine(machine, groups, states, this.events[event]!);
      this.#groups.forEach(({ shift, mask, rows }, place) => {
        rows[((word >>> shift) & mask) * this.events.length + event] = this.#rowOf(fields[place]!, next[place]!);
      });
    };
  }

  next(word: number, event: number): number {
    this.#requireWord(word);
    const { length } = this.events;
    if (!(event >= 0 && event < length)) throw new ModelError(`machine "${this.name}" has no event number ${event}`);
    let next = 0;
    let refused = -NO_STATE;
    for (const { shift, mask, rows } of this.#groups) {
      const at = ((word >>> shift) & mask) * length + event;
      if (rows[at] === NOT_ASKED) this.#ask(word, event);
      const row = rows[at];
      if (row === NO_STATE) throw this.#notAWord(word);
      // Violations are numbered by urgency, so the greatest of these negative numbers is the most urgent.
      if (row < 0) refused = Math.max(refused, row);
      else next |= row;
    }
    return refused === -NO_STATE ? next : refused;
  }

  hasTag(word: number, tag: string): boolean {
    if (!this.tags.includes(tag)) {
      throw new ModelError(
        `machine "${this.name}" has no tag "${tag}"; its tags are ${this.tags.join(', ')}${didYouMean(tag, this.tags)}`,
      );
    }
    return this.#fields.some((field) => this.#stateOf(word, field).tags.includes(tag));
  }

  describe(word: number): string {
    const states = Object.entries(this.decode(word));
    return states.map(([region, state]) => `${region} ${state}`).join(', ');
  }

  regionOf(violation: number): string {
    const region = this.#violationRegions[violation];
    if (region === undefined) throw new ModelError(`machine "${this.name}" has no violation number ${violation}`);
    return region;
  }

  decode(word: number): Record<string, string> {
    return Object.fromEntries(this.#fields.map((field) => [field.region.name, this.#stateOf(word, field).name]));
  }

  encode(value: Readonly<Record<string, string>>): number {
    const unknown = Object.keys(value).find((name) => this.#fields.every((field) => field.region.name !== name));
    if (unknown !== undefined) {
      const names = this.#fields.map(({ region }) => region.name);
      throw new ModelError(
        `machine "${this.name}" has no region "${unknown}"; its regions are ${names.join(', ')}${didYouMean(unknown, names)}`,
      );
    }
    return this.#fields.reduce((word, field) => word | this.#codeOf(field, value[field.region.name]), 0);
  }

  /** The bits of a state, in place. */
  #codeOf({ region, shift }: Field, name: string | undefined): number {
    const code = region.states.findIndex((state) => state.name === name);
    if (code < 0) {
      const names = region.states.map((state) => state.name);
      const given = name === undefined ? 'is missing' : `cannot be "${name}"`;
      throw new ModelError(
        `machine "${this.name}", region "${region.name}" ${given}; its states are ${names.join(', ')}${didYouMean(name, names)}`,
      );
    }
    return code << shift;
  }

  #stateOf(word: number, { region, shift, mask }: Field) {
    this.#requireWord(word);
    const state = region.states[(word >>> shift) & mask];
    if (state === undefined) throw this.#notAWord(word);
    return state;
  }

  #requireWord(word: number): void {
    if (!(word >= 0 && word < 2 ** this.bits)) throw this.#notAWord(word);
  }

  #notAWord(word: number): ModelError {
    return new ModelError(`machine "${this.name}" has no state with the word ${word}`);
  }

  #rowsOf(fields: readonly Field[], states: readonly GroupStates[]): GroupRows {
    const shift = Math.min(...fields.map((field) => field.shift));
    const mask = fields.reduce((bits, field) => bits | (field.mask << field.shift), 0) >>> shift;
    const { length } = this.events;
    const rows = new Int32Array((mask + 1) * length).fill(NO_STATE);
    for (const each of states) {
      const row = (this.#wordOf(fields, each) >>> shift) * length;
      rows.fill(NOT_ASKED, row, row + length);
    }
    return { shift, mask, rows };
  }

  #rowOf(fields: readonly Field[], next: GroupStates): number {
    const refused = this.#mostUrgent(fields, next);
    return refused === undefined ? this.#wordOf(fields, next) : -(refused + 1);
  }

  #wordOf(fields: readonly Field[], states: GroupStates): number {
    return fields.reduce((word, field, place) => word | this.#codeOf(field, states[place]), 0);
  }

  /** The first of the violations that these states are, if any is one. */
  #mostUrgent(fields: readonly Field[], states: GroupStates): number | undefined {
    const names = fields.map((field, place) => `${field.region.name}.${states[place]}`);
    const violation = this.violations.findIndex(({ state }) => names.includes(state));
    return violation < 0 ? undefined : violation;
  }
}

/** Gives each region its bits, the regions of a group side by side. */
function layFields(groups: ReturnType<typeof groupRegions>): { fields: ReadonlyMap<string, Field>; bits: number } {
  const fields = new Map<string, Field>();
  let bits = 0;
  for (const region of groups.flat()) {
    const width = 32 - Math.clz32(region.states.length - 1);
    fields.set(region.name, { region, shift: bits, mask: 2 ** width - 1 });
    bits += width;
  }
  return { fields, bits };
}
