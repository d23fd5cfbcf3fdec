/** What it costs to derive a long call: counted in resumptions of generators and in ops looked up, never in time. */
import { describe, expect, it, vi } from 'vitest';
import type { Cell } from '../../../src/core/ops/cell.js';
import { enter, type Routine } from '../../../src/core/ops/routine.js';
import { Executor } from '../../../src/core/run/executor.js';
import { programOf } from '../every-run.js';

/** Takes one actor through a call of so many ops; how often a generator ran on, and how many ops the automaton looked up. */
async function costOf(ops: number, body: (x: Cell, count: () => void) => () => Routine<unknown>) {
  let resumptions = 0;
  const program = await programOf((m) =>
    m.actor(
      'task',
      body(m.cell('x'), () => resumptions++),
    ),
  );
  const lookedUp = vi.spyOn(program.automaton, 'opOf');
  const executor = new Executor(program);
  for (let step = 0; step < ops; step++) executor.step(0);
  expect(executor.complete).toBe(true);
  return { resumptions, lookedUp: lookedUp.mock.calls.length };
}

describe('a call of thousands of ops', () => {
  it('is derived at a cost that grows with its length and not with the square of it', async () => {
    const ops = 1_000;
    const cost = await costOf(ops, (x, count) => {
      return function* long() {
        for (let i = 0; i < ops; i++) {
          count();
          yield* x.write(i % 3);
        }
      };
    });
    // Once as it is met, once where the length has doubled, once at its end.
    expect(cost.resumptions).toBeLessThan(5 * ops);
    expect(cost.lookedUp).toBeLessThan(20 * ops);
  });

  it('also where every run of it reads something else', async () => {
    const ops = 500;
    let runs = 0;
    let resumptions = 0;
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* reads() {
        for (let i = 0; i < ops; i++) {
          resumptions++;
          yield* x.read();
        }
      });
    });
    const lookedUp = vi.spyOn(program.automaton, 'opOf');
    const executor = new Executor(program);
    for (; runs < 5; runs++) {
      executor.reset();
      executor.state[0] = runs;
      while (executor.runnableCount > 0) executor.step(0);
    }
    expect(resumptions).toBeLessThan(5 * runs * ops);
    expect(lookedUp.mock.calls.length).toBeLessThan(20 * runs * ops);
  });
});

describe('a call whose paths part and meet again', () => {
  it('is run once for each path, and not twice where all of its continuations were taken twice', async () => {
    const tests = 6;
    let starts = 0;
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* sums() {
        starts++;
        let sum = 0;
        for (let i = 0; i < tests; i++) sum += yield* x.read();
        yield* x.write(sum > 0 ? 1 : 0);
      });
    });
    const { automaton, actors } = program;
    const paths = (node: number): number => {
      if (!automaton.info(node).op) return 1;
      const results = automaton.info(node).op?.spec.result === 'number' ? [0, 1] : [0];
      return results.reduce((sum, result) => sum + paths(automaton.edge(node, result)), 0);
    };
    expect(paths(actors[0].calls[0].root.node)).toBe(2 ** tests);
    // One generator a path; besides, those that go the same way once more: as it begins, as it doubles, and at a few ends.
    expect(starts).toBeLessThan(2 ** tests + 12);
  });
});

it('a routine that yields marks without end is refused, and its last op named', async () => {
  const program = await programOf((m) => {
    const x = m.cell('x');
    m.actor('task', function* spins() {
      yield* x.read();
      for (;;) yield* enter('nowhere');
    });
  });
  expect(() => new Executor(program).step(0)).toThrow(
    'spins has yielded 100000 marks and no op since "x"; it would loop without a step',
  );
});
