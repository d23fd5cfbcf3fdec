/** Cells and the ops on them, at the edges of the word tables and beyond. */
import { describe, expect, it } from 'vitest';
import { type Cell, type RefCell, sameRef } from '../../../src/core/ops/cell.js';
import type { Op } from '../../../src/core/ops/op.js';
import type { Identity, Ref } from '../../../src/core/ops/ref.js';
import type { Routine } from '../../../src/core/ops/routine.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { cellValue, programOf, stepAll } from '../every-run.js';

/** Runs one op on a cell that holds `before`, twice, so that the second time goes by the table. */
async function apply(op: (cell: Cell) => Op<unknown>, before: number): Promise<{ after: number; result: number }> {
  const program = await programOf((m) => {
    const cell = m.cell('cell', { initial: before });
    m.actor('task', function* task() {
      return (yield* op(cell)) as number | undefined;
    });
  });
  const executor = new Executor(program);
  const once = (): { after: number; result: number } => {
    executor.reset();
    stepAll(executor, [0]);
    return { after: executor.state[0], result: executor.resultOf(0, 0) };
  };
  const first = once();
  expect(once()).toEqual(first);
  return first;
}

/** Inside the window of the tables, its first and last value, and just outside. */
const values = [0, 1, -8, -9, 23, 24, 100, 0x7fffffff, -0x80000000];

describe.each(values)('on a cell that holds %d', (before) => {
  it.each<[string, (cell: Cell) => Op<unknown>, number, number]>([
    ['read returns it', (cell) => cell.read(), before, before],
    ['write replaces it and returns nothing', (cell) => cell.write(24), 24, 0],
    ['add wraps around as 32 bits do and returns nothing', (cell) => cell.add(1), (before + 1) | 0, 0],
    ['fetchAdd returns what was there', (cell) => cell.fetchAdd(-2), (before - 2) | 0, before],
    ['swap returns what was there', (cell) => cell.swap(-9), -9, before],
    ['cmpxchg stores when the old value is there', (cell) => cell.cmpxchg(before, 23), 23, 1],
    ['cmpxchg stores nothing otherwise', (cell) => cell.cmpxchg(5, 23), before, 0],
    [
      'apply is any function',
      (cell) => cell.apply('%', 'number', { next: (v) => v ^ 1, result: (v) => ~v }),
      before ^ 1,
      ~before,
    ],
    [
      'waitUntil goes on when the predicate holds',
      (cell) =>
        cell.waitUntil(
          (v) => v === before,
          (v) => ~v,
        ),
      ~before,
      0,
    ],
  ])('%s', async (_, op, after, result) => {
    expect(await apply(op, before)).toEqual({ after, result });
  });

  it('waitUntil waits while the predicate does not hold', async () => {
    let cell: Cell | undefined;
    const program = await programOf((m) => {
      const own = m.cell('cell', { initial: before });
      cell = own;
      m.actor('waits', function* waits() {
        yield* own.waitUntil((value) => value === 5);
      });
      m.actor('writes', function* writes() {
        yield* own.write(5);
        yield* own.write(before);
      });
    });
    const executor = new Executor(program);
    // Twice: what is blocked is looked up the second time.
    for (let run = 0; run < 2; run++) {
      executor.reset();
      expect(executor.canRun(0)).toBe(false);
      stepAll(executor, [1]);
      expect(executor.canRun(0)).toBe(true);
      stepAll(executor, [1]);
      expect(executor.canRun(0)).toBe(false);
      expect(cellValue(executor, cell!)).toBe(before);
    }
  });
});

describe('arrays', () => {
  it.each([
    ['a position past the end', 3],
    ['a negative position', -1],
    ['a position between two', 0.5],
  ])('refuse %s', async (_, position) => {
    await expect(programOf((m) => void m.cells('pages', 3).at(position))).rejects.toThrow(
      `pages[${position}] does not exist; pages has 3 cells`,
    );
  });

  it('refuse an identity that they have no cell for', async () => {
    const program = programOf((m) => void m.cells('pages', 2).at(m.domain('gfn', 4).id(3)));
    await expect(program).rejects.toThrow('pages[3] does not exist; pages has 2 cells');
  });

  it('refuse at run time a ref that they have no cell for', async () => {
    const program = await programOf((m) => {
      const gfns = m.domain('gfn', 4);
      const pages = m.cells('pages', 2);
      m.cells('others', 2);
      m.actor('task', [
        call(
          'touch',
          function* touch(gfn: Ref) {
            yield* pages.at(gfn).write(1);
          },
          gfns.id(3),
        ),
      ]);
    });
    const executor = new Executor(program);
    expect(() => executor.step(0)).toThrow('touch runs "pages[gfn] = 1" on a ref that names cell 3; pages has 2 cells');
  });

  it('are reached by position, identity and ref alike', async () => {
    const program = await programOf((m) => {
      const gfns = m.domain('gfn', 3);
      const pages = m.cells('pages', 3);
      m.actor('task', [
        call(
          'touch',
          function* touch(gfn: Ref) {
            yield* pages.at(0).add(1);
            yield* pages.at(gfns.id(1)).add(2);
            yield* pages.at(gfn).add(3);
          },
          gfns.id(2),
        ),
      ]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0, 0]);
    expect([...executor.state.subarray(0, 3)]).toEqual([1, 2, 3]);
  });
});

describe('identities', () => {
  it.each([3, -1, 1.5])('outside of their domain are refused: %d', async (index) => {
    await expect(programOf((m) => void m.domain('gfn', 3).id(index))).rejects.toThrow(
      `gfn ${index} does not exist; there are 3`,
    );
  });
});

describe('cells of refs', () => {
  /** Runs a script on two ref cells over three items; the cells hold items 1 and none. */
  async function refs(
    body: (use: { first: RefCell; second: RefCell; item: (index: number) => Identity }) => Routine<number>,
  ): Promise<{ result: number; cells: number[] }> {
    const program = await programOf((m) => {
      const items = m.domain('item', 3);
      const cells = m.cells('cell', 2, { refTo: items });
      m.layout.setInitial(cells.region.base, 2);
      m.actor('task', () => body({ first: cells.at(0), second: cells.at(1), item: (i) => items.id(i) }));
    });
    const executor = new Executor(program);
    while (executor.runnableCount > 0) executor.step(0);
    return { result: executor.resultOf(0, 0), cells: [...executor.state.subarray(0, 2)].map((word) => word - 1) };
  }

  it('hand out what they hold, or null', async () => {
    const { result } = await refs(function* ({ first, second }) {
      const one = yield* first.read();
      const other = yield* second.read();
      return (one === null ? 0 : 1) + (other === null ? 10 : 0);
    });
    expect(result).toBe(11);
  });

  it('take refs, identities and null', async () => {
    const { cells } = await refs(function* ({ first, second, item }) {
      const one = yield* first.read();
      yield* second.write(one);
      yield* first.write(item(2));
      return 0;
    });
    expect(cells).toEqual([2, 1]);
    const cleared = await refs(function* ({ first }) {
      yield* first.write(null);
      return 0;
    });
    expect(cleared.cells).toEqual([-1, -1]);
  });

  it('exchange only what they hold', async () => {
    const { result, cells } = await refs(function* ({ first, second, item }) {
      const wrong = yield* first.cmpxchg(item(0), item(2));
      const right = yield* first.cmpxchg(item(1), item(2));
      const none = yield* second.cmpxchg(null, item(0));
      return (wrong ? 1 : 0) + (right ? 10 : 0) + (none ? 100 : 0);
    });
    expect([result, cells]).toEqual([110, [2, 0]]);
  });

  it('compare with refs, identities and null', async () => {
    const { result } = await refs(function* ({ first, second, item }) {
      const one = yield* first.read();
      const answers: boolean[] = [
        yield* first.equals(one),
        yield* second.equals(one),
        yield* first.equals(item(1)),
        yield* first.equals(item(0)),
        yield* second.equals(null),
        yield* first.equals(null),
        yield* sameRef(one, item(1)),
        yield* sameRef(one, null),
      ];
      return answers.reduce((bits, answer, i) => bits | (answer ? 1 << i : 0), 0);
    });
    expect(result).toBe(0b01010101);
  });

  it('refuse an op on a ref that holds nothing', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 2);
      const raw = m.cell('raw');
      const cells = m.cells('cell', 2);
      m.domain('unused', 1);
      m.actor('task', function* task() {
        const nothing = yield* raw.load();
        yield* cells.at(nothing).write(1);
      });
      items.id(0);
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(() => executor.step(0)).toThrow(
      'task runs "cell[ref] = 1" on a ref that holds nothing; check for null before',
    );
  });
});

describe('a bitmap', () => {
  const BITS = 70;

  it('keeps its bits apart, across the borders of its words', async () => {
    const program = await programOf((m) => {
      const bits = m.domain('bit', BITS);
      const map = m.bitmap('map', BITS);
      const flip = function* flip(bit: Ref) {
        const before = yield* map.test(bit);
        yield* map.set(bit);
        return before;
      };
      const clear = function* clear(bit: Ref) {
        yield* map.clear(bit);
        return yield* map.test(bit);
      };
      m.actor('task', [
        ...[0, 31, 32, 63, 64, 69].map((bit) => call('flip', flip, bits.id(bit))),
        ...[31, 64].map((bit) => call('clear', clear, bits.id(bit))),
      ]);
    });
    const executor = new Executor(program);
    while (executor.runnableCount > 0) executor.step(0);
    expect([...executor.state.subarray(0, 3)]).toEqual([1, (1 << 31) | 1, 1 << 5]);
    expect(Array.from({ length: 8 }, (_, call) => executor.resultOf(0, call))).toEqual(new Array(8).fill(0));
  });

  it('loses a neighbour to a plain read-modify-write of the same word, and not of another', async () => {
    for (const [bit, lost] of [
      [1, true],
      [40, false],
    ] as const) {
      const program = await programOf((m) => {
        const bits = m.domain('bit', BITS);
        const map = m.bitmap('map', BITS);
        m.actor('plain', [
          call(
            'set',
            function* set(bit: Ref) {
              const word = yield* map.load(bit);
              yield* map.store(bit, word, true);
            },
            bits.id(0),
          ),
        ]);
        m.actor('atomic', [call('set', (bit: Ref) => map.set(bit)[Symbol.iterator]() as Routine, bits.id(bit))]);
      });
      const executor = new Executor(program);
      stepAll(executor, [0, 1, 0]);
      expect((executor.state[bit >> 5] & (1 << (bit & 31))) === 0).toBe(lost);
      expect(executor.state[0] & 1).toBe(1);
    }
  });

  it('clears a bit by plain store', async () => {
    const program = await programOf((m) => {
      const map = m.bitmap('map', 4);
      const bits = m.domain('bit', 4);
      m.actor('task', function* task() {
        yield* map.set(bits.id(3));
        yield* map.set(bits.id(2));
        const word = yield* map.load(bits.id(2));
        yield* map.store(bits.id(2), word, false);
      });
    });
    const executor = new Executor(program);
    while (executor.runnableCount > 0) executor.step(0);
    expect(executor.state[0]).toBe(8);
  });

  it('refuses a bit that it does not have', async () => {
    await expect(programOf((m) => void m.bitmap('map', 33).set(m.domain('bit', 40).id(33)))).rejects.toThrow(
      'map has no bit 33; it has 33 bits',
    );
  });
});

describe('an op that records', () => {
  it('updates ghosts from what it saw, in and beyond the range of the tables', async () => {
    const program = await programOf((m) => {
      const cell = m.cell('cell');
      const sum = m.ghost('sum');
      const last = m.ghost('last', { initial: -100 });
      m.actor('task', function* task() {
        for (const value of [3, -5, 12, 1000, 3]) {
          yield* cell
            .write(value)
            .record(sum, (ghost, seen) => ghost + seen)
            .record(last, (_, seen) => seen);
        }
      });
    });
    const executor = new Executor(program);
    for (let run = 0; run < 2; run++) {
      executor.reset();
      while (executor.runnableCount > 0) executor.step(0);
      expect([...executor.state.subarray(0, 3)]).toEqual([3, 1010, 1000]);
    }
  });

  it('may record into one cell of an array', async () => {
    const program = await programOf((m) => {
      const cell = m.cell('cell');
      const counts = m.cells('count', 3);
      m.actor('task', function* task() {
        yield* cell.read().record(counts.at(2), (count) => count + 1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect([...executor.state.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
  });

  it('cannot record by a ref', async () => {
    const program = programOf((m) => {
      const items = m.domain('item', 2);
      const counts = m.cells('count', 2);
      m.actor('task', [
        call(
          'task',
          function* task(item: Ref) {
            yield* counts
              .at(0)
              .read()
              .record(counts.at(item), (count) => count + 1);
          },
          items.id(0),
        ),
      ]);
    });
    await expect(program).rejects.toThrow('count is recorded by a ref; name it by position');
  });

  it('wakes who waits for what it records', async () => {
    const program = await programOf((m) => {
      const cell = m.cell('cell');
      const flag = m.cell('flag');
      m.actor('waits', function* waits() {
        yield* flag.waitUntil((value) => value === 1);
      });
      m.actor('records', function* records() {
        yield* cell.read().record(flag, () => 1);
      });
    });
    const executor = new Executor(program);
    expect(executor.canRun(0)).toBe(false);
    stepAll(executor, [1]);
    expect(executor.canRun(0)).toBe(true);
  });
});
