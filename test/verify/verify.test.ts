import { describe, expect, it } from 'vitest';
import { choose, defineModel, here, traceOf } from '../../src/index.js';
import { ENDLESS } from '../../src/space/plan.js';
import type { VerifyProgress } from '../../src/verify/options.js';
import { verify } from '../../src/verify/verify.js';
import { abba } from '../oracles/classic/abba.js';
import { doubleCheckedLocking } from '../oracles/classic/double-checked-locking.js';
import { lostUpdate } from '../oracles/classic/lost-update.js';
import { preparedness } from '../oracles/preparedness.js';

const BIG = preparedness.with({ faults: 5 });
const PLAIN = { all: true, symmetry: false, por: false, coverage: false };

describe('verdict', () => {
  it('is verified when the whole space was searched and nothing broke', async () => {
    const { verdict, stoppedBy, bound, depth } = await verify(lostUpdate);
    expect({ verdict, stoppedBy, depth }).toEqual({ verdict: 'verified', stoppedBy: undefined, depth: 3 });
    expect(bound).toEqual({
      model: 'lost-update',
      memoryModel: 'sequentially consistent',
      actors: [0, 1, 2].map((number) => ({ name: `task${number}`, calls: 1, daemon: false })),
      objects: [],
      fair: [],
      notChecked: [],
    });
  });

  it('counts the states of every level', async () => {
    const { levels, states, depth } = await verify(preparedness, PLAIN);
    expect(levels).toHaveLength(depth + 1);
    expect(levels[0]).toBe(1);
    expect(levels.every((count) => count > 0)).toBe(true);
    expect(levels.reduce((sum, count) => sum + count)).toBe(states);
  });

  it('is a violation with a run that shows it again', async () => {
    const { verdict, findings, program } = await verify(lostUpdate.with({ broken: true }));
    expect(verdict).toBe('violation');
    const trace = traceOf(program, program.actors, findings[0].schedule);
    expect(trace.violation?.words).toBe('an increment was lost');
    expect(findings[0].steps).toBe(6);
  });

  it.each([
    ['states', { maxStates: 10_000 }, 'the bound of 10000 states'],
    ['memory', { maxMemoryBytes: 300_000 }, 'the bound of 300000 bytes of memory'],
    ['time', { deadline: () => true }, 'the deadline'],
  ])('is inconclusive when %s run out', async (_, bounds, reason) => {
    const { verdict, stoppedBy, states } = await verify(BIG, { ...PLAIN, ...bounds });
    expect({ verdict, stoppedBy }).toEqual({ verdict: 'inconclusive', stoppedBy: reason });
    expect(states).toBeLessThan(100_000);
  });

  it('holds when the space is as large as the bound', async () => {
    const { states } = await verify(BIG, PLAIN);
    expect(await verify(BIG, { ...PLAIN, maxStates: states })).toMatchObject({ verdict: 'verified', states });
    expect((await verify(BIG, { ...PLAIN, maxStates: states - 1 })).verdict).toBe('inconclusive');
  });

  it('asks what must hold at the end whether a daemon rests or goes round for ever', async () => {
    const model = defineModel({
      name: 'restless',
      parameters: { rests: false },
      build(m, p) {
        const [cell, polled] = [m.cell('cell'), m.cell('polled')];
        m.actor(
          'daemon',
          function* poll() {
            const again = yield* here();
            if (p.rests) yield* polled.waitUntil((value) => value === 1);
            else yield* polled.read();
            yield* again();
          },
          { daemon: true },
        );
        m.actor('task', function* task() {
          yield* cell.write(1);
        });
        m.finally('impossible', [cell], () => 'always broken');
      },
    });
    const restless = await verify(model);
    expect(restless).toMatchObject({ verdict: 'violation', completed: 0, endsBesideDaemons: 1, finalStates: 1 });
    const resting = await verify(model.with({ rests: true }));
    expect(resting).toMatchObject({ verdict: 'violation', completed: 1, endsBesideDaemons: 0, finalStates: 1 });
    for (const { findings } of [restless, resting]) {
      expect(findings.map(({ words, steps }) => [words, steps])).toEqual([['always broken', 1]]);
    }
  });

  it('does not ask what must hold at the end of runs in which somebody is stuck, though a daemon goes round', async () => {
    const model = defineModel({
      name: 'stuck-beside',
      build(m) {
        const [lock, beats] = [m.mutex('lock'), m.cell('beats')];
        m.actor('holder', function* hold() {
          yield* lock.lock();
        });
        m.actor('waiter', function* wait() {
          yield* lock.lock();
          yield* lock.unlock();
        });
        m.actor(
          'heart',
          function* beat() {
            const again = yield* here();
            yield* beats.write(1);
            yield* beats.write(0);
            yield* again();
          },
          { daemon: true },
        );
        m.finally('impossible', [beats], () => 'asked');
      },
    });
    const { findings } = await verify(model, { all: true });
    const kinds = findings.map(({ kind, words }) => `${kind}: ${words}`);
    // The waiter may come first; then both end. Where the holder does, he never gives the lock back.
    expect(kinds).toEqual([expect.stringMatching(/^deadlock: /), 'assertion: asked']);
    const first = await verify(model.with({}), { all: false });
    expect(first.findings.map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it('is inconclusive when what must hold at the end is never asked, because no run comes to its end', async () => {
    const model = defineModel({
      name: 'endless',
      build(m) {
        const cell = m.cell('cell');
        m.actor('task', function* task() {
          const again = yield* here();
          yield* cell.read();
          yield* again();
        });
        m.finally('impossible', [cell], () => 'always broken');
      },
    });
    const endless = await verify(model, { liveness: false });
    expect(endless).toMatchObject({
      verdict: 'inconclusive',
      stoppedBy: undefined,
      completed: 0,
      endsBesideDaemons: 0,
    });
    expect(endless.bound.notChecked).toContain('what must hold at the end (no run comes to its end)');
    expect((await verify(model)).findings.map(({ kind }) => kind)).toEqual(['livelock']);
  });

  it('is inconclusive when it is interrupted, and keeps what was found', async () => {
    const controller = new AbortController();
    const model = defineModel({
      name: 'early',
      build(m) {
        const [x, y] = [m.cell('x'), m.cell('y')];
        for (let actor = 0; actor < 6; actor++) {
          m.actor(`a${actor}`, function* run() {
            for (let i = 0; i < 6; i++) yield* y.apply<void>(`step ${actor}`, 'none', {});
            yield* x.add(1);
          });
        }
        m.actor('breaker', function* breaker() {
          yield* y.write(1);
        });
        m.always('y is 0', [y], (value) => value === 0);
      },
    });
    const result = await verify(model, {
      ...PLAIN,
      signal: controller.signal,
      onProgress: ({ states }) => {
        if (states > 5_000) controller.abort();
      },
    });
    expect(result.stoppedBy).toBe('interrupted');
    expect(result.interrupted).toBe(true);
    expect(result.findings.map(({ kind }) => kind)).toEqual(['assertion']);
  });

  describe('where new values turn up without end', () => {
    /** It counts only after twenty right guesses in a row, so walks at random show hardly any of the values. */
    const counting = defineModel({
      name: 'counting',
      parameters: { last: 1_000_000 },
      build(m, p) {
        const [guesses, counter] = [m.cell('guesses'), m.cell('counter')];
        m.actor('counts', function* counts() {
          const again = yield* here();
          if ((yield* choose(2, 'guess')) === 0) yield* guesses.write(0);
          else if ((yield* guesses.fetchAdd(1)) === 19) {
            yield* guesses.write(0);
            if ((yield* counter.fetchAdd(1)) === p.last) return;
          }
          yield* again();
        });
        m.actor('other', function* other() {
          yield* counter.add(0);
        });
      },
    });

    it('keeps to its bounds', async () => {
      const { verdict, stoppedBy } = await verify(counting, { ...PLAIN, maxStates: 20_000 });
      expect({ verdict, stoppedBy }).toEqual({ verdict: 'inconclusive', stoppedBy: 'the bound of 20000 states' });
      let asked = 0;
      const late = await verify(counting, { ...PLAIN, deadline: () => ++asked > 3 });
      expect(late.stoppedBy).toBe('the deadline');
      expect(asked).toBe(4);
    });

    it('goes without reductions, and says so', async () => {
      const { verdict, reductions } = await verify(counting.with({ last: 100 }), { liveness: false });
      const reason = ENDLESS;
      expect(reductions.por).toEqual({ used: false, reasons: [reason] });
      expect(reductions.merge).toEqual({ used: false, reasons: [reason] });
      expect(verdict).toBe('verified');
    });
  });

  it('does not hide that interleavings were to be counted and were not', async () => {
    const { interleavings, bound } = await verify(BIG, { ...PLAIN, count: true, maxStates: 10_000 });
    expect(interleavings).toBeUndefined();
    expect(bound.notChecked).toEqual(['the number of interleavings (the search was given up)']);
  });

  it('does not hold for what was switched off, and says what that is', async () => {
    const { verdict, bound } = await verify(abba.with({ gated: true }), { liveness: false, lockOrder: false });
    expect(verdict).toBe('verified');
    expect(bound.notChecked).toEqual(['livelock and starvation', 'the order of locks']);
  });
});

describe('counterexamples', () => {
  it('are one without `all`, the shortest; with it, one for each signature', async () => {
    const model = defineModel({
      name: 'two-bugs',
      build(m) {
        const [x, y] = [m.cell('x'), m.cell('y')];
        m.actor('a', function* a() {
          yield* y.write(5);
          yield* y.write(1);
          yield* x.write(1);
        });
        m.actor('b', function* b() {
          yield* x.write(2);
        });
        m.always('x below 2', [x], (value) => value < 2);
        m.always('y below 1', [y], (value) => value < 1 || value === 5);
      },
    });
    const first = await verify(model);
    expect(first.findings.map(({ rule, steps }) => [rule, steps])).toEqual([['x below 2', 1]]);
    expect(first.bound.notChecked).toEqual(['livelock and starvation', 'the order of locks']);
    const every = await verify(model, { all: true });
    expect(every.findings.map(({ rule, steps }) => [rule, steps])).toEqual([
      ['x below 2', 1],
      ['y below 1', 2],
    ]);
  });

  it('depth first finds the same signatures', async () => {
    const model = doubleCheckedLocking.with({ broken: true });
    const broad = await verify(model, PLAIN);
    const deep = await verify(model, { ...PLAIN, order: 'depth-first' });
    expect(deep.findings.map(({ signature }) => signature)).toEqual(broad.findings.map(({ signature }) => signature));
    expect([deep.states, deep.transitions, deep.finalStates]).toEqual([
      broad.states,
      broad.transitions,
      broad.finalStates,
    ]);
  });

  it('have the title that the caller writes', async () => {
    const { findings } = await verify(abba, { titleOf: ({ violation }) => `BUG: ${violation?.kind}` });
    expect(findings[0].title).toBe('BUG: deadlock');
  });
});

it('tells how far it is', async () => {
  const seen: VerifyProgress[] = [];
  const { states, transitions } = await verify(preparedness.with({ faults: 4 }), {
    ...PLAIN,
    onProgress: (progress) => seen.push(progress),
  });
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.at(-1)).toMatchObject({ phase: 'search', states, transitions, frontier: 0, depth: 30, findings: 0 });
  expect(seen.every(({ memoryBytes }) => memoryBytes > 0)).toBe(true);
  seen.reduce((before, after) => {
    expect(after.states).toBeGreaterThanOrEqual(before.states);
    return after;
  });
});

it('is the same every time', async () => {
  const results = [await verify(preparedness, { all: true }), await verify(preparedness, { all: true })].map(
    ({ program: _, ...result }) => result,
  );
  expect(results[0]).toEqual(results[1]);
});

it('names the ops that no execution executed, and the tests that went one way', async () => {
  const model = defineModel({
    name: 'dead-code',
    build(m) {
      const [flag, cell] = [m.cell('flag'), m.cell('cell')];
      m.actor('a', function* a() {
        if (yield* flag.cmpxchg(1, 2)) yield* cell.write(9);
        yield* cell.add(1);
      });
    },
  });
  const { coverage } = await verify(model);
  expect(coverage?.neverExecuted).toEqual(['a: cell = *']);
  expect(coverage?.oneSided).toEqual(['a: cmpxchg(flag, *, *) -> always false']);
});

it('tells of tests that went the same way, whatever else is done to the cell in the same function', async () => {
  const model = defineModel({
    name: 'two-looks',
    build(m) {
      const tasks = m.domain('task', 2);
      const owner = m.refCell('owner', tasks);
      m.actor('a', function* a() {
        yield* owner.read();
        yield* owner.holds();
      });
    },
  });
  expect((await verify(model)).coverage?.oneSided).toEqual(['a: owner -> always NULL']);
});

it.each([
  [{ maxStates: 0 }, 'maxStates is a whole number of 1 or more, not 0'],
  [{ maxMemoryBytes: 1.5 }, 'maxMemoryBytes is a whole number of 1 or more, not 1.5'],
  [{ workers: -1 }, 'workers is a whole number of 1 or more, not -1'],
  [{ order: 'sideways' as never }, 'there is no order "sideways"'],
])('refuses %j', async (options, message) => {
  await expect(verify(abba, options)).rejects.toThrow(message);
});
