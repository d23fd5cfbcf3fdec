/** What happens to a run of verify that is cut off: in each of its phases there is a result, and nothing found is lost. */
import { describe, expect, it } from 'vitest';
import { CutOff, type CutReason, type WorkGuard } from '../../src/core/guard.js';
import { defineModel, here, type Model } from '../../src/index.js';
import { Watchdog } from '../../src/threads/watchdog.js';
import { verify } from '../../src/verify/verify.js';

/** Three actors that spin on each other's cells; breaks when told to. */
const busy = defineModel({
  name: 'busy',
  parameters: { breaks: false },
  build(m, { breaks }) {
    const cells = m.cells('cell', 3);
    m.actors('task', 3, (index) => {
      return function* goes() {
        const again = yield* here();
        yield* cells.at(index).apply('step', 'none', { next: (value) => (value + 1) % 6 });
        const other = yield* cells.at((index + 1) % 3).read();
        if (other === 5) yield* cells.at(index).write(other);
        yield* again();
      };
    });
    if (breaks) m.always('not two of five', [cells.at(0), cells.at(1)], (one, two) => one !== 5 || two !== 5);
  },
});

/** Runs pieces of work up to one, and cuts that off and all that follow: before they begin, or when they are done. */
class CutAt implements WorkGuard {
  pieces = 0;

  constructor(
    readonly at: number,
    readonly reason: CutReason,
    readonly after = false,
  ) {}

  run<T>(work: () => T): T {
    if (++this.pieces < this.at) return work();
    if (this.after) work();
    throw new CutOff(this.reason, 1);
  }
}

/** How many pieces of work a whole run takes. */
async function piecesOf(model: Model, all: boolean): Promise<number> {
  const guard = new CutAt(Number.POSITIVE_INFINITY, 'deadline');
  await verify(model, { guard, all, count: true });
  return guard.pieces;
}

describe('a run of verify that is cut off', () => {
  it.each(['deadline', 'interrupt'] as const)('ends with a result wherever that is: by the %s', async (reason) => {
    const pieces = await piecesOf(busy, true);
    expect(pieces).toBeGreaterThan(5);
    // The first makes the model ready: without that there is nothing to tell.
    for (let at = 2; at <= pieces; at++) {
      const result = await verify(busy, { guard: new CutAt(at, reason), all: true, count: true });
      const isWhole = result.stoppedBy === undefined;
      expect(result.verdict).toBe(isWhole ? 'violation' : result.findings.length > 0 ? 'violation' : 'inconclusive');
      if (!isWhole) expect(result.stoppedBy).toBe(reason === 'deadline' ? 'the deadline' : 'interrupted');
      expect(result.states).toBeGreaterThan(0);
      expect(result.left === undefined).toBe(isWhole);
    }
  });

  it('tells what a search had met when it was cut off in the midst of a step', async () => {
    const breaking = busy.with({ breaks: true });
    const found = new Set<string>();
    for (let at = 2; at <= 12; at++) {
      const { findings, verdict } = await verify(breaking, { guard: new CutAt(at, 'interrupt', true), all: true });
      expect(verdict).toBe(findings.length > 0 ? 'violation' : 'inconclusive');
      for (const { signature } of findings) found.add(signature);
    }
    expect([...found].some((signature) => signature.startsWith('assertion on cell'))).toBe(true);
  });

  it('is interrupted only if something was left out', async () => {
    const breaking = busy.with({ breaks: true });
    const pieces = await piecesOf(breaking, false);
    const guard = new CutAt(pieces, 'interrupt');
    // What is cut off last is the look at what was not covered.
    const { interrupted, verdict } = await verify(breaking, { guard });
    expect([interrupted, verdict]).toEqual([false, 'violation']);
  });
});

describe('what does not come back', () => {
  const inTime = () => new Watchdog({ endMs: performance.now() });

  it('is named: a routine, with its last op', async () => {
    const model = defineModel({
      name: 'endless-routine',
      build(m) {
        const x = m.cell('x');
        m.actor('task', function* reads() {
          yield* x.read();
          for (;;);
        });
      },
    });
    await expect(verify(model, { guard: inTime() })).rejects.toThrow(
      /^reads does not come back: after its op "x" \(result 0\) it ran for/,
    );
  });

  it('on a path that no run takes is no fault of the model', async () => {
    const model = defineModel({
      name: 'impossible',
      build(m) {
        const x = m.cell('x');
        const y = m.cell('y');
        m.actor('task', function* reads() {
          yield* x.write(1);
          const first = yield* x.read();
          yield* y.write(first);
          const second = yield* x.read();
          // Values of a cell are taken for possible wherever it is read.
          while (second !== first);
        });
      },
    });
    const { verdict } = await verify(model, { guard: new Watchdog({ patienceMs: 500 }) });
    expect(verdict).toBe('verified');
  });

  it('is named: an op whose check loops', async () => {
    const model = defineModel({
      name: 'endless-check',
      build(m) {
        const x = m.cell('x');
        m.actor('task', function* writes() {
          yield* x.write(1);
          yield* x.write(2);
        });
        m.always('loops', [x], (value) => {
          while (value === 2);
          return true;
        });
      },
    });
    await expect(verify(model, { guard: new Watchdog({ patienceMs: 300 }) })).rejects.toThrow(
      /^"x = 2" in writes does not come back: a function of the op, or a check of what it changes, ran for/,
    );
  });

  it('in a search: what was found before is told, with what is wrong', async () => {
    const model = defineModel({
      name: 'deep',
      build(m) {
        const x = m.cell('x');
        // So far that no walk comes there.
        m.actor('counter', function* counts() {
          const again = yield* here();
          const value = yield* x.fetchAdd(1);
          if (value < 3_000) yield* again();
        });
        const y = m.cell('y');
        m.actor('breaker', function* breaks() {
          yield* y.write(1);
        });
        m.always('loops', [x], (value) => {
          while (value === 2_500);
          return true;
        });
        m.always('breaks', [y], (value) => value === 0);
      },
    });
    const options = { guard: new Watchdog({ patienceMs: 300 }), all: true, merge: false };
    const { findings, verdict, refused } = await verify(model, options);
    expect([verdict, findings.map(({ rule }) => rule)]).toEqual(['violation', ['breaks']]);
    expect(refused?.message).toMatch(/does not come back: a function of the op, or a check of what it changes/);
  });
});
