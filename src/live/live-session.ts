/**
 * Live session: conducts a live run from its first epoch to its report.
 *
 * An epoch lasts until something breaks (an op is refused, a check fails at rest, actors deadlock, a thread dies), until
 * no more can happen (in mode once when every actor has finished, else when the world stands still), or until it is old.
 * Then the world is reset and the next begins. Whatever concerns all threads is ordered by one mutex, so that commands
 * from outside and the session's own do not cross. Used by `live`.
 */

import { Mutex } from 'async-mutex';
import type { Subject } from 'rxjs';
import { unguarded } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { lookForStuck } from '../core/run/look-for-stuck.js';
import { EpochAge } from './epoch-age.js';
import { type Inspected, Inspection } from './inspection.js';
import { heldLatches } from './latch-holders.js';
import type { LiveEvent, LiveOptions } from './live.js';
import { type Circumstances, type LiveFinding, type LiveHeldLock, type LiveMoment, opFinding } from './live-finding.js';
import { type LiveReport, StatisticsSum, type ThreadDeath } from './live-report.js';
import { stateAtRest } from './live-state.js';
import { LiveTotals } from './live-totals.js';
import type { ActorStory, FoundViolation } from './messages.js';
import type { Patience } from './patience.js';
import { SessionBooks } from './session-books.js';
import { LiveControl } from './shared-memory.js';
import type { LockCount } from './statistics.js';
import type { Supervisor, SupervisorEvents } from './supervisor.js';

/** Options with every default filled in. */
export type LiveSettled = Required<Omit<LiveOptions, 'signal' | 'seed'>> & { readonly seed: bigint };

/** Why an epoch ended. */
export type EpochEnd = 'finding' | 'finished' | 'still' | 'old' | 'thread-died' | 'stopped';

/** One live run under way. */
export class LiveSession {
  readonly supervisor: Supervisor;
  readonly #commands = new Mutex();
  readonly #inspection: Inspection;
  readonly #age: EpochAge;
  readonly #totals: LiveTotals;
  readonly #sum = new StatisticsSum();
  readonly #books: SessionBooks;
  /** An actor has come to a step that the stripes of the model do not know. */
  #unknown = false;
  /** Mode once: no actor can go on. */
  #settled = false;
  #found: FoundViolation | undefined;
  readonly #dead: number[] = [];
  #failure: Error | undefined;
  #held = false;
  #over = false;
  #interrupted = false;
  #audits = 0;
  #lastAuditMs: number;
  /** What ticks tell of functions. */
  #functions: { readonly seconds: number; readonly visits: ReadonlyMap<string, number> } = {
    seconds: 0,
    visits: new Map(),
  };
  #locks: readonly LockCount[] = [];
  #wake: () => void = () => {};

  constructor(
    readonly program: Program,
    readonly options: LiveSettled,
    supervise: (events: SupervisorEvents, patience: Patience) => Supervisor,
    readonly events: Subject<LiveEvent>,
  ) {
    this.#books = new SessionBooks(program);
    this.#lastAuditMs = options.clock();
    this.supervisor = supervise(
      {
        found: (found) => {
          this.#found ??= found;
          this.#wake();
        },
        unknown: () => {
          this.#unknown = true;
          this.#wake();
        },
        settled: () => {
          this.#settled = true;
          this.#wake();
        },
        died: (thread, reason) => {
          this.#dead.push(thread);
          this.#failure ??= reason;
          this.#wake();
        },
      },
      {
        clock: options.clock,
        isOver: () => this.#isOver,
        stuck: () => (options.guard === unguarded ? undefined : lookForStuck(program, options.guard)),
      },
    );
    this.#inspection = new Inspection(program, this.supervisor, options);
    this.#age = new EpochAge(this.supervisor.memory, options);
    this.#totals = new LiveTotals(this.supervisor.memory, options.clock);
  }

  /** Runs to the end. Rejects when the model breaks a rule or a thread hits a defect of the engine. */
  async run(): Promise<LiveReport> {
    const ticker = setInterval(() => this.events.next(this.#tick()), this.options.tickMs);
    try {
      await this.#commands.runExclusive(async () => {
        await this.supervisor.start();
        this.#totals.begin();
        if (!this.supervisor.broken && !(await this.#breaksAtOnce())) this.#begin();
      });
      if (this.#books.findings.length > 0) return this.#report();
      await this.#turns();
      return this.#report();
    } finally {
      clearInterval(ticker);
      this.#over = true;
      await this.#commands.runExclusive(() => this.supervisor.stop());
    }
  }

  async #turns(): Promise<void> {
    try {
      while (!(await this.#commands.runExclusive(() => this.#turn()))) await this.#nap();
    } catch (error) {
      // Threads that do not come back tell nothing any more; what was found by then stands.
      const found = this.#found;
      if (error !== this.supervisor.stuck) throw error;
      const circumstances = { moment: this.#moment, stories: [], held: (actor: number) => this.#heldBy(actor) };
      if (found !== undefined) this.#keep(opFinding(this.program, found, circumstances));
      if (this.#books.findings.length === 0) throw error;
    }
  }

  /** Whether the run shall be over. */
  get #isOver(): boolean {
    return this.#interrupted || (!this.#held && this.options.deadline());
  }

  /** Whether the initial state breaks a check: then nothing that is run would say more, and nothing is run. */
  async #breaksAtOnce(): Promise<boolean> {
    const finding = await this.#inspection.initially((word) => this.#circumstances(word));
    if (finding !== undefined) this.#keep(finding);
    return finding !== undefined;
  }

  /** Brings every actor to rest until `resume`. */
  pause(): Promise<void> {
    return this.#commands.runExclusive(async () => {
      if (this.#over) return;
      this.#held = true;
      await this.supervisor.pause();
    });
  }

  /** Lets the actors go on after `pause`. */
  resume(): Promise<void> {
    return this.#commands.runExclusive(() => {
      if (!this.#held || this.#over) return;
      this.#held = false;
      if (!this.#eventful) this.supervisor.resume(false);
      this.#wake();
    });
  }

  /** Ends the run before its budget; what it found is kept. */
  interrupt(): void {
    this.#interrupted = true;
    this.#wake();
  }

  /** Whether something happened that ends the epoch. */
  get #eventful(): boolean {
    return this.#found !== undefined || this.#unknown || this.#dead.length > 0 || this.#failure !== undefined;
  }

  /** Deals with what has happened; true when the run is over. */
  async #turn(): Promise<boolean> {
    if (this.#isOver) return this.#finish();
    if (this.#held) return false;
    if (this.#eventful) return this.#endEpoch();
    const still = this.#age.isStill;
    const old = this.#age.isOld;
    if (!still && !old && !this.#isAuditDue()) return false;
    this.#settled = false;
    await this.supervisor.pause();
    if (this.#eventful) return this.#endEpoch();
    const { finding, finished } = await this.#inspect();
    if (finding !== undefined) {
      this.#keep(finding);
      return this.#next('finding');
    }
    if (this.#eventful) return this.#endEpoch();
    if (finished) {
      Atomics.add(this.supervisor.memory.words, LiveControl.Finished, 1);
      return this.#next('finished');
    }
    if (still) return this.#next('still');
    if (old) {
      if (this.options.mode === 'once') await this.#giveUp();
      return this.#next('old');
    }
    await this.#count();
    if (this.#eventful) return this.#endEpoch();
    this.supervisor.resume(false);
    this.#lastAuditMs = this.options.clock();
    return false;
  }

  /** By the clock; in mode once also as soon as no thread has an actor that can go on by itself. */
  #isAuditDue(): boolean {
    const { clock, pauseEveryMs } = this.options;
    return this.#settled || clock() - this.#lastAuditMs >= pauseEveryMs;
  }

  /** Mode once: an epoch does not come to its end. */
  async #giveUp(): Promise<void> {
    this.#age.giveUp();
    const { stories } = await this.#circumstances(-1);
    this.#books.gaveUp(this.supervisor.epoch, stories);
  }

  /** An op was refused or a thread died. What was found before the death counts. */
  async #endEpoch(): Promise<boolean> {
    await this.supervisor.pause();
    const found = this.#found;
    if (found !== undefined) {
      const finding = opFinding(this.program, found, await this.#circumstances(found.word));
      this.#keep(finding);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (found === undefined && this.#unknown && this.#dead.length === 0) {
      this.supervisor.withoutStripes();
      this.#begin();
      return false;
    }
    if (this.#dead.length === 0) return this.#next('finding');
    this.#bury();
    return this.#next(found === undefined ? 'thread-died' : 'finding');
  }

  /** Ends the epoch and begins the next, unless that was the last. */
  async #next(end: EpochEnd): Promise<boolean> {
    await this.#count();
    this.#announceEnd(end);
    const { epochs, stopAtFinding } = this.options;
    if (this.supervisor.epoch >= epochs || (stopAtFinding && this.#books.findings.length > 0)) return true;
    this.#found = undefined;
    // A thread may die at any time, even while another is restarted.
    while (this.supervisor.broken) {
      this.#bury();
      this.#books.refuseEndlessDeath(this.#totals.all.calls);
      await this.supervisor.restart();
      if (this.#failure !== undefined) throw this.#failure;
    }
    this.#begin();
    return false;
  }

  /** The run is over in the midst of an epoch. What broke since the last quiescent point counts as any other. */
  async #finish(): Promise<boolean> {
    await this.supervisor.pause();
    const found = this.#found;
    const { finding } = this.#eventful ? {} : await this.#inspect();
    if (this.#failure !== undefined) throw this.#failure;
    if (found !== undefined) this.#keep(opFinding(this.program, found, await this.#circumstances(found.word)));
    else if (finding !== undefined) this.#keep(finding);
    this.#bury();
    await this.#count();
    this.#announceEnd('stopped');
    return true;
  }

  #begin(): void {
    this.#settled = false;
    this.#unknown = false;
    this.#lastAuditMs = this.options.clock();
    this.supervisor.resume(true);
    this.#age.begin();
  }

  async #inspect(): Promise<Inspected> {
    this.#audits++;
    return await this.#inspection.of(
      (word) => this.#circumstances(word),
      () => this.#eventful,
    );
  }

  async #circumstances(word: number): Promise<Circumstances> {
    const answers = await this.supervisor.ask({ command: 'tell', word }, 'told');
    const stories: ActorStory[] = [...answers.values()].flatMap(({ actors }) => actors);
    return {
      moment: this.#moment,
      stories: stories.sort((left, right) => left.actor - right.actor),
      held: (actor) => this.#heldBy(actor, stories),
    };
  }

  #heldBy(actor: number, stories: readonly ActorStory[] = []): readonly LiveHeldLock[] {
    const { locks, memory } = this.supervisor;
    if (memory.latchWords) {
      return stories.find((story) => story.actor === actor)?.held ?? heldLatches(this.program, memory.model, actor);
    }
    return locks.actors.heldBy(actor).map(({ lock, mode }) => ({ lock: memory.lockName(lock), mode }));
  }

  async #count(): Promise<void> {
    const answers = await this.supervisor.ask({ command: 'count' }, 'counted');
    for (const { part } of answers.values()) this.#sum.add(part);
    this.#functions = { seconds: this.#moment.seconds, visits: this.#sum.visits };
    this.#locks = this.#sum.locks;
  }

  #keep(finding: LiveFinding): void {
    const first = this.#books.found(finding);
    this.events.next({ type: 'finding', finding, first });
  }

  /** Names what the threads that died held. */
  #bury(): void {
    const { supervisor, program } = this;
    const nameOf = (actor: number) => program.actors[actor].name;
    for (const thread of this.#dead.splice(0)) {
      const actors = supervisor.actorsOf(thread);
      const held = actors.flatMap((actor) => this.#heldBy(actor).map((lock) => ({ actor: nameOf(actor), ...lock })));
      const death: ThreadDeath = { thread, epoch: supervisor.epoch, actors: actors.map(nameOf), held };
      this.#books.deaths.push(death);
      this.events.next({ type: 'thread-died', death });
    }
  }

  #announceEnd(end: EpochEnd): void {
    const { supervisor, options } = this;
    const { states } = supervisor;
    const final = end === 'finished' && options.tellsEnds;
    this.events.next({
      ...{ type: 'epoch-end', epoch: supervisor.epoch, end },
      final: final
        ? { words: stateAtRest(supervisor.memory, states), results: states.map(({ results }) => [...(results ?? [])]) }
        : undefined,
    });
  }

  /** Waits until something happens or the next audit is due. */
  #nap(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), this.#napMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#interrupted || (!this.#held && (this.#eventful || this.#settled))) this.#wake();
    });
  }

  get #napMs(): number {
    const { mode, pauseEveryMs, clock } = this.options;
    const auditMs = this.#lastAuditMs + pauseEveryMs - clock();
    return Math.max(1, mode === 'loop' ? Math.min(this.#age.lookMs, auditMs) : auditMs);
  }

  get #moment(): LiveMoment {
    return this.#totals.moment(this.supervisor.epoch);
  }

  #tick(): LiveEvent {
    const findings = this.#books.findings.length;
    const actors = this.#totals.actors(this.supervisor.threads);
    const told = { functions: this.#functions, locks: this.#locks, actors };
    return { type: 'tick', ...this.#totals.all, ...this.#moment, findings, ...told };
  }

  #report(): LiveReport {
    const { supervisor } = this;
    const { words } = supervisor.memory;
    return {
      ...{ threads: supervisor.threads, epochs: supervisor.epoch },
      ...{ finished: words[LiveControl.Finished], alone: words[LiveControl.Alone] },
      ...{ mode: this.options.mode, interrupted: this.#interrupted },
      ...{ seconds: this.#moment.seconds, ...this.#totals.all, actors: this.#totals.actors(supervisor.threads) },
      ...this.#sum.sums,
      ...{ findings: this.#books.findings, deaths: this.#books.deaths, unfinished: this.#books.unfinished },
      ...{ audits: this.#audits, refused: this.supervisor.stuck },
    };
  }
}
