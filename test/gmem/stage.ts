/**
 * A stage for tests of the guest_memfd model: actors take steps when the test says so, and what they leave behind can
 * be read by name.
 */

import { Field, Flag } from '../../src/core/automaton/automaton.js';
import type { Region } from '../../src/core/ops/layout.js';
import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import { callKindOf } from '../../src/gmem/calls/registry.js';
import { gmem } from '../../src/gmem/model.js';
import type { CallSpec, Scenario, ScenarioActor } from '../../src/gmem/scenarios/scenario.js';
import { compileModel } from '../../src/model/model.js';

/** What differs from the usual world: one private gfn, three frames, SNP, in-place conversion, the gate off. */
export interface World extends Partial<Omit<Scenario, 'actors'>> {
  /** Answers to the choices of the environment, in their order; 0 for those beyond the list. */
  readonly choices?: readonly number[];
  /** The files that actors are of, where that is not the first one. */
  readonly fileOf?: Readonly<Record<string, number>>;
}

/** Latches that are no locks: their bits say who has looked. */
const TOKENS = ['mmu_invalidate_seq', 'prepare_generation', 'iommu_invalidate_seq'];
/** No call of these tests is that long. */
const MOST_STEPS = 2_000;

/** Actors and their calls under a scheme. */
export class Stage {
  /** Every step and every op within one, as `function: text`. */
  readonly steps: string[] = [];
  /** What calls returned, in the order in which they ended. */
  readonly returned: number[] = [];
  readonly #executor: Executor;
  readonly #choices: number[];
  /** Per actor, how many of its results were told. */
  readonly #told: number[];

  /** Use `stage` or `play`. */
  constructor(
    readonly program: Program,
    choices: readonly number[],
  ) {
    this.#executor = new Executor(program);
    this.#choices = [...choices];
    this.#told = program.actors.map(() => 0);
    this.#executor.observer = (_, node, word) => this.#note(node, word);
  }

  /** Kind of the violation that ended the play. */
  get violation(): string | undefined {
    return this.#executor.violation?.kind;
  }

  /** Whether an actor can take a step now. */
  canRun(actor: string): boolean {
    return this.#executor.canRun(this.#number(actor));
  }

  /** Whether an actor has made all its calls. */
  isDone(actor: string): boolean {
    const number = this.#number(actor);
    return this.#executor.callsOf(number) === this.program.actors[number].calls.length;
  }

  /** Runs an actor to the end of its next call. */
  call(actor: string): this {
    const number = this.#number(actor);
    const call = this.#told[number];
    while (this.#executor.callsOf(number) === call && this.violation === undefined) {
      if (!this.#executor.canRun(number)) throw new Error(`${actor} cannot end its call`);
      this.#step(number);
    }
    // Calls that take no step end with the call before them, or before anything was run: they are told in their turn.
    this.#tell(number, call + 1);
    return this;
  }

  /** Runs an actor until it is done, has to wait, starts a retry, or has broken something. */
  run(actor: string): this {
    return this.#advance(actor, () => false);
  }

  /** Runs an actor up to the step of this text, which it does not take. */
  runTo(actor: string, text: string): this {
    this.#advance(actor, (pending) => pending === text);
    if (this.#pending(this.#number(actor)) !== text) throw new Error(`${actor} never came to "${text}"`);
    return this;
  }

  /** Runs an actor through the step of this text. */
  runThrough(actor: string, text: string): this {
    this.runTo(actor, text);
    const number = this.#number(actor);
    this.#step(number);
    this.#tell(number, Number.POSITIVE_INFINITY);
    return this;
  }

  /** Value of a cell; for a cell that holds a ref, the number of the folio or undefined. */
  cell(name: string, index = 0): number | undefined {
    const { refTo } = this.#region(name);
    const value = this.#executor.state[this.#word(name, index)];
    if (refTo === undefined) return value;
    return value === 0 ? undefined : value - 1;
  }

  /** State of a page frame by region: contents, uptodate, presence, mapping, pins, guest, rmp. */
  folio(frame: number): Readonly<Record<string, string>> {
    return this.program.machines[0].decode(this.#executor.state[this.#word('folio', frame)]);
  }

  /** How many executed steps and ops have this text. */
  times(text: string): number {
    return this.steps.filter((step) => step.endsWith(`: ${text}`)).length;
  }

  /** The first of these steps or ops that did not happen after the ones before it; undefined when all did. */
  missing(...texts: readonly string[]): string | undefined {
    let from = 0;
    for (const text of texts) {
      const place = this.steps.slice(from).findIndex((step) => step.endsWith(`: ${text}`));
      if (place < 0) return text;
      from += place + 1;
    }
    return undefined;
  }

  /** Locks that somebody holds or waits for. */
  get locksHeld(): readonly string[] {
    return this.program.layout.regions
      .filter(({ kind, name }) => kind === 'latch' && !TOKENS.includes(name))
      .filter(({ base, count, width }) => this.#executor.state.subarray(base, base + count * width).some(Boolean))
      .map(({ name }) => name);
  }

  #advance(actor: string, isThere: (pending: string) => boolean): this {
    const number = this.#number(actor);
    while (this.#executor.canRun(number) && this.violation === undefined) {
      if (isThere(this.#pending(number))) return this;
      const flags = this.#step(number);
      this.#tell(number, Number.POSITIVE_INFINITY);
      if ((flags & StepFlag.Again) !== 0) return this;
    }
    return this;
  }

  #step(actor: number): number {
    const flags = this.#executor.step(actor, this.#executor.choicesOf(actor) > 0 ? (this.#choices.shift() ?? 0) : 0);
    if (this.steps.length > MOST_STEPS) throw new Error(`${this.program.actors[actor].name} does not come to an end`);
    return flags;
  }

  #tell(actor: number, upTo: number): void {
    const ended = Math.min(upTo, this.#executor.callsOf(actor));
    while (this.#told[actor] < ended) this.returned.push(this.#executor.resultOf(actor, this.#told[actor]++));
  }

  /** Text of the step that an actor takes next. */
  #pending(actor: number): string {
    const node = this.#executor.nodeOf(actor);
    if (node === 0) return '';
    const { atomic, op } = this.program.automaton.info(node);
    const word = this.#executor.pendingWord(actor);
    return this.#text(atomic ?? op?.spec.label ?? '', word);
  }

  #note(node: number, word: number): void {
    const { atomic, op, frame, root } = this.program.automaton.info(node);
    const where = frame?.name ?? root.name;
    const isFirst = (this.program.automaton.nodes[node + Field.flags] & Flag.Continues) === 0;
    if (atomic !== undefined && isFirst) this.steps.push(`${where}: ${this.#text(atomic, word)}`);
    this.steps.push(`${where}: ${this.#text(op?.spec.label ?? '', word)}`);
  }

  #text(label: string, word: number): string {
    return word < 0 ? label : label.replace('%', this.program.layout.nameOf(word));
  }

  #number(actor: string): number {
    const number = this.program.actors.findIndex(({ name }) => name === actor);
    if (number < 0) throw new Error(`there is no actor "${actor}"`);
    return number;
  }

  /** Where a cell is: of a parted array, in the region of its place in its block. */
  #word(name: string, index: number): number {
    const first = this.#region(name);
    const others = this.program.layout.regions.filter((region) => region !== first && region.part?.first === first);
    const parts = [first, ...others];
    return parts[index % parts.length].base + Math.floor(index / parts.length);
  }

  #region(name: string): Region {
    const found = this.program.layout.regions.find((region) => region.name === name);
    if (found === undefined) throw new Error(`there is no cell "${name}"`);
    return found;
  }
}

/** Sets the stage: each actor with its calls, guest calls or host calls. */
export async function stage(
  scheme: string,
  actors: Readonly<Record<string, readonly CallSpec[]>>,
  world: World = {},
): Promise<Stage> {
  const scripts = Object.entries(actors).map(([name, calls]): ScenarioActor => {
    const kind = isGuest(calls[0]) ? 'vcpu' : 'host';
    const file = world.fileOf?.[name];
    return { name, kind, ...(file && { file }), calls: calls.map((spec) => ({ spec })) };
  });
  return new Stage(await compileModel(gmem(scenarioOf(scripts, world), scheme)), world.choices ?? []);
}

/** Plays calls one after the other, nothing in parallel; ends at a violation. */
export async function play(scheme: string, calls: readonly CallSpec[], world: World = {}): Promise<Stage> {
  const names = calls.map((spec) => (isGuest(spec) ? 'vCPU0' : 'host'));
  const scripts = [...new Set(names)].map((name) => [name, calls.filter((_, call) => names[call] === name)] as const);
  const played = await stage(scheme, Object.fromEntries(scripts), world);
  for (const name of names) if (played.violation === undefined) played.call(name);
  return played;
}

function isGuest({ call }: CallSpec): boolean {
  return callKindOf(call).by === 'vcpu';
}

function scenarioOf(actors: readonly ScenarioActor[], world: World): Scenario {
  const { choices: _, fileOf: __, gfns = 1, attribute = 'private', ...settings } = world;
  return {
    name: 'stage',
    title: 'a stage for tests',
    arch: 'snp',
    gfns,
    frames: gfns + 2,
    attribute,
    attributes: Array.from({ length: gfns }, () => attribute),
    conversion: 'in-place',
    gate: false,
    hookFails: false,
    allocationFails: false,
    ...settings,
    actors,
  };
}
