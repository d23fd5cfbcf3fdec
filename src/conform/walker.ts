/**
 * Walker: what an actor does next in a state of the search, and the states to which that leads.
 *
 * A state is one row of numbers: the words of the model, a block for each actor (its call, its node, the marks that it is
 * about to pass, the event it waits for, its registers), and what observers have put down. An actor is always at one of
 * four things: a word that its last event read late, a mark that the recording shows, an op, or its end; marks that the
 * recording does not show are passed on the way. Used by the engine only.
 */

import { AGAIN, DONE, Field, Flag, SPECIAL } from '../core/automaton/automaton.js';
import { type Crossing, PassedMarks } from '../core/automaton/passed-marks.js';
import { MachineCache } from '../core/machine/machine-cache.js';
import { type Op, Opcode, opText } from '../core/ops/op.js';
import { Identity, Ref } from '../core/ops/ref.js';
import type { Program } from '../core/program/program.js';
import { EDGE_BLOCKED, Effects } from '../core/run/effects.js';
import { MarkLists } from './mark-lists.js';
import { markKey, type NextStep, refusal, type Tried } from './next-step.js';
import type { Look, Observation, ObservedEvent, OpWatch } from './observed.js';
import { OpTouches } from './op-touches.js';
import { StepFootprint, TouchKind } from './step-footprint.js';

/** Words of an actor's block, before its registers. */
const Block = { call: 0, node: 1, list: 2, passed: 3, event: 4, late: 5, registers: 6 } as const;

const END: NextStep = { kind: 'end' };
const LATE: NextStep = { kind: 'late' };
const NO_VALUES: readonly unknown[] = [];

/** Steps of one program, held against one recording. */
export class Walker {
  /** The events of each actor, in order. */
  readonly scripts: readonly (readonly ObservedEvent[])[];
  readonly initial: Int32Array;
  readonly #state: Int32Array;
  readonly #effects: Effects;
  readonly #touches: OpTouches;
  readonly #crossings: PassedMarks;
  readonly #machines: MachineCache;
  readonly #blocks: number;
  readonly #blockWords: number;
  readonly #notes: number;
  readonly #lists = new MarkLists();

  constructor(
    readonly program: Program,
    readonly observation: Observation,
  ) {
    const { layout, registers, actors } = program;
    this.#blocks = layout.words;
    this.#blockWords = Block.registers + registers;
    this.#notes = this.#blocks + actors.length * this.#blockWords;
    this.#state = new Int32Array(this.#notes + (observation.notes ?? 0));
    this.#effects = new Effects(program, this.#state);
    this.#touches = new OpTouches(program, this.#state, this.#effects);
    // A program that notes none shows a recording nothing.
    this.#crossings = program.automaton.crossings ?? new PassedMarks();
    this.#machines = MachineCache.of(program.machines);
    const scripts: ObservedEvent[][] = actors.map(() => []);
    for (const event of observation.events) scripts[event.actor].push(event);
    this.scripts = scripts;
    this.#state.set(layout.initial());
    for (let actor = 0; actor < actors.length; actor++) this.#begin(actor, 0);
    this.initial = this.#state.slice();
  }

  /** How many events of an actor were matched. */
  matched(state: Int32Array, actor: number): number {
    return state[this.#block(actor) + Block.event];
  }

  /** The next event of an actor. */
  eventOf(state: Int32Array, actor: number): ObservedEvent | undefined {
    return this.scripts[actor][this.matched(state, actor)];
  }

  /** The words of an actor's block. */
  blockOf(actor: number): readonly [from: number, to: number] {
    return [this.#block(actor), this.#block(actor) + this.#blockWords];
  }

  /** What an actor does next. */
  next(state: Int32Array, actor: number): NextStep {
    const block = this.#block(actor);
    if (this.#lateOf(state, actor) !== undefined) return LATE;
    const crossing = this.#lists.at(state[block + Block.list])[state[block + Block.passed]];
    if (crossing !== undefined) {
      return { kind: 'mark', crossing, optional: this.observation.optional?.(crossing) === true };
    }
    const node = state[block + Block.node];
    return node === DONE ? END : { kind: 'op', node };
  }

  /** Takes the actor's next step; `skip`: passes a mark that the recording may have lost, as lost. */
  try(state: Int32Array, actor: number, skip = false): Tried {
    const step = this.next(state, actor);
    if (step.kind === 'late') return this.#readLate(state, actor);
    if (step.kind === 'mark') return skip ? this.#skip(state, actor) : this.#match(state, actor, step.crossing);
    if (step.kind === 'op') return this.#run(state, actor, step.node);
    return refusal(new StepFootprint(), 'the model does nothing more here');
  }

  #block(actor: number): number {
    return this.#blocks + actor * this.#blockWords;
  }

  /** The late read that is due. */
  #lateOf(state: Int32Array, actor: number) {
    const block = this.#block(actor);
    const event = state[block + Block.event];
    return event === 0 ? undefined : this.scripts[actor][event - 1].later?.[state[block + Block.late]];
  }

  #readLate(state: Int32Array, actor: number): Tried {
    const footprint = new StepFootprint();
    const late = this.#lateOf(state, actor)!;
    const after = this.#taken(state);
    const refused = late.take(this.#look(actor, NO_VALUES, footprint));
    if (refused !== undefined) return refusal(footprint, refused);
    after[this.#block(actor) + Block.late]++;
    return this.#led(actor, footprint);
  }

  #skip(state: Int32Array, actor: number): Tried {
    const after = this.#taken(state);
    const footprint = new StepFootprint();
    after[this.#block(actor) + Block.passed]++;
    this.#pass(actor, footprint);
    return this.#led(actor, footprint);
  }

  /** Passes a mark with the actor's next event. */
  #match(state: Int32Array, actor: number, crossing: Crossing): Tried {
    const footprint = new StepFootprint();
    const event = this.eventOf(state, actor);
    if (event === undefined) return refusal(footprint, `the model does ${markKey(crossing)}`);
    if (event.kind !== crossing.kind || event.name !== crossing.name) {
      return refusal(footprint, `the model does ${markKey(crossing)} first`);
    }
    const after = this.#taken(state);
    const look = this.#look(actor, crossing.values, footprint);
    this.#put(actor, crossing, footprint);
    const refused = event.check?.(look);
    if (refused !== undefined) return refusal(footprint, refused);
    const block = this.#block(actor);
    after[block + Block.event]++;
    after[block + Block.late] = 0;
    after[block + Block.passed]++;
    this.#pass(actor, footprint);
    return this.#led(actor, footprint);
  }

  #look(actor: number, values: readonly unknown[], footprint: StepFootprint): Look {
    const state = this.#state;
    const registers = this.#block(actor) + Block.registers;
    return {
      values,
      word: (word) => {
        footprint.add(word, TouchKind.Load);
        return state[word];
      },
      position: (value) => {
        if (value instanceof Identity) return value.index;
        return value instanceof Ref && state[registers + value.register] > 0
          ? state[registers + value.register] - 1
          : null;
      },
      noted: (slot) => {
        footprint.add(this.#notes + slot, TouchKind.Load);
        return state[this.#notes + slot];
      },
      note: (slot, value) => {
        footprint.add(this.#notes + slot, TouchKind.Store);
        state[this.#notes + slot] = value;
      },
    };
  }

  /** Runs the op at a node, with what is atomic with it, for each outcome that it may have. */
  #run(state: Int32Array, actor: number, node: number): Tried {
    const { nodes } = this.program.automaton;
    const outcomes = nodes[node + Field.code] === Opcode.Choose ? nodes[node + Field.a] : 1;
    const footprint = new StepFootprint();
    const states: Int32Array[] = [];
    const doomed: number[] = [];
    let refused: string | undefined;
    for (let choice = 0; choice < outcomes; choice++) {
      this.#taken(state);
      const wrong = this.#take(actor, node, choice, footprint);
      if (wrong === undefined) {
        states.push(this.#state.slice());
        doomed.push(this.#doomOf(actor));
      } else refused ??= wrong;
    }
    return refused === undefined ? { states, doomed, footprint } : { states, doomed, footprint, refused };
  }

  /** The state that a step has led to. */
  #led(actor: number, footprint: StepFootprint): Tried {
    return { states: [this.#state.slice()], doomed: [this.#doomOf(actor)], footprint };
  }

  /** The event that will have no explanation, of the actor that has moved: it is at a mark which comes first. */
  #doomOf(actor: number): number {
    const state = this.#state;
    const step = this.next(state, actor);
    if (step.kind === 'mark' && !step.optional) {
      const event = this.eventOf(state, actor);
      const isOther = event !== undefined && (event.kind !== step.crossing.kind || event.name !== step.crossing.name);
      if (isOther) return this.matched(state, actor);
    }
    return this.#doomed;
  }

  /** Has put down what is put down at a mark. */
  #put(actor: number, crossing: Crossing, footprint: StepFootprint): void {
    const put = this.observation.passing?.get(markKey(crossing));
    if (put !== undefined) put(this.#look(actor, crossing.values, footprint), actor);
  }

  /** The event that contradicts what this step has put down; -1 for none. */
  #doomed = -1;

  /** Takes a step in `#state`; what stands in its way. */
  #take(actor: number, first: number, choice: number, footprint: StepFootprint): string | undefined {
    const { automaton } = this.program;
    const effects = this.#effects;
    const block = this.#block(actor);
    const registers = block + Block.registers;
    let list = 0;
    for (let node = first; ; ) {
      const edge = this.#op(actor, node, choice, registers, footprint);
      effects.checks.drop();
      if (edge === EDGE_BLOCKED) return `waits for ${opText(automaton.opOf(node))}`;
      if (edge < 0) {
        const words = effects.checks.violation?.words;
        effects.checks.forget();
        return `in the model something breaks at ${opText(automaton.opOf(node))}: ${words}`;
      }
      list = this.#lists.longer(list, this.#crossings.on(node, this.#result));
      const to = edge & ~(AGAIN | SPECIAL);
      if ((edge & AGAIN) !== 0) this.#goBack(registers, to);
      this.#state[block + Block.node] = to;
      if ((automaton.nodes[to + Field.flags] & Flag.Continues) === 0) break;
      node = to;
    }
    this.#setList(block, list);
    this.#pass(actor, footprint);
    return undefined;
  }

  #result = 0;

  /** Runs one op; the edge. */
  #op(actor: number, node: number, choice: number, registers: number, footprint: StepFootprint): number {
    const { automaton } = this.program;
    const { spare, watch } = this.observation;
    let edge: number;
    if (automaton.nodes[node + Field.code] === Opcode.Claim && spare !== undefined) {
      edge = this.#claim(node, registers, this.#claimed(actor) ?? spare(actor), footprint);
    } else {
      this.#touches.add(node, registers, footprint);
      this.#result = 0;
      this.#effects.observer = this.#observe;
      edge = this.#effects.run(actor, node, choice, registers);
    }
    if (edge >= 0 && watch?.hears(automaton.opOf(node)) === true) this.#tell(watch, actor, node, registers, footprint);
    return edge;
  }

  readonly #observe = (_actor: number, _node: number, _word: number, _seen: number, result: number): void => {
    this.#result = result;
  };

  /** Tells the watch of an op that has run. */
  #tell(watch: OpWatch, actor: number, node: number, registers: number, footprint: StepFootprint): void {
    const op = this.program.automaton.opOf(node);
    const script = this.scripts[actor];
    const matched = this.matched(this.#state, actor);
    const refuses = watch.ran(
      op,
      this.#positionOf(op, node, registers),
      this.#look(actor, NO_VALUES, footprint),
      actor,
      {
        at: (place) => script[matched + place],
      },
    );
    if (refuses !== undefined) this.#doomed = matched + refuses;
  }

  /** Which cell or object an op that has run was on. */
  #positionOf({ spec: { code, region } }: Op<unknown>, node: number, registers: number): number {
    if (code === Opcode.Claim) return this.#state[registers + this.program.automaton.nodes[node + Field.target]] - 1;
    const word = this.#effects.wordOf(node, registers);
    return code === Opcode.Follow ? this.#state[word] - 1 : word - (region?.base ?? word);
  }

  /** Which object the actor's events say that it claims here. */
  #claimed(actor: number): number | undefined {
    const script = this.scripts[actor];
    for (let at = this.matched(this.#state, actor); at < script.length; at++) {
      if (script[at].claims !== undefined) return script[at].claims;
      // Whatever is claimed behind the end of this call is another call's.
      if (script[at].kind === 'leave' && script[at].name === this.#outermost(actor)) return undefined;
    }
    return undefined;
  }

  #outermost(actor: number): string | undefined {
    let frame = this.program.automaton.info(this.#state[this.#block(actor) + Block.node]).frame;
    while (frame?.parent !== undefined) frame = frame.parent;
    return frame?.name;
  }

  #claim(node: number, registers: number, position: number, footprint: StepFootprint): number {
    const { automaton } = this.program;
    const { nodes } = automaton;
    const [machine, event, tag] = [nodes[node + Field.a], nodes[node + Field.b], nodes[node + Field.c]];
    const word = nodes[node + Field.base] + position;
    footprint.add(word, TouchKind.Load | TouchKind.Store);
    // The recording says that it was free: whoever gives it back has to come first.
    if (this.#machines.hasTag(machine, tag, this.#state[word]) === 0) return EDGE_BLOCKED;
    this.#state[word] = this.#machines.next(machine, event, this.#state[word]);
    this.#state[registers + nodes[node + Field.target]] = position + 1;
    this.#result = 1;
    return automaton.edge(node, 1);
  }

  /** Passes the marks that the recording does not show, and goes on to the next call behind the last of them. */
  #pass(actor: number, footprint: StepFootprint): void {
    const state = this.#state;
    const block = this.#block(actor);
    const { nodes } = this.program.automaton;
    for (;;) {
      const list = this.#lists.at(state[block + Block.list]);
      let passed = state[block + Block.passed];
      for (; passed < list.length && !this.observation.visible.has(markKey(list[passed])); passed++) {
        this.#put(actor, list[passed], footprint);
      }
      if (passed < list.length) {
        state[block + Block.passed] = passed;
        return;
      }
      state[block + Block.list] = 0;
      state[block + Block.passed] = 0;
      const node = state[block + Block.node];
      if (node === DONE || nodes[node + Field.code] !== Opcode.Return) return;
      this.#start(actor, state[block + Block.call] + 1);
    }
  }

  #begin(actor: number, call: number): void {
    this.#start(actor, call);
    this.#pass(actor, new StepFootprint());
  }

  #start(actor: number, call: number): void {
    const state = this.#state;
    const block = this.#block(actor);
    const next = this.program.actors[actor].calls[call];
    state[block + Block.call] = call;
    state[block + Block.node] = next?.root.node ?? DONE;
    this.#setList(block, next === undefined ? 0 : this.#lists.longer(0, this.#crossings.before(next.root.node)));
    state.fill(0, block + Block.registers, block + this.#blockWords);
    next?.identities.forEach(({ index }, register) => {
      state[block + Block.registers + register] = index + 1;
    });
  }

  #setList(block: number, list: number): void {
    this.#state[block + Block.list] = list;
    this.#state[block + Block.passed] = 0;
  }

  /** What the head of a loop does not use is forgotten. */
  #goBack(registers: number, head: number): void {
    const { automaton } = this.program;
    const kept = automaton.keptAt(head);
    const from = kept === undefined ? automaton.nodes[head + Field.registers] : 0;
    for (let register = from; register < this.program.registers; register++) {
      if (kept?.includes(register) !== true) this.#state[registers + register] = 0;
    }
  }

  #taken(state: Int32Array): Int32Array {
    this.#state.set(state);
    this.#doomed = -1;
    return this.#state;
  }
}
