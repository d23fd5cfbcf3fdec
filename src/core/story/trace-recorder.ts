/**
 * Trace recorder: steps an executor and writes each step down. Used by traces only.
 */

import type { Left, NodeInfo } from '../automaton/automaton.js';
import { isChoice, mayBeRefused } from '../ops/accesses.js';
import type { Violation } from '../run/checks.js';
import type { Executor } from '../run/executor.js';
import { StepFlag } from '../run/step-flag.js';
import { registersOf } from './deadlock.js';
import { type HeldLock, HeldLocks } from './held-locks.js';
import { noteOpNode } from './op-places.js';
import { OpenFrames, type TraceFrame } from './open-frames.js';
import { type ExecutedOp, executedOpText, labelText, resultText, returnedText } from './operand-text.js';
import { OpsHash } from './ops-hash.js';
import { type Touched, touchedBy } from './touched.js';
import type { TraceOp, TraceStep } from './trace.js';

/** Steps an executor and writes down what happens. */
export class TraceRecorder {
  readonly steps: TraceStep[] = [];
  /** The ops hash after each step, folded to 16 bits. */
  readonly stepHashes: number[] = [];
  readonly #frames: readonly OpenFrames[];
  readonly #held: HeldLocks;
  readonly #hash = new OpsHash();
  /** The words of the layout before the next op. */
  readonly #before: Int32Array;
  /** Ops of the step under way. */
  #ops: TraceOp[] = [];
  #choices = 0;
  /** The edges of the step under way. */
  #edges: { readonly node: number; readonly result: number }[] = [];
  #sectionText = '';
  #last: { readonly node: number; readonly result: number; readonly registers: Int32Array } | undefined;
  /** What was wrong before the next op. */
  #violation: Violation | undefined;

  constructor(readonly executor: Executor) {
    this.#frames = Array.from({ length: executor.actors }, () => new OpenFrames());
    this.#held = new HeldLocks(executor.program.layout, executor.actors);
    this.#before = executor.state.slice(0, executor.program.layout.words);
    executor.observer = (actor, node, word, seen, result) => this.#executed(actor, node, word, seen, result);
  }

  /** Running hash of the ops: 8 hex digits. */
  get opsHash(): string {
    return this.#hash.hex;
  }

  /** The locks an actor holds now. */
  heldBy(actor: number): readonly HeldLock[] {
    return this.#held.of(actor);
  }

  /** The functions around an actor's pending op, outermost first. */
  pendingFrames(actor: number): readonly TraceFrame[] {
    return this.#frames[actor].at(this.#infoOf(actor));
  }

  /** Takes one step of a runnable actor. */
  step(actor: number, choice: number): void {
    const { executor } = this;
    const call = executor.callsOf(actor);
    const { name: callName } = executor.scriptOf(actor).calls[call];
    const { atomic } = this.#infoOf(actor);
    const frames = this.pendingFrames(actor);
    this.#ops = [];
    this.#edges = [];
    this.#choices = 0;
    const before = executor.violation;
    const flags = executor.step(actor, choice);
    const ops = this.#ops;
    const violation = executor.violation === before ? undefined : executor.violation;
    this.steps.push({
      ...{ actor, call, callName, frames, ops, violation },
      section: atomic !== undefined,
      text: atomic === undefined ? ops[0].text : this.#sectionText,
      result: atomic === undefined ? ops[0].result : this.#sectionResult(),
      decides: this.#choices > 0,
      again: (flags & (StepFlag.Again | StepFlag.Round)) !== 0 && this.#stage(actor) === undefined,
      left: violation === undefined ? this.#leftFunctions() : [],
      effect: this.#effect(),
      endsCall: (flags & StepFlag.CallEnd) !== 0,
      held: this.#held.of(actor),
    });
    this.stepHashes.push(this.#hash.folded);
    this.#moveFrames(actor, flags);
  }

  #moveFrames(actor: number, flags: number): void {
    if ((flags & StepFlag.CallEnd) !== 0) this.#frames[actor].end();
    else if ((flags & (StepFlag.Again | StepFlag.Round)) !== 0) {
      const stage = this.#stage(actor);
      const head = this.#infoOf(actor);
      if (stage !== undefined) this.#frames[actor].goOn(stage);
      else this.#frames[actor].again(head.depth > 0 ? this.executor.automaton.info(head.parent) : undefined);
    }
  }

  /** Where the step under way went on to the next stage of a pass, how many functions that lies in. */
  #stage(actor: number): number | undefined {
    return this.#last && this.executor.automaton.stage(this.#last.node, this.executor.nodeOf(actor));
  }

  #infoOf(actor: number): NodeInfo {
    return this.executor.automaton.info(this.executor.nodeOf(actor));
  }

  #sectionResult(): string | undefined {
    if (this.#last === undefined) return undefined;
    const { node, result, registers } = this.#last;
    const ended = this.executor.automaton.note(node, result)?.ended;
    return ended?.returned ?? returnedText(ended?.value, registers);
  }

  /** What the call did in the step under way that nobody can undo; asked behind it, when all its edges are known. */
  #effect(): string | undefined {
    for (const { node, result } of this.#edges) {
      const effect = this.executor.automaton.note(node, result)?.effect;
      if (effect !== undefined) return effect;
    }
    return undefined;
  }

  #leftFunctions(): readonly Left[] {
    return (this.#last && this.executor.automaton.note(this.#last.node, this.#last.result)?.left) ?? [];
  }

  #executed(actor: number, node: number, word: number, seen: number, result: number): void {
    const { automaton, program, state } = this.executor;
    const { layout, machines } = program;
    const { spec } = automaton.opOf(node);
    const op: ExecutedOp = { node, spec, word, registers: registersOf(this.executor, actor) };
    const words = { automaton, layout, machines, before: this.#before, after: state };
    const refused = result === 0 && this.executor.violation !== this.#violation && mayRefuse(op, seen);
    const { touches, identities }: Touched = touchedBy(words, op, result);
    const region = word < 0 ? undefined : layout.regionOf(word);
    const section = automaton.info(node).atomic;
    if (this.#ops.length === 0 && section !== undefined) this.#sectionText = labelText(section, automaton, layout, op);
    const told: TraceOp = {
      frames: this.#frames[actor].at(automaton.info(node)),
      text: executedOpText(automaton, layout, op, result === 0 && !refused),
      result: refused ? undefined : resultText(automaton, op, seen, result),
      word: region && layout.nameOf(word),
      cell: region?.name,
      ...{ touches, identities },
      lock: spec.lock && { word, action: spec.lock.action, roles: spec.lock.roles },
    };
    this.#ops.push(told);
    noteOpNode(told, automaton, node);
    if (isChoice(spec)) this.#choices++;
    this.#held.executed(actor, spec, word, { before: this.#before, after: state }, result);
    this.#hash.add(spec.code, region?.name ?? '', region ? (word - region.base) % region.count : -1);
    this.#edges.push({ node, result });
    this.#last = { node, result, registers: op.registers };
    this.#violation = this.executor.violation;
    this.#before.set(state.subarray(0, layout.words));
  }
}

/** Whether an op that raised a violation was refused, and so answered nothing. */
function mayRefuse({ spec }: ExecutedOp, seen: number): boolean {
  return spec.word === undefined ? mayBeRefused(spec) : spec.word.violation?.(seen) !== undefined;
}
