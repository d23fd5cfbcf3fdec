/** The executor, with its automaton, tables and short ways, does what the routines say when they are simply run. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Program } from '../../../src/core/program/program.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import { programOf, runnableOf } from '../every-run.js';
import { CELLS, ITEMS, routineOf, type Shared, type Statement, scripts } from '../random-routine.js';
import { PlainMachine } from './plain-machine.js';

const STEPS = 80;

async function compiled(
  scripts: readonly (readonly (readonly Statement[])[])[],
): Promise<{ program: Program; shared: Shared }> {
  let declared: Shared | undefined;
  const program = await programOf((m) => {
    const items = m.domain('item', ITEMS);
    const cells = m.cells('cell', CELLS);
    const shared = { cells, items, refs: m.cells('ref', ITEMS, { refTo: items }), lock: m.mutex('lock') };
    declared = shared;
    scripts.forEach((calls, actor) => {
      m.actor(
        `a${actor}`,
        calls.map((statements) => call('call', () => routineOf(statements, shared))),
      );
    });
  }, 40);
  return { program, shared: declared! };
}

function expectSame(executor: Executor, plain: PlainMachine, { cells, refs, lock }: Shared): void {
  const words = (base: number, count: number): number[] => [...executor.state.subarray(base, base + count)];
  expect(words(cells.region.base, CELLS)).toEqual(plain.cells);
  expect(words(refs.region.base, ITEMS)).toEqual(plain.refs.map((item) => item + 1));
  expect(executor.state[lock.latch.region.base]).toBe(plain.holder < 0 ? 0 : 1 << plain.holder);
  expect(runnableOf(executor)).toEqual(plain.runnable());
  expect(plain.runnable().map((_, place) => executor.runnableAt(place))).toEqual(plain.runnable());
  plain.actors.forEach(({ results, calls }, actor) => {
    expect(executor.callsOf(actor)).toBe(results.length);
    expect(results.map((_, number) => executor.resultOf(actor, number))).toEqual(results);
    expect(executor.canRun(actor)).toBe(plain.runnable().includes(actor));
    expect(executor.nodeOf(actor) === 0).toBe(results.length === calls.length);
  });
}

it('reaches the same states, step by step, under any schedule', async () => {
  const met = { again: 0, choices: 0, blocked: 0, completed: 0 };
  await fc.assert(
    fc.asyncProperty(scripts, fc.array(fc.nat(), { minLength: STEPS, maxLength: STEPS }), async (scripts, picks) => {
      const { program, shared } = await compiled(scripts);
      const executor = new Executor(program);
      // Twice over one executor: the second run goes by what the first one left in the automaton.
      for (let run = 0; run < 2; run++) {
        executor.reset();
        const plain = new PlainMachine(scripts);
        expectSame(executor, plain, shared);
        for (const pick of picks) {
          const runnable = plain.runnable();
          if (runnable.length === 0) break;
          if (runnable.length < plain.actors.filter(({ pending }) => pending).length) met.blocked++;
          const actor = runnable[pick % runnable.length];
          const choices = plain.choicesOf(actor);
          expect(executor.choicesOf(actor)).toBe(choices);
          const choice = choices === 0 ? 0 : (pick >> 4) % choices;
          const { again, callEnd } = plain.step(actor, choice);
          const flags = executor.step(actor, choice);
          const { Again, CallEnd, Rests, Round } = StepFlag;
          const rests = plain.runnable().includes(actor) ? 0 : Rests;
          // Plain code does not tell a round that is further from the first one.
          expect((flags & Round) === 0 ? flags : (flags & ~Round) | Again).toBe(
            (again ? Again : 0) | (callEnd ? CallEnd : 0) | rests,
          );
          expectSame(executor, plain, shared);
          if (again) met.again++;
          if (choices > 0) met.choices++;
        }
        if (executor.complete) met.completed++;
      }
    }),
    { numRuns: 120 },
  );
  // The routines were worth running.
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(20);
});

it('goes on from a loaded state as if it had been there all along', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.array(fc.nat(), { minLength: STEPS, maxLength: STEPS }), async (scripts, picks) => {
      const { program } = await compiled(scripts);
      const executor = new Executor(program);
      const other = new Executor(program);
      for (const [step, pick] of picks.entries()) {
        if (executor.runnableCount === 0) break;
        if (step % 7 === 3) other.load(executor.state);
        expect(runnableOf(other)).toEqual(runnableOf(executor));
        expect(other.complete).toBe(executor.complete);
        const actor = executor.runnable[pick % executor.runnableCount];
        const choice = pick % Math.max(1, executor.choicesOf(actor));
        expect(other.step(actor, choice)).toBe(executor.step(actor, choice));
        expect(other.state).toEqual(executor.state);
      }
    }),
    { numRuns: 40 },
  );
});

it('does the same when every op is observed', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.array(fc.nat(), { minLength: STEPS, maxLength: STEPS }), async (scripts, picks) => {
      const { program } = await compiled(scripts);
      const executor = new Executor(program);
      const observed = new Executor(program);
      let ops = 0;
      observed.observer = () => ops++;
      let steps = 0;
      for (const pick of picks) {
        if (executor.runnableCount === 0) break;
        const actor = executor.runnable[pick % executor.runnableCount];
        const choice = pick % Math.max(1, executor.choicesOf(actor));
        expect(observed.step(actor, choice)).toBe(executor.step(actor, choice));
        expect(observed.state).toEqual(executor.state);
        expect(runnableOf(observed)).toEqual(runnableOf(executor));
        steps++;
      }
      expect(ops).toBeGreaterThanOrEqual(steps);
    }),
    { numRuns: 40 },
  );
});
