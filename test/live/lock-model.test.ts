/**
 * The live locks beside the modelled ones: whatever the live locks do, the lock of the controlled engines can do, too, with
 * the same holders after each step. So a final state that a live run reaches is none that those engines cannot reach.
 *
 * A modelled lock is taken by the step of whoever is next, where a live one is handed over: the step is taken here at the
 * moment of the handover. A modelled reader that waits leaves no trace, while a live one has its place ahead of a later
 * writer: that writer's step into the queue is taken here when the last such reader has gone in, which nobody can tell from
 * an earlier one, because until then the lock is held for writing or somebody waits to do so.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ref } from '../../src/core/ops/ref.js';
import type { Routine } from '../../src/core/ops/routine.js';
import { call } from '../../src/core/program/program-builder.js';
import { Executor } from '../../src/core/run/executor.js';
import type { LockMode, RwLocks } from '../../src/live/rw-lock.js';
import { programOf } from '../core/every-run.js';
import { lockVariants } from '../primitives/lock-variant.js';
import { lockWorlds } from './lock-worlds.js';

const ACTORS = 5;
const LOCK = 0;

/** One section of an actor under the lock, or the try at one. */
interface Section {
  readonly mode: LockMode;
  readonly tries: boolean;
}

interface Scenario {
  /** By actor. */
  readonly scripts: readonly (readonly Section[])[];
  /** Who takes the next turn; who cannot is passed over. */
  readonly schedule: readonly number[];
}

function scenarios(modes: readonly LockMode[]): fc.Arbitrary<Scenario> {
  const section = fc.record({ mode: fc.constantFrom(...modes), tries: fc.boolean() });
  return fc.record({
    scripts: fc.array(fc.array(section, { minLength: 2, maxLength: 6 }), { minLength: ACTORS, maxLength: ACTORS }),
    schedule: fc.array(fc.nat(ACTORS - 1), { minLength: 20, maxLength: 60 }),
  });
}

/** The modelled lock, with actors that do the sections of their scripts. */
class ModelledLock {
  readonly executor: Executor;
  readonly base: number;
  readonly words: number;

  private constructor(executor: Executor) {
    this.executor = executor;
    const region = executor.program.layout.regions.find(({ kind }) => kind === 'latch')!;
    this.base = region.base;
    this.words = region.width;
  }

  static async build(variant: (typeof lockVariants)[number], { scripts }: Scenario): Promise<ModelledLock> {
    const program = await programOf((m) => {
      const items = m.domain('item', 1);
      const lock = variant.declare(m);
      const does = function* does(item: Ref, isRead: number, tries: number): Routine {
        const mode = isRead === 1 ? lock.shared! : lock.exclusive;
        if (tries === 0) yield* mode.lock(item);
        else if (!(yield* mode.tryLock(item))) return;
        yield* mode.unlock(item);
      };
      scripts.forEach((script, i) => {
        const calls = script.map(({ mode, tries }) => {
          return call('section', does, items.id(0), mode === 'read' ? 1 : 0, tries ? 1 : 0);
        });
        m.actor(`a${i}`, calls);
      });
    });
    return new ModelledLock(new Executor(program));
  }

  /** Who holds the lock, as `usersText` writes it. */
  get holders(): string {
    const [readers, writer] = this.words === 1 ? [0, this.#word(0)] : [this.#word(0), this.#word(1)];
    const names = Array.from({ length: ACTORS }, (_, actor) => {
      return `${(readers >> actor) & 1 ? `${actor}r` : ''}${(writer >> actor) & 1 ? `${actor}w` : ''}`;
    });
    return names.filter((name) => name !== '').join(' ');
  }

  /** One step of an actor that must be able to take it. */
  step(actor: number): void {
    if (!this.executor.canRun(actor)) expect.fail(`actor ${actor} cannot go on in the model; held by ${this.holders}`);
    this.executor.step(actor);
    if (this.executor.violation) expect.fail(this.executor.violation.words);
  }

  #word(part: number): number {
    return this.executor.state[this.base + part];
  }
}

/** Runs a scenario on live locks and takes each of their steps in the model. */
class SideBySide {
  /** By actor: what it does now, and how many sections it has begun. */
  readonly state: ('idle' | 'waits' | 'inside')[] = Array.from({ length: ACTORS }, () => 'idle');
  readonly begun: number[] = Array.from({ length: ACTORS }, () => 0);
  /** Writers in the live queue that are not yet in the modelled one. */
  readonly late = new Set<number>();
  handovers = 0;
  overtaken = 0;

  constructor(
    readonly locks: RwLocks,
    readonly modelled: ModelledLock,
    readonly scenario: Scenario,
    /** Whether modelled writers take a step to queue: all of them, or only the head of the queue. */
    readonly writersQueue: 'all' | 'head' | 'none',
  ) {}

  /** Lets an actor take its turn; whether it could. */
  turn(actor: number): boolean {
    const section = this.scenario.scripts[actor][this.begun[actor] - (this.state[actor] === 'idle' ? 0 : 1)];
    if (section === undefined || (this.state[actor] === 'waits' && !this.locks.granted(actor))) return false;
    if (this.state[actor] === 'idle') this.#ask(actor, section);
    else if (this.state[actor] === 'waits') this.state[actor] = 'inside';
    else this.#leave(actor, section.mode);
    expect(this.modelled.holders).toBe(this.#holders());
    return true;
  }

  get done(): boolean {
    return this.state.every((state, actor) => {
      return state === 'idle' && this.begun[actor] === this.scenario.scripts[actor].length;
    });
  }

  #ask(actor: number, { mode, tries }: Section): void {
    this.begun[actor]++;
    if (tries) {
      if (this.locks.tryAcquire(LOCK, actor, mode)) this.state[actor] = 'inside';
      // That the model grants it exactly when the live lock does, the holders tell.
      this.modelled.step(actor);
      return;
    }
    if (this.locks.acquire(LOCK, actor, mode)) {
      this.state[actor] = 'inside';
      this.modelled.step(actor);
      return;
    }
    this.state[actor] = 'waits';
    if (mode === 'write' && this.writersQueue !== 'none') this.late.add(actor);
    this.#queueLate();
  }

  #leave(actor: number, mode: LockMode): void {
    const before = new Set(this.locks.queue(LOCK).map((user) => user.actor));
    this.locks.release(LOCK, actor, mode);
    this.state[actor] = 'idle';
    this.modelled.step(actor);
    for (const user of this.locks.holders(LOCK)) {
      if (!before.has(user.actor)) continue;
      this.handovers++;
      this.modelled.step(user.actor);
    }
    this.#queueLate();
  }

  #queueLate(): void {
    const queue = this.locks.queue(LOCK);
    const firstReader = queue.findIndex(({ mode }) => mode === 'read');
    const writers = firstReader < 0 ? queue : queue.slice(0, firstReader);
    const ahead = this.writersQueue === 'head' ? writers.slice(0, 1) : writers;
    for (const { actor } of ahead) {
      if (this.late.delete(actor)) this.modelled.step(actor);
    }
    this.overtaken += this.late.size;
  }

  #holders(): string {
    return this.locks
      .holders(LOCK)
      .map(({ actor, mode }) => `${actor}${mode[0]}`)
      .join(' ');
  }
}

const kinds = [
  { name: 'mutex', modes: ['write'], queues: 'none' },
  { name: 'rwsem', modes: ['read', 'write'], queues: 'all' },
  { name: 'rwlock', modes: ['read', 'write'], queues: 'head' },
] as const;

describe.each(lockWorlds)('$name', ({ make }) => {
  it.each(kinds)('does nothing that a modelled $name cannot do', async ({ name, modes, queues }) => {
    const variant = lockVariants.find((each) => each.name === name)!;
    let handovers = 0;
    let overtaken = 0;
    await fc.assert(
      fc.asyncProperty(scenarios(modes), async (scenario) => {
        const modelled = await ModelledLock.build(variant, scenario);
        const both = new SideBySide(make(1, ACTORS).locks, modelled, scenario, queues);
        for (const actor of scenario.schedule) both.turn(actor);
        let moved = true;
        while (moved) {
          moved = false;
          for (let actor = 0; actor < ACTORS; actor++) if (both.turn(actor)) moved = true;
        }
        expect(both.done).toBe(true);
        expect(modelled.executor.complete).toBe(true);
        handovers += both.handovers;
        overtaken += both.overtaken;
      }),
      { numRuns: 100 },
    );
    expect(handovers).toBeGreaterThan(100);
    if (queues !== 'none') expect(overtaken).toBeGreaterThan(10);
  });
});
