import { describe, expect, test } from 'vitest';
import { folioMachine } from '../../../machines/folio.js';
import { sameRef } from '../../../src/core/ops/cell.js';
import type { Routine } from '../../../src/core/ops/routine.js';
import type { Program } from '../../../src/core/program/program.js';
import { keepCalls } from '../../../src/core/story/kept-calls.js';
import { type Trace, traceOf } from '../../../src/core/story/trace.js';
import { explore } from '../../../src/explore/explore.js';
import {
  atomic,
  call,
  choose,
  compileModel,
  compute,
  defineModel,
  enter,
  here,
  leave,
  within,
} from '../../../src/index.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { verify } from '../../../src/verify/verify.js';

/** Builds a program from its parts and runs it: the actors in the given order, one number a step. */
async function run(build: (m: ModelBuilder) => void, steps: readonly number[], choices: readonly number[] = []) {
  const program = await programOf(build);
  return traceOf(program, program.actors, { steps, choices });
}

function programOf(build: (m: ModelBuilder) => void): Promise<Program> {
  return compileModel(defineModel({ name: 'toy', build }));
}

/** One actor alone, for as many steps as are asked for. */
function alone(body: (m: ModelBuilder) => () => Routine<unknown>, steps: number, choices?: readonly number[]) {
  return run((m) => m.actor('task', body(m)), new Array<number>(steps).fill(0), choices);
}

/** Text and result of each step. */
function texts({ steps }: Trace): string[] {
  return steps.map(({ text, result }) => (result === undefined ? text : `${text} -> ${result}`));
}

describe('text of a step', () => {
  test('integer cells print name and what the routine learned', async () => {
    const trace = await alone((m) => {
      const count = m.cell('count', { initial: 3 });
      return function* task() {
        yield* count.read();
        yield* count.write(5);
        yield* count.add(1);
        yield* count.add(-1);
        yield* count.add(4);
        yield* count.fetchAdd(2);
        yield* count.swap(1);
        yield* count.cmpxchg(1, 2);
        yield* count.cmpxchg(1, 2);
        yield* count.waitUntil((value) => value === 2);
      };
    }, 10);
    expect(texts(trace)).toEqual([
      'count -> 3',
      'count = 5',
      'count++',
      'count--',
      'count += 4',
      'fetch_add(count, 2) -> 9',
      'xchg(count, 1) -> 11',
      'cmpxchg(count, 1, 2) -> true',
      'cmpxchg(count, 1, 2) -> false',
      'wait until count',
    ]);
  });

  test('refs print as members of their domain and as NULL, in cells, operands and results', async () => {
    const trace = await alone((m) => {
      const folio = m.objects('folio', folioMachine, 3);
      const pages = m.cells('i_pages', 2, { refTo: folio });
      return function* task() {
        yield* pages.at(1).read();
        yield* pages.at(1).write(folio.id(2));
        const found = yield* pages.at(1).read();
        if (found === null) return;
        yield* pages.at(0).cmpxchg(null, found);
        yield* pages.at(0).equals(folio.id(0));
        yield* sameRef(found, folio.id(2));
        yield* pages.at(0).write(null);
      };
    }, 7);
    expect(texts(trace)).toEqual([
      'i_pages[1] -> NULL',
      'i_pages[1] = folio 2',
      'i_pages[1] -> folio 2',
      'cmpxchg(i_pages[0], NULL, folio 2) -> true',
      'i_pages[0] == folio 0 -> false',
      'folio 2 == folio 2 -> true',
      'i_pages[0] = NULL',
    ]);
  });

  test('objects print the one that the ref points to', async () => {
    const trace = await alone((m) => {
      const folio = m.objects('folio', folioMachine, 2);
      const pages = m.cells('i_pages', 1, { refTo: folio });
      return function* task() {
        yield* folio.at(0).send('ALLOCATE');
        const fresh = yield* folio.claim('free', 'ALLOCATE');
        if (fresh === null) return;
        yield* folio.at(fresh).is('uptodate').named('folio_test_uptodate()');
        yield* folio.at(fresh).is('uptodate');
        yield* pages.at(0).write(fresh);
        yield* folio.follow(pages.at(0), 'CLEAR');
        yield* folio.claim('free', 'ALLOCATE');
      };
    }, 7);
    expect(texts(trace)).toEqual([
      'folio[0] <- ALLOCATE',
      'claim folio (ALLOCATE) -> folio 1',
      'folio_test_uptodate() -> false',
      'folio[1] is uptodate -> false',
      'i_pages[0] = folio 1',
      'CLEAR through i_pages[0] -> true',
      'claim folio (ALLOCATE) -> NULL',
    ]);
  });

  test('bits print the argument, the word as it was loaded, and the result', async () => {
    const trace = await run(
      (m) => {
        const gfn = m.domain('gfn', 40);
        const map = m.bitmap('map', 40);
        function* task(at: Parameters<typeof map.test>[0]) {
          yield* map.set(gfn.id(33));
          yield* map.set(at);
          yield* map.test(at);
          const word = yield* map.load(at);
          yield* map.store(at, word, false);
        }
        m.actor('task', [call('bits', task, gfn.id(34))]);
      },
      [0, 0, 0, 0, 0],
    );
    expect(texts(trace)).toEqual([
      'set_bit(33, map[1])',
      'set_bit(gfn 34, map[1])',
      'test_bit(gfn 34, map[1]) -> true',
      'word = map[1] -> 6',
      'map[1] = word & ~BIT(gfn 34)',
    ]);
  });

  test('choices print the name of the outcome, computes their result', async () => {
    const trace = await alone(
      (m) => {
        const left = m.cell('left', { initial: 2 });
        const right = m.cell('right', { initial: 3 });
        return function* task() {
          yield* choose(2, 'alloc_pages()', ['ok', 'NULL']);
          yield* choose(3, 'signals');
          yield* compute('left + right', [left, right], ([a, b]) => a + b, { result: 'number' });
        };
      },
      3,
      [1, 2],
    );
    expect(texts(trace)).toEqual(['alloc_pages() -> NULL', 'signals -> 2', 'left + right -> 5']);
    expect(trace.steps.map(({ decides }) => decides)).toEqual([true, true, false]);
  });

  test('an atomic section is one step with its name, what it returned, and its ops', async () => {
    const trace = await alone((m) => {
      const folio = m.objects('folio', folioMachine, 2);
      const pages = m.cells('i_pages', 1, { refTo: folio });
      return function* task() {
        const found = yield* atomic('filemap_add_folio()', function* () {
          yield* folio.at(1).send('ALLOCATE');
          yield* pages.at(0).write(folio.id(1));
          return yield* pages.at(0).read();
        });
        if (found !== null) yield* atomic('twice', () => folio.at(found).send('CLEAR')[Symbol.iterator]());
        return 4;
      };
    }, 2);
    expect(texts(trace)).toEqual(['filemap_add_folio() -> folio 1', 'twice']);
    expect(trace.steps[0].ops.map(({ text }) => text)).toEqual([
      'folio[1] <- ALLOCATE',
      'i_pages[0] = folio 1',
      'i_pages[0]',
    ]);
    expect(trace.steps.map(({ endsCall }) => endsCall)).toEqual([false, true]);
  });

  test('a writer that has to queue waits in one step and acquires in another', async () => {
    const trace = await run(
      (m) => {
        const lock = m.rwsem('lock');
        m.actor('reader', function* read() {
          yield* lock.downRead();
          yield* lock.upRead();
        });
        m.actor('writer', function* write() {
          yield* lock.downWrite();
          yield* lock.upWrite();
        });
      },
      [0, 1, 0, 1, 1],
    );
    expect(texts(trace)).toEqual([
      'down_read(lock)',
      'down_write(lock) -> waits',
      'up_read(lock)',
      'down_write(lock) -> acquired',
      'up_write(lock)',
    ]);
  });
});

describe('functions', () => {
  test('each step carries the stack of functions it lies in', async () => {
    const trace = await alone((m) => {
      const cell = m.cell('cell');
      return function* task() {
        yield* cell.read();
        yield* enter('outer', 'V1');
        yield* cell.read();
        yield* within('inner', 'V2', () => cell.read()[Symbol.iterator]());
        yield* cell.read();
        yield* leave();
      };
    }, 4);
    expect(trace.steps.map(({ frames }) => frames.map(({ name }) => name).join('>'))).toEqual([
      '',
      'outer',
      'outer>inner',
      'outer',
    ]);
    expect(trace.steps[2].frames.map(({ version }) => version)).toEqual(['V1', 'V2']);
  });

  test('two visits of one function differ, one visit stays the same', async () => {
    const trace = await alone((m) => {
      const cell = m.cell('cell');
      const visit = () =>
        within('f', '', function* () {
          yield* cell.read();
          yield* cell.read();
        });
      return function* task() {
        yield* visit();
        yield* visit();
      };
    }, 4);
    const visits = trace.steps.map(({ frames }) => frames[0].visit);
    expect(visits[0]).toBe(visits[1]);
    expect(visits[2]).toBe(visits[3]);
    expect(visits[1]).not.toBe(visits[2]);
  });

  test('a retry enters again what lies inside the loop, and stays in what lies around it', async () => {
    const trace = await alone((m) => {
      const cell = m.cell('cell');
      return function* task() {
        yield* enter('around', '');
        yield* cell.write(1);
        const again = yield* here();
        yield* enter('inside', '');
        yield* cell.add(1);
        if ((yield* cell.read()) < 3) yield* again();
        yield* leave();
        yield* leave();
      };
    }, 5);
    const [, first, second, third] = trace.steps;
    expect(second.again).toBe(true);
    expect(first.frames[1].visit).toBe(second.frames[1].visit);
    expect(third.frames[0].visit).toBe(first.frames[0].visit);
    expect(third.frames[1].visit).not.toBe(first.frames[1].visit);
  });
});

describe('locks held', () => {
  test('a lock is held from the step that gets it to the step that gives it up, and not while queued', async () => {
    const trace = await run(
      (m) => {
        const lock = m.rwsem('lock');
        const folio = m.mutex('folio_lock', { count: 2 });
        m.actor('reader', function* read() {
          yield* lock.downRead();
          yield* folio.at(1).trylock();
          yield* folio.at(1).unlock();
          yield* lock.upRead();
        });
        m.actor('writer', function* write() {
          yield* lock.downWrite();
          yield* folio.at(1).trylock();
        });
      },
      [0, 0, 1, 0, 0, 1, 1],
    );
    expect(
      trace.steps.map(({ held }) => held.map(({ name, mode }) => (mode ? `${name} ${mode}` : name)).join(', ')),
    ).toEqual([
      'lock read',
      'lock read, folio_lock[1]',
      '',
      'lock read',
      '',
      'lock write',
      'lock write, folio_lock[1]',
    ]);
    expect(trace.held.map((locks) => locks.length)).toEqual([0, 2]);
  });

  test('a try that fails holds nothing', async () => {
    const trace = await run(
      (m) => {
        const lock = m.mutex('lock');
        m.actors(
          'task',
          2,
          () =>
            function* take() {
              yield* lock.trylock();
            },
        );
      },
      [0, 1],
    );
    expect(texts(trace)).toEqual(['mutex_trylock(lock) -> true', 'mutex_trylock(lock) -> false']);
    expect(trace.held.map((locks) => locks.length)).toEqual([1, 0]);
  });

  test('waiting out readers is not holding', async () => {
    const trace = await alone((m) => {
      const srcu = m.srcu('srcu');
      return function* task() {
        const index = yield* srcu.readLock();
        yield* srcu.readUnlock(index);
        yield* srcu.synchronize();
      };
    }, 6);
    expect(texts(trace).slice(0, 2)).toEqual(['srcu_read_lock(srcu) -> 0', 'srcu_read_unlock(srcu)']);
    expect(trace.steps.map(({ held }) => held.length)).toEqual([1, 0, 1, 1, 1, 0]);
  });
});

describe('violations', () => {
  test('an event that a machine refuses breaks its step and answers nothing', async () => {
    const trace = await alone((m) => {
      const folio = m.objects('folio', folioMachine, 1);
      const pages = m.cells('i_pages', 1, { refTo: folio });
      return function* task() {
        yield* pages.at(0).write(folio.id(0));
        yield* folio.follow(pages.at(0), 'GUEST_READ');
      };
    }, 2);
    expect(texts(trace)).toEqual(['i_pages[0] = folio 0', 'GUEST_READ through i_pages[0]']);
    expect(trace.steps.map(({ violation }) => violation?.kind)).toEqual([undefined, trace.violation?.kind]);
    expect(trace.conflict).toMatchObject({ step: 1, shows: true, function: 'task' });
  });

  test('an always check breaks the step that changes the cell: a whole atomic section, for what is there at its end', async () => {
    const trace = await alone((m) => {
      const cell = m.cell('cell');
      m.always('small', [cell], (value) => value < 2 || 'the cell is too large', { kind: 'leak' });
      return function* task() {
        yield* cell.add(1);
        yield* atomic('twice', function* () {
          yield* cell.add(-1);
          yield* cell.add(2);
        });
      };
    }, 2);
    expect(trace.steps.map(({ violation }) => violation?.kind)).toEqual([undefined, 'leak']);
    expect(trace.violation).toEqual({ kind: 'leak', words: 'the cell is too large', rule: 'small' });
  });

  test('a finally check shows after the last step and in none', async () => {
    const trace = await alone((m) => {
      const cell = m.cell('cell');
      m.finally('set', [cell], (value) => value === 1);
      return function* task() {
        yield* cell.write(2);
      };
    }, 1);
    expect(trace.violation?.rule).toBe('set');
    expect(trace.steps[0].violation).toBeUndefined();
    expect(trace.conflict?.shows).toBe(false);
  });

  test('finally checks wait until every actor has finished', async () => {
    const trace = await alone((m) => {
      const cell = m.cell('cell');
      m.finally('set', [cell], (value) => value === 1);
      return function* task() {
        yield* cell.write(2);
        yield* cell.write(1);
      };
    }, 1);
    expect(trace.violation).toBeUndefined();
  });
});

test('finally checks wait for a daemon that can still run', async () => {
  const build = (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    m.finally('written', [cell], (value) => value === 1);
    m.actor('task', function* task() {
      yield* cell.read();
    });
    m.actor(
      'worker',
      function* work() {
        yield* cell.write(1);
      },
      { daemon: true },
    );
  };
  expect((await run(build, [0])).violation).toBeUndefined();
  expect((await run(build, [0, 1])).violation).toBeUndefined();
});

describe('a schedule that cannot be followed', () => {
  const twoTasks = (m: ModelBuilder): void => {
    const lock = m.mutex('lock');
    m.actors(
      'task',
      2,
      () =>
        function* take() {
          yield* lock.lock();
          if ((yield* choose(2, 'coin')) === 1) yield* lock.unlock();
        },
    );
  };

  test.each([
    ['an actor that has to wait', [0, 1], [], 'task1 cannot take step 2'],
    ['an actor that does not exist', [7], [], 'actor 7 cannot take step 1'],
    ['an actor that has finished', [0, 0, 0], [0], 'task0 cannot take step 3'],
    ['a choice without an answer', [0, 0], [], 'there is no answer to the choice of task0 in step 2'],
    ['a choice with no such outcome', [0, 0], [2], 'the choice of task0 in step 2 has 2 outcomes, not number 2'],
    ['answers that nobody asks for', [0], [1], 'the schedule answers 1 more choices than its steps make'],
  ])('%s cuts the trace short and is named', async (_, steps, choices, reason) => {
    const trace = await run(twoTasks, steps, choices);
    expect(trace.cutShort).toBe(reason);
    expect(trace.violation).toBeUndefined();
  });

  test('what comes before is in the trace', async () => {
    const trace = await run(twoTasks, [0, 1]);
    expect(texts(trace)).toEqual(['mutex_lock(lock)']);
  });
});

describe('ops hash', () => {
  const two = (label: string, second: string) => (m: ModelBuilder) => {
    const cells = { a: m.cell('a'), b: m.cell('b') };
    m.actor('task', function* task() {
      yield* cells.a.write(1).named(label);
      yield* cells[second as 'a' | 'b'].write(1);
    });
  };

  test('rewording an op leaves it as it is', async () => {
    const [before, after] = [await run(two('a = 1', 'a'), [0, 0]), await run(two('set a', 'a'), [0, 0])];
    expect(before.opsHash).toMatch(/^[0-9a-f]{8}$/);
    expect(after.opsHash).toBe(before.opsHash);
    expect(after.stepHashes).toEqual(before.stepHashes);
  });

  test('an op on another cell changes it from that step on', async () => {
    const [before, after] = [await run(two('a', 'a'), [0, 0]), await run(two('a', 'b'), [0, 0])];
    expect(after.opsHash).not.toBe(before.opsHash);
    expect(after.stepHashes[0]).toBe(before.stepHashes[0]);
    expect(after.stepHashes[1]).not.toBe(before.stepHashes[1]);
  });
});

test('a trace runs the scripts it is given', async () => {
  const program = await programOf((m) => {
    const cell = m.cell('cell');
    const add = (amount: number) =>
      function* body() {
        yield* cell.add(amount);
      };
    m.actor('task', [call('one', add(1)), call('two', add(2))]);
  });
  const actors = keepCalls(program.actors, [[1]]);
  const trace = traceOf(program, actors, { steps: [0], choices: [] });
  expect(trace.steps.map(({ callName, call: position, text }) => [callName, position, text])).toEqual([
    ['two', 0, 'cell += 2'],
  ]);
  expect(trace.deadlock).toBeUndefined();
});

test('the last step of a run that breaks something is that, though nobody could go on', async () => {
  const stuck = (m: ModelBuilder) => {
    const [cell, go] = [m.cell('cell'), m.cell('go')];
    m.actor('waits', function* waits() {
      yield* go.waitUntil((value) => value === 1);
    });
    m.actor('breaks', function* breaks() {
      yield* cell.write(1);
    });
    m.always('cell is 0', [cell], (value) => value === 0);
  };
  const { violation, deadlock, blocked } = await run(stuck, [1]);
  expect(violation?.kind).toBe('assertion');
  expect(deadlock).toBeUndefined();
  expect(blocked.waiters.map(({ actor }) => actor)).toEqual([0]);
  const model = defineModel({ name: 'stuck', build: stuck });
  const [verified, explored] = [await verify(model), await explore(model, { schedules: 10 })];
  expect(verified.findings.map(({ kind }) => kind)).toEqual(['assertion']);
  expect(explored.findings.map(({ kind }) => kind)).toEqual(['assertion']);
});
