/**
 * What the supervisor and a live thread say to each other: plain data over a MessagePort.
 *
 * A thread reads its mailbox only while it is paused; the command word and its doorbell call it there. It answers every
 * `run` with `paused` once it is between two ops again, and every question with one answer. Imported by the thread, the
 * supervisor and the worker.
 */

import type { MessagePort } from 'node:worker_threads';
import type { FindingKind } from '../core/finding-kind.js';
import type { Signature } from '../core/story/signature.js';
import type { ParameterValue } from '../model/model.js';
import type { LiveHeldLock } from './live-finding.js';
import type { LiveMode } from './live-script.js';
import type { StatisticsPart } from './statistics.js';
import type { LockWaiter } from './waits-for.js';

/** What a thread needs to host its actors. */
export interface LiveTask {
  /** Address of the module that exports the model. */
  readonly source: string;
  readonly model: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly threads: number;
  /** The actors it hosts, by number. */
  readonly actors: readonly number[];
  readonly mode: LiveMode;
  /** Mode once: the last epoch; and whether the supervisor is told of the end of each. */
  readonly epochs: number;
  readonly tellsEnds: boolean;
  readonly seed: bigint;
  /** Share of choices that take another outcome than their first. */
  readonly failureRate: number;
  /** Share of flag accesses and lock ops around which the actor stalls. */
  readonly perturb: number;
  /** Whether every thread has a core of its own, so that spinning for a while costs nobody anything. */
  readonly ownCore: boolean;
  /** Which implementation of the locks; `local` is for one thread. */
  readonly locks: 'shared' | 'local';
  readonly port: MessagePort;
}

/** From the supervisor. */
export type ThreadCommand =
  /** Run until the command word interrupts; an epoch that is new begins with it. */
  | { readonly command: 'run' }
  /** Tell what happened to a word (-1: to none) lately, and what every actor is doing. */
  | { readonly command: 'tell'; readonly word: number }
  /** Tell what every actor does, now that all are at rest: when a thread paused, others may still have been running. */
  | { readonly command: 'look' }
  /** Hand over the statistics gathered since the last time. */
  | { readonly command: 'count' }
  /** End the task. */
  | { readonly command: 'stop' };

/** From a thread. */
export type ThreadMessage =
  /** The model is loaded and the actors wait for their first epoch. `threadId`: Node's number of the thread. */
  | { readonly message: 'ready'; readonly threadId: number }
  | { readonly message: 'paused'; readonly actors: readonly ActorState[] }
  /** Mode once: no actor of any thread can go on, and the end of the epoch is not for the threads to deal with. */
  | { readonly message: 'settled' }
  /** An actor has come to a step that the stripes of the model do not know. */
  | { readonly message: 'unknown' }
  | { readonly message: 'found'; readonly found: FoundViolation }
  | { readonly message: 'looked'; readonly actors: readonly ActorState[] }
  | { readonly message: 'told'; readonly actors: readonly ActorStory[] }
  | { readonly message: 'counted'; readonly part: StatisticsPart };

/** Why a thread gave up: the model broke a rule, or the engine has a defect. Classes do not survive the way. */
export interface ThreadFailure {
  readonly kind: 'input' | 'model' | 'defect';
  readonly text: string;
}

/** What an actor does at a quiescent point. */
export interface ActorState {
  readonly actor: number;
  /** Whether it could go on; else what it waits for. `done`: it has made all its calls. */
  readonly state: 'ready' | 'lock' | 'value' | 'calls' | 'done';
  /**
   * The calls that its own comes after (`lock` is EARLIER_CALLS). Where latches are words of the model, also the lock it
   * waits for; `lock` is the latch's first word.
   */
  readonly wait: LockWaiter | undefined;
  /** Position of its call in its script. */
  readonly call: number;
  readonly completed: number;
  /** Where it waits; only when it waits for something. */
  readonly at: ActorPlace | undefined;
  /** Mode once: what its calls returned, and what it remembers of each token. */
  readonly results: Int32Array | undefined;
  readonly remembered: Int32Array | undefined;
}

/** The op an actor is at. */
export interface ActorPlace {
  /** Innermost function, or the call. */
  readonly function: string;
  /** The op as text. */
  readonly op: string;
  /** The op as a class of ops, without names of cells and numbers. */
  readonly opClass: string;
}

/** An op that was refused. */
export interface FoundViolation {
  readonly kind: FindingKind;
  readonly words: string;
  readonly rule: string;
  readonly signature: Signature;
  readonly actor: number;
  /** The word the op was on, or -1; of an access through a translation, the object's. */
  readonly word: number;
  readonly place: ActorPlace;
}

/** What an actor has done lately. */
export interface ActorStory {
  readonly actor: number;
  /** The op it is at; undefined when it is done. */
  readonly place: ActorPlace | undefined;
  /** Its last calls, oldest first; the last one is under way if it has no result. */
  readonly calls: readonly ToldCall[];
  /** Where latches are words of the model: the locks it holds. */
  readonly held: readonly LiveHeldLock[];
  /** Its recent ops on the word that was asked for, oldest first. */
  readonly ops: readonly ToldOp[];
}

/** A call with its arguments. */
export interface ToldCall {
  /** Position in the script. */
  readonly call: number;
  readonly name: string;
  /** Arguments that are identities: positions in their domains. */
  readonly identities: readonly number[];
  readonly result: number | undefined;
}

/** An op that was done. */
export interface ToldOp {
  readonly function: string;
  readonly op: string;
  /** What the word held then: a machine's state without the version. */
  readonly value: number;
  /** Machines: number of events that had changed the object by then, modulo 2 to the power of the version's bits. */
  readonly version: number | undefined;
  /** Number of the slice on the run's coarse clock. */
  readonly order: number;
}
