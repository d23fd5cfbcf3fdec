/**
 * Supervisor: makes the threads of a live run do what the supervisor machine (machines/supervisor.ts) decides.
 *
 * The machine knows vCPUs and their states; this file knows threads, mailboxes and the command word. One long-lived
 * piscina task a thread hosts its actors. Commands must come one at a time: whoever uses it orders them. Used by `live`.
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { createActor, waitFor } from 'xstate';
import { supervisorMachine, type ThreadOrder } from '../../machines/supervisor.js';
import { InputError, ModelError } from '../core/errors.js';
import type { Program } from '../core/program/program.js';
import { endPool, workerPool } from '../threads/worker-pool.js';
import { Command } from './lock-layout.js';
import { nextMeeting } from './meeting.js';
import type { ActorState, FoundViolation, LiveTask, ThreadCommand, ThreadFailure, ThreadMessage } from './messages.js';
import { type Patience, patiently } from './patience.js';
import { SharedRwLocks } from './shared-lock.js';
import { LiveControl, SharedMemory } from './shared-memory.js';

/** What every thread's task has in common. */
export type TaskTemplate = Omit<LiveTask, 'buffer' | 'thread' | 'threads' | 'actors' | 'port'>;

/** Told as it happens. */
export interface SupervisorEvents {
  /** An op was refused; the epoch is frozen. */
  found(found: FoundViolation): void;
  /** Mode once: no actor of any thread can go on, and somebody has to look at it. */
  settled(): void;
  /** An actor has come to a step that the stripes of the model do not know; the epoch is frozen. */
  unknown(): void;
  /** A thread is gone; the epoch is being broken off. `reason` when it gave up by itself. */
  died(thread: number, reason: Error | undefined): void;
}

/** Answers of the threads to one question, by thread; those of dead threads are missing. */
type Answers<M extends ThreadMessage['message']> = ReadonlyMap<number, Extract<ThreadMessage, { message: M }>>;

/** One thread as the supervisor knows it. */
interface Link {
  readonly actors: readonly number[];
  port: MessagePort | undefined;
  threadId: number;
  states: readonly ActorState[];
  /** Takes the answer to the question that was asked last. */
  answer: ((message: ThreadMessage | undefined) => void) | undefined;
}

/** Rules the threads of one run. */
export class Supervisor {
  readonly memory: SharedMemory;
  readonly locks: SharedRwLocks;
  readonly #links: readonly Link[];
  readonly #pool: Piscina;
  readonly #machine;
  #fresh = true;
  /** What of the model does not come back: then the threads are past all commands. */
  stuck: ModelError | undefined;

  constructor(
    readonly program: Program,
    readonly threads: number,
    readonly template: TaskTemplate,
    readonly events: SupervisorEvents,
    readonly patience: Patience,
  ) {
    this.memory = new SharedMemory(program, threads);
    this.locks = new SharedRwLocks(this.memory.words, this.memory.locks);
    const vcpus = program.actors.length;
    this.#links = Array.from({ length: threads }, (_, thread) => ({
      actors: program.actors.flatMap((_actor, actor) => (actor % threads === thread ? [actor] : [])),
      ...{ port: undefined, threadId: -1, states: [], answer: undefined },
    }));
    this.memory.runsAlone(-1);
    this.#pool = workerPool('live', 'hostActors', threads, {
      idleTimeout: Number.POSITIVE_INFINITY,
      refusal: 'live runs need the built package; run ./scripts/setup.',
    });
    const command = (_: unknown, { order }: { order: ThreadOrder }) => this.#command(order);
    this.#machine = createActor(supervisorMachine.provide({ actions: { command } }), { input: { vcpus } });
    this.#machine.start();
  }

  /** Loads the model in every thread. */
  start(): Promise<void> {
    return this.#until('START', ['paused', 'broken']);
  }

  /** Lets all actors run on; `fresh`: from the start of a new epoch. */
  resume(fresh: boolean): void {
    this.#fresh = fresh;
    this.#machine.send({ type: 'RESUME', fresh });
  }

  /** From the next epoch on, which takes the place of this one, every step excludes every other. */
  withoutStripes(): void {
    const { words } = this.memory;
    words[LiveControl.Exact] = 1;
    words[LiveControl.Epoch]--;
  }

  /**
   * Brings every actor to rest between two ops. Does nothing when that has happened already.
   *
   * @throws ModelError when something of the model does not come back
   */
  async pause(): Promise<void> {
    this.stuck ??= await patiently(this.#until('PAUSE', ['paused', 'broken']), this.patience);
    if (this.stuck !== undefined) throw this.stuck;
  }

  /** Starts the threads that died anew. */
  restart(): Promise<void> {
    return this.#until('RESTART', ['paused', 'broken']);
  }

  /** Ends all threads. */
  async stop(): Promise<void> {
    if (this.stuck === undefined) await this.#until('STOP', ['stopped']);
    await endPool(this.#pool);
  }

  /** Number of the epoch; 0 before the first. */
  get epoch(): number {
    return this.memory.epoch;
  }

  /** Whether a thread died since the last restart, and everybody else is at rest. */
  get broken(): boolean {
    return this.#machine.getSnapshot().matches('broken');
  }

  /** Whether every actor is at rest, alive or dead. */
  get quiet(): boolean {
    const snapshot = this.#machine.getSnapshot();
    return snapshot.matches('paused') || snapshot.matches('broken');
  }

  /** What the actors of living threads did when they were paused last, ascending by actor. */
  get states(): readonly ActorState[] {
    return this.#links
      .filter(({ port }) => port !== undefined)
      .flatMap(({ states }) => states)
      .sort((left, right) => left.actor - right.actor);
  }

  /** As `states`, told anew while all are at rest: a thread that paused first knew nothing of what others did then. */
  async look(): Promise<readonly ActorState[]> {
    for (const [thread, { actors }] of await this.ask({ command: 'look' }, 'looked'))
      this.#links[thread].states = actors;
    return this.states;
  }

  /** The actors that a thread hosts at the moment. */
  actorsOf(thread: number): readonly number[] {
    return this.program.actors.flatMap((_, actor) => (this.memory.hostOf(actor) === thread ? [actor] : []));
  }

  /** Asks every living thread while all are at rest. */
  async ask<M extends 'looked' | 'told' | 'counted'>(question: ThreadCommand, _answer: M): Promise<Answers<M>> {
    const answers = new Map<number, Extract<ThreadMessage, { message: M }>>();
    await Promise.all(
      this.#links.map(async (link, thread) => {
        if (link.port === undefined) return;
        const answer = await new Promise<ThreadMessage | undefined>((resolve) => {
          link.answer = resolve;
          this.#post(thread, question);
        });
        if (answer !== undefined) answers.set(thread, answer as Extract<ThreadMessage, { message: M }>);
      }),
    );
    return answers;
  }

  /** Ends a thread as an accident would; for tests of what happens then. */
  async terminate(thread: number): Promise<void> {
    const { threadId } = this.#links[thread];
    await this.#pool.threads.find((worker) => worker.threadId === threadId)?.terminate();
  }

  async #until(type: 'START' | 'PAUSE' | 'RESTART' | 'STOP', states: readonly string[]): Promise<void> {
    this.#machine.send({ type });
    await waitFor(this.#machine, (snapshot) => states.includes(String(snapshot.value)), {
      timeout: Number.POSITIVE_INFINITY,
    });
  }

  #command(order: ThreadOrder): void {
    const { words, locks } = this.memory;
    switch (order) {
      case 'load':
        this.#links.forEach((link, thread) => {
          if (link.port === undefined) this.#load(thread);
        });
        return;
      case 'run':
        if (this.#fresh) {
          this.memory.resetWorld(this.epoch + 1);
          // One that a dead thread held would stay taken.
          this.memory.stripes.fill(0);
          this.memory.runsAlone(this.#hostOf(this.epoch));
          this.locks.reset();
        }
        // Whoever attended has left.
        Atomics.store(words, LiveControl.Meeting, nextMeeting(words[LiveControl.Meeting]));
        Atomics.store(words, locks.command, Command.Run);
        this.#postToAll({ command: 'run' });
        return;
      case 'pause':
        // Whoever found a violation has written this already.
        Atomics.store(words, locks.command, Command.Pause);
        break;
      case 'break':
        Atomics.store(words, locks.command, Command.Broken);
        break;
      case 'stop':
        Atomics.compareExchange(words, locks.command, Command.Run, Command.Stop);
        this.#postToAll({ command: 'stop' });
        break;
    }
    for (const bell of this.locks.doorbells) bell.ring();
  }

  /**
   * Where the end of every epoch is told, the threads do not begin any by themselves: every other one is run by a thread
   * alone, by each in turn.
   */
  #hostOf(epoch: number): number {
    const { mode, tellsEnds } = this.template;
    if (mode !== 'once' || !tellsEnds || epoch % 2 === 1) return -1;
    return (epoch / 2) % this.threads;
  }

  #load(thread: number): void {
    const link = this.#links[thread];
    const { port1, port2 } = new MessageChannel();
    link.port = port1;
    port1.on('message', (message: ThreadMessage) => this.#heard(thread, message));
    const { actors } = link;
    const task: LiveTask = {
      ...this.template,
      ...{ buffer: this.memory.buffer, thread, threads: this.threads, actors, port: port2 },
    };
    this.#pool.run(task, { transferList: [port2] }).then(
      (failure: ThreadFailure | undefined) =>
        failure === undefined ? this.#ended(thread, 'STOPPED') : this.#ended(thread, 'DIED', errorOf(failure)),
      () => this.#ended(thread, 'DIED'),
    );
  }

  #heard(thread: number, message: ThreadMessage): void {
    const link = this.#links[thread];
    switch (message.message) {
      case 'ready':
        link.threadId = message.threadId;
        this.#answer(thread, 'PAUSED');
        break;
      case 'paused':
        link.states = message.actors;
        this.#answer(thread, 'PAUSED');
        break;
      case 'found':
        this.events.found(message.found);
        break;
      case 'unknown':
        this.events.unknown();
        break;
      case 'settled':
        this.events.settled();
        break;
      default:
        link.answer?.(message);
    }
  }

  /** A thread's task is over, one way or the other. */
  #ended(thread: number, answer: 'STOPPED' | 'DIED', reason?: Error): void {
    const link = this.#links[thread];
    const { port } = link;
    // What it said before its end may not have been heard yet, a finding even.
    for (let left = port && receiveMessageOnPort(port); left; left = port && receiveMessageOnPort(port)) {
      this.#heard(thread, left.message);
    }
    port?.close();
    link.port = undefined;
    link.answer?.(undefined);
    this.#answer(thread, answer);
    if (answer === 'DIED') this.events.died(thread, reason);
  }

  #answer(thread: number, answer: 'PAUSED' | 'STOPPED' | 'DIED'): void {
    if (this.#machine.getSnapshot().status !== 'active') return;
    this.#machine.send({ type: 'VCPUS', vcpus: this.#links[thread].actors, answer });
  }

  #postToAll(command: ThreadCommand): void {
    for (let thread = 0; thread < this.threads; thread++) this.#post(thread, command);
  }

  #post(thread: number, command: ThreadCommand): void {
    const { words } = this.memory;
    this.#links[thread].port?.postMessage(command);
    Atomics.add(words, this.memory.mailWord(thread), 1);
    this.locks.doorbells[thread].ring();
  }
}

function errorOf({ kind, text }: ThreadFailure): Error {
  if (kind === 'input') return new InputError(text);
  return kind === 'model' ? new ModelError(text) : new Error(text);
}
