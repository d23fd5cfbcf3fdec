import { describe, expect, it } from 'vitest';
import { defineModel } from '../../src/model/model.js';
import { outcomeText, verifyText } from '../../src/report/verify-text.js';
import { verify } from '../../src/verify/verify.js';

const model = defineModel({
  name: 'idle',
  parameters: { daemons: 1 },
  build(m, p) {
    const woken = m.cell('woken');
    for (let i = 0; i < p.daemons; i++) {
      m.actor(
        `daemon${i}`,
        function* wait() {
          yield* woken.waitUntil((value) => value === 1);
        },
        { daemon: true },
      );
    }
    m.actor('task', function* wake() {
      yield* woken.write(1);
    });
  },
});

describe('numbers and their words agree', () => {
  it('in what was left', async () => {
    const result = { ...(await verify(model)), stoppedBy: 'the deadline', verdict: 'inconclusive' } as const;
    const text = (states: number, frontier: number, phase: 'search' | 'cycles and lock order' = 'search') =>
      outcomeText({ ...result, states, left: { phase, frontier } }).replaceAll('\n', ' ');
    expect(text(1, 1)).toContain('Of 1 state that was reached, 1 was not gone on from;');
    expect(text(9, 2)).toContain('Of 9 states that were reached, 2 were not gone on from;');
    expect(text(9, 1, 'cycles and lock order')).toContain('(1 state was reached and not gone on from)');
    expect(text(9, 2, 'cycles and lock order')).toContain('(2 states were reached and not gone on from)');
  });

  it.each([
    [1, 'one of them a daemon'],
    [2, '2 of them daemons'],
  ])('with %i daemons', async (daemons, words) => {
    const text = verifyText(await verify(model.with({ daemons })), 0).replace(/\s+/g, ' ');
    expect(text).toContain(`${daemons + 1} actors, ${words} (`);
  });
});

it('a bound says how many VMs there are', async () => {
  const result = await verify(model);
  const text = (vms?: number) =>
    verifyText(result, 0, { world: { frames: 3, vcpus: 2, ...(vms && { vms }) } }).replace(/\s+/g, ' ');
  expect(text()).toContain('3 frames, 2 vCPUs, one VM;');
  expect(text(2)).toContain('3 frames, 2 vCPUs, 2 VMs;');
});

it('a reduction that was switched off is said to be, once', async () => {
  const text = verifyText(await verify(model, { por: false }), 0, { details: true });
  expect(text).toMatch(/^Order reduction: switched off\.$/m);
});

/** A shared word, and an op behind a test that always goes one way. */
function reader(ops: number) {
  return defineModel({
    name: 'reader',
    build(m) {
      const ready = m.cell('ready');
      const spare = m.cells('spare', ops);
      m.actor('reader', function* read() {
        if ((yield* ready.cmpxchg(1, 2)) === false) return;
        for (let i = 0; i < ops; i++) yield* spare.at(i).write(1).named(`a step that never runs ${'abc'[i]}`);
      });
    },
  });
}

describe('a yes', () => {
  it('is the verdict, what was covered, the bound, and what was within reach', async () => {
    expect(verifyText(await verify(reader(1)), 1.25)).toBe(`\
Covered: 2 distinct states, 1 transition, depth 1, in 1.3 s.
Bound: sequentially consistent memory; 1 actor (reader: 1 call).
Never executed: read: a step that never runs a.
`);
  });

  it('keeps to ten lines with its headline, however much was within reach', async () => {
    const result = await verify(reader(3));
    const coverage = {
      ...result.coverage!,
      neverExecuted: Array.from({ length: 40 }, (_, i) => `some_function: op number ${i}`),
    };
    const text = verifyText({ ...result, coverage }, 0);
    expect(text.split('\n').length - 1 + 3).toBe(10);
    expect(text).toMatch(/; and \d\d more\s+\(--coverage\)\.\n$/);
    const world = verifyText({ ...result, coverage }, 0, { world: { frames: 3, vcpus: 1 } });
    expect(world.split('\n').length - 1 + 3).toBeLessThanOrEqual(10);
    expect(world).toMatch(/^Never executed: /m);
  });

  it('tells all counts, reductions and what was not reached where that is asked for', async () => {
    const text = verifyText(await verify(reader(2)), 0, { details: true, coverage: true });
    expect(text).toMatch(
      /^Covered: 2 distinct states \(1 of them complete\), 1 transition, depth 1; 1\s+distinct final/m,
    );
    expect(text).toMatch(/^Symmetry: off: /m);
    expect(text).toContain('never executed:\n  - read: a step that never runs a\n  - read: a step that never runs b\n');
    expect(text).toContain('Tests that always went the same way:\n  - read: cmpxchg(ready, *, *) -> always false\n');
  });
});

it('what keeps a search from being reduced is told with what cures it, once', async () => {
  const result = await verify(model);
  const reductions = { ...result.reductions, problem: 'the local states of task have no end' };
  for (const details of [false, true]) {
    const text = verifyText({ ...result, reductions }, 0, { details });
    expect(text.match(/^Nothing is reduced: the local states of task have no end\.$/gm)).toHaveLength(1);
    expect(text).not.toContain('Merging');
  }
});

it('of many actors the calls are counted, and named where details are asked for', async () => {
  const result = await verify(model.with({ daemons: 4 }));
  expect(verifyText(result, 0).replace(/\s+/g, ' ')).toContain('5 actors, 4 of them daemons (1 call each)');
  expect(verifyText(result, 0, { details: true }).replace(/\s+/g, ' ')).toContain('(daemon0: 1 call, daemon1: 1 call,');
});

it('a search that was given up names the cells that grow', async () => {
  const text = outcomeText({
    ...(await verify(model)),
    ...{ stoppedBy: 'the deadline', verdict: 'inconclusive', left: { phase: 'search', frontier: 1 } },
    growing: [{ cell: 'next_ticket', least: 0, most: 45_000 }],
  });
  expect(text.replace(/\s+/g, ' ')).toContain(
    'next_ticket grows without end as far as was seen (0 to 45,000): write it modulo n, or bound it.',
  );
});
