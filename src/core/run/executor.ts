/**
 * Executor: runs a program one step at a time over one flat Int32Array.
 *
 * State: the words of the layout, then per actor its node, the number of calls it has completed and its registers, then
 * the results of all calls. After warm-up a step looks up and stores words: no allocation, no closure. Engines own the
 * order of steps; the executor owns what a step does. Imported by the engines and by reports that replay.
 */

import {
  AGAIN as AGAIN_BIT,
  type Automaton,
  DONE as DONE_NODE,
  Flag,
  NO_WORD as NO_WORD_AT_ALL,
  Field as NodeField,
  SPECIAL as SPECIAL_BIT,
  WORD_LOW as TABLE_LOW,
  WORD_SPAN as TABLE_SPAN,
} from '../automaton/automaton.js';
import { RecordingTable } from '../automaton/recording-table.js';
import { Opcode as OpcodeOf } from '../ops/op.js';
import { ACTORS_A_WORD, type Program, type ProgramActor } from '../program/program.js';
import { Calls, checkActorCount } from './calls.js';
import type { Checks, Violation } from './checks.js';
import { EDGE_BLOCKED, Effects, type Observer } from './effects.js';
import { Memory } from './memory.js';
import { BLOCK_HEAD as HEAD_OF_BLOCK, Readiness } from './readiness.js';
import { StepFlag } from './step-flag.js';
import { stoppedError } from './stopped-error.js';
import { WideReadiness } from './wide-readiness.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const AGAIN = AGAIN_BIT;
const BLOCK_HEAD = HEAD_OF_BLOCK;
const NO_WORD = NO_WORD_AT_ALL;
const _DONE = DONE_NODE;
const Field = NodeField;
const Opcode = OpcodeOf;
const SPECIAL = SPECIAL_BIT;
const Table = RecordingTable;
const WORD_LOW = TABLE_LOW;
const WORD_SPAN = TABLE_SPAN;
const { Continues, Ends, Writes } = Flag;

const { Again, CallEnd, Rests, Round, Violation: Violating } = StepFlag;

/** Above every edge: each step goes the long way. */
const NO_EDGE = 0x7fffffff;

/**
 * Runs one program. Reusable: `reset` or `load` start another run. Its fields are declared and not defined, here and in
 * its parts: to a field that is undefined at first the compiler ascribes no type, and checks it at every use (5 %).
 */
export class Executor {
  declare readonly program: Program;
  declare readonly automaton: Automaton;
  /** Words of shared memory, then the actors' blocks, then the results of calls. */
  declare readonly state: Int32Array;
  /** First word behind the actors' blocks: where the results of calls begin. */
  declare readonly results: number;
  /** Number of actors. */
  declare readonly actors: number;
  declare private readonly memory: Memory;
  declare private readonly checks: Checks;
  declare private readonly effects: Effects;
  declare private readonly readiness: Readiness;
  declare private readonly scripts: readonly ProgramActor[];
  /** An actor's block is at `firstBlock + actor * blockWords`. */
  declare private readonly firstBlock: number;
  declare private readonly blockWords: number;
  declare private readonly calls: Calls;
  declare private readonly initial: Int32Array;
  declare private readonly initially: ReturnType<Readiness['moment']>;
  /** `memory.interest` once more, one hop nearer. */
  declare private readonly interest: Int32Array;
  /** The automaton's arrays, perhaps older copies: they lack edges, but have no wrong ones. */
  declare private nodes: Int32Array;
  declare private tables: Int32Array;
  /** Edges above this are followed on the short way. */
  #shortWay = 0;

  /** @param actors the scripts to run, if not the program's own (a shrinker leaves calls out) */
  constructor(program: Program, actors: readonly ProgramActor[] = program.actors) {
    this.program = program;
    checkActorCount(program, actors);
    this.automaton = program.automaton;
    this.actors = actors.length;
    this.scripts = actors;
    this.firstBlock = program.layout.words;
    this.blockWords = BLOCK_HEAD + program.registers;
    this.results = this.firstBlock + this.actors * this.blockWords;
    this.calls = new Calls(program, actors, this.results);
    this.state = this.calls.state;
    this.state.set(program.layout.initial());
    this.memory = new Memory(program, this.state);
    this.checks = this.memory.checks;
    this.interest = this.memory.interest;
    this.effects = new Effects(program, this.state, this.memory);
    const isWide = actors.length > ACTORS_A_WORD;
    this.readiness = new (isWide ? WideReadiness : Readiness)(this.effects, this.memory, actors);
    this.#refresh();
    for (let actor = 0; actor < this.actors; actor++) this.calls.start(actor, 0);
    this.initial = this.state.slice();
    this.readiness.scan();
    this.initially = this.readiness.moment();
  }

  /** How many actors can take a step. */
  get runnableCount(): number {
    return this.readiness.count;
  }

  /** The actors that can take a step, ascending; valid up to `runnableCount`, until the next step. */
  get runnable(): Int32Array {
    return this.readiness.list();
  }

  /** `runnable[place]`, without making the list. */
  runnableAt(place: number): number {
    return this.readiness.nth(place);
  }

  /** What broke in the last step, or undefined. */
  get violation(): Violation | undefined {
    return this.checks.violation;
  }

  /** Node of the op that broke something in the last step; -1 when no op did. */
  get brokenBy(): number {
    return this.checks.brokenBy;
  }

  /** Node of the op that is being executed, or was last; -1 for none. */
  get runsAt(): number {
    return this.checks.node;
  }

  /** Receives every op as it is executed; for traces. A violation not yet forgotten keeps the short way closed. */
  set observer(observer: Observer | undefined) {
    this.effects.observer = observer;
    this.#shortWay = observer === undefined && this.checks.violation === undefined ? 0 : NO_EDGE;
  }

  /** Starts a new run. */
  reset(): void {
    this.state.set(this.initial);
    this.readiness.restore(this.initially);
    this.#forget();
    this.#refresh();
  }

  /** Goes on from a state taken from `state` earlier. */
  load(state: Int32Array): void {
    this.state.set(state);
    this.readiness.scan();
    this.#forget();
    this.#refresh();
  }

  /** The node an actor is at; DONE when it has finished. */
  nodeOf(actor: number): number {
    return this.state[this.#blockOf(actor)];
  }

  /** How many calls an actor has completed. */
  callsOf(actor: number): number {
    return this.state[this.#blockOf(actor) + 1];
  }

  /** Offset of the word that holds a register of an actor. */
  registerWord(actor: number, register: number): number {
    return this.#blockOf(actor) + BLOCK_HEAD + register;
  }

  /** What a completed call returned. */
  resultOf(actor: number, call: number): number {
    return this.state[this.calls.resultWord(actor, call)];
  }

  /** The script an actor runs. */
  scriptOf(actor: number): ProgramActor {
    return this.scripts[actor];
  }

  /** Whether an actor can take a step. */
  canRun(actor: number): boolean {
    return this.readiness.canRun(actor);
  }

  /** Whether every actor that must finish has finished. */
  get complete(): boolean {
    return this.readiness.complete;
  }

  /** How many outcomes the actor's pending op offers, if it is a choice; else 0. */
  choicesOf(actor: number): number {
    // Most models leave nothing to chance; engines ask before every step.
    const { choices, nodes } = this.automaton;
    if (choices === 0) return 0;
    const node = this.nodeOf(actor);
    return nodes[node + Field.code] === Opcode.Choose ? nodes[node + Field.a] : 0;
  }

  /**
   * The word that the actor's pending op is on; -1 when it has none. A claim is taken to be on the first object of its
   * array, and an op that follows a ref on the cell which holds the ref.
   */
  pendingWord(actor: number): number {
    return this.effects.wordOf(this.nodeOf(actor), this.#blockOf(actor) + BLOCK_HEAD);
  }

  /** Whether everybody who has not finished can run; a wide program does not know. */
  get nobodyWaits(): boolean {
    return this.readiness.nobodyWaits;
  }

  /** Whether the actor's pending op may write its word. */
  pendingWrites(actor: number): boolean {
    return (this.automaton.nodes[this.nodeOf(actor) + Field.flags] & Writes) !== 0;
  }

  /**
   * Runs the actor's pending op (and what is atomic with it). The actor must be runnable. `choice` answers a choice.
   * Returns a set of StepFlag bits.
   */
  step(actor: number, choice = 0): number {
    return this.quickStep(actor) < 0 ? this.fullStep(actor, choice) : 0;
  }

  /**
   * Takes the step if it is a common one, to the node that is returned; -1: nothing has happened. All is in tables then: a
   * Word op that records nothing, on a cell that nobody listens to (not even the actor itself, which does when it may have to
   * wait), and on to an op that can run at once. It calls nothing: the compiler puts a function in a loop's place by what
   * was compiled into that one before.
   */
  quickStep(actor: number): number {
    const state = this.state;
    const nodes = this.nodes;
    const block = this.firstBlock + actor * this.blockWords;
    const node = state[block];
    const word = nodes[node + Field.word];
    if (word < 0 || (this.interest[word] & this.readiness.listening) !== 0) return -1;
    const slot = state[word] - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN) return -1;
    const tables = this.tables;
    const entry = nodes[node + Field.table] + (slot << 1);
    const edge = tables[entry];
    // Edges that are not known yet, or blocked, are not above 0.
    if (edge <= this.#shortWay || edge >= SPECIAL) return -1;
    state[word] = tables[entry + 1];
    state[block] = edge;
    return edge;
  }

  /** Any step, as `step` takes it where `quickStep` did not. */
  fullStep(actor: number, choice: number): number {
    const state = this.state;
    const nodes = this.nodes;
    const block = this.firstBlock + actor * this.blockWords;
    const node = state[block];
    const field = nodes[node + Field.word];
    if (field === NO_WORD) return this.#longStep(actor, node, choice);
    // A Word op on a cell that is named by position.
    const tables = this.tables;
    const word = field < 0 ? ~field : field;
    const seen = state[word];
    const slot = seen - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN) return this.#longStep(actor, node, choice);
    const entry = nodes[node + Field.table] + (slot << 1);
    const edge = tables[entry];
    if (edge <= this.#shortWay) return this.#longStep(actor, node, choice);
    const value = tables[entry + 1];
    this.checks.node = node;
    if (value !== seen) this.memory.store(word, value);
    const table = nodes[node + Field.recordTable];
    if (table !== 0) this.#record(node, table, seen);
    if (edge >= SPECIAL) return this.#follow(actor, edge, choice);
    state[block] = edge;
    this.readiness.passed(actor);
    return this.#stepped(0);
  }

  /** Asks the checks that hold always of the state as it is, which is the initial one; the most urgent violation, if any. */
  checkInitially(): Violation | undefined {
    this.checks.begin();
    if (this.violation !== undefined) this.#violated();
    return this.violation;
  }

  /** Runs the checks of finished runs; the most urgent violation, if any. */
  checkFinally(): Violation | undefined {
    this.checks.finish();
    if (this.violation !== undefined) this.#violated();
    return this.violation;
  }

  #blockOf(actor: number): number {
    return this.firstBlock + actor * this.blockWords;
  }

  /** Forgets the last step's violation. */
  #forget(): void {
    this.checks.forget();
    this.checks.drop();
    this.#shortWay = this.effects.observer === undefined ? 0 : NO_EDGE;
  }

  #refresh(): void {
    const { nodes, tables } = this.automaton;
    if (this.nodes !== nodes) this.nodes = nodes;
    if (this.tables !== tables) this.tables = tables;
  }

  /** Applies the ghost updates of a Word op: here when there is one, of a small value and known, else the far way. */
  #record(node: number, table: number, seen: number): void {
    const tables = this.tables;
    const ghost = tables[table + Table.ghost];
    const before = this.state[ghost];
    const row = before - Table.low;
    const column = seen - Table.low;
    let after: number = Table.unknown;
    if (row >>> 0 < Table.span && column >>> 0 < Table.span && tables[table + Table.more] === 0) {
      after = tables[table + Table.values + row * Table.span + column];
    }
    if (after === Table.unknown) this.effects.recordings.run(node, seen);
    else if (after !== before) this.memory.store(ghost, after);
  }

  #longStep(actor: number, node: number, choice: number): number {
    // The short way is closed by a violation in the step before, or by an observer.
    if (this.#shortWay !== 0) this.#forget();
    this.checks.node = node;
    const edge = this.effects.run(actor, node, choice, this.#blockOf(actor) + BLOCK_HEAD);
    this.#refresh();
    if (edge < 0) return this.#stopped(actor, node, edge);
    if (edge >= SPECIAL) return this.#follow(actor, edge, choice);
    this.state[this.firstBlock + actor * this.blockWords] = edge;
    this.readiness.passed(actor);
    return this.#stepped(0);
  }

  /** Goes along an edge to a node that is not simply an op which can run at once, and on to the end of an atomic section. */
  #follow(actor: number, first: number, choice: number): number {
    const block = this.firstBlock + actor * this.blockWords;
    for (let edge = first; ; ) {
      const { nodes } = this.automaton;
      const node = edge & ~(AGAIN | SPECIAL);
      const from = this.state[block];
      this.state[block] = node;
      let flags = 0;
      if (edge >= AGAIN) {
        this.calls.goBack(actor, node);
        flags = this.automaton.goesOn(from, node) ? Round : Again;
      }
      const kind = nodes[node + Field.flags];
      if ((kind & Continues) === 0) {
        if ((kind & Ends) !== 0) {
          const next = this.calls.start(actor, this.calls.end(actor, node));
          this.readiness.callEnded();
          this.readiness.arrived(actor, next);
          flags |= CallEnd;
        } else this.readiness.arrived(actor, node);
        if (!this.readiness.canRun(actor)) flags |= Rests;
        return this.#stepped(flags);
      }
      this.checks.node = node;
      edge = this.effects.run(actor, node, choice, block + BLOCK_HEAD);
      this.#refresh();
      if (edge < 0) return this.#stopped(actor, node, edge);
    }
  }

  /** The step is over: what others can see now is checked. */
  #stepped(flags: number): number {
    const { checks } = this;
    if (checks.pending !== 0) checks.settle();
    return checks.violation === undefined ? flags : flags | this.#violated();
  }

  #violated(): number {
    this.#shortWay = NO_EDGE;
    return Violating;
  }

  #stopped(actor: number, node: number, edge: number): number {
    this.checks.drop();
    if (edge !== EDGE_BLOCKED) {
      this.readiness.arrived(actor, node);
      return this.#violated();
    }
    const continues = (this.automaton.nodes[node + Field.flags] & Continues) !== 0;
    throw stoppedError(this.scripts[actor].name, this.automaton.info(node), continues);
  }
}
