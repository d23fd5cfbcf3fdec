/**
 * The table against what ops really do: an op changes no word that the table does not say it may, what it does depends
 * on no other word, and of a word of holder bits of which only its own counts it sees and changes no other.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { DONE } from '../../../src/core/automaton/automaton.js';
import { accessesOf, mayWrite, type WordAccess } from '../../../src/core/ops/accesses.js';
import { LatchMode } from '../../../src/core/ops/latch.js';
import { type Op, Opcode } from '../../../src/core/ops/op.js';
import { Identity, Ref } from '../../../src/core/ops/ref.js';
import type { Program } from '../../../src/core/program/program.js';
import { Executor } from '../../../src/core/run/executor.js';
import { call, check, choose, compileModel, compute, defineModel, type Routine, sameRef } from '../../../src/index.js';

const machine = setup({}).createMachine({
  id: 'thing',
  initial: 'free',
  states: {
    free: { tags: 'free', on: { take: 'taken', drop: 'bad' } },
    taken: { tags: 'taken', on: { take: 'bad', drop: 'free' } },
    bad: { tags: 'violation', meta: { kind: 'assertion', words: 'it is taken twice' } },
  },
});

/** Every op of every opcode, each the last of its routine; `self` and `other` are refs to things. */
async function programs(): Promise<ReadonlyMap<string, Program>> {
  const names = Object.keys(routinesOf(undefined as never, true));
  const found = new Map<string, Program>();
  for (const name of names) {
    const model = defineModel({
      name,
      build(m) {
        const things = m.objects('thing', machine, 3);
        const parts = {
          things,
          x: m.cell('x'),
          xs: m.cells('xs', 3),
          y: m.cell('y'),
          pointer: m.refCell('pointer', things),
          pointers: m.cells('pointers', 3, { refTo: things }),
          bits: m.bitmap('bits', 70),
          bitNames: m.domain('bit', 70),
          ghost: m.ghost('ghost'),
          mutex: m.mutex('mutex'),
          mutexes: m.mutex('mutexes', { count: 3 }),
          rwsem: m.rwsem('rwsem'),
          rwlock: m.rwlock('rwlock'),
          token: m.token('token'),
          srcu: m.srcu('srcu', { nesting: 14 }),
          line: m.latch('line', { width: 6 }),
        };
        m.actor('actor', [call(name, routinesOf(parts, false)[name], things.id(1), things.id(2))]);
        m.actor('bystander', function* () {
          yield* parts.y.read();
        });
      },
    });
    found.set(name, await compileModel(model));
  }
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: the parts of the one model above
function routinesOf(p: any, namesOnly: boolean): Record<string, (self: Ref, other: Ref) => Routine<unknown>> {
  const one = (op: (self: Ref, other: Ref) => Op<unknown>) =>
    function* (self: Ref, other: Ref): Routine {
      yield* op(self, other);
    };
  void namesOnly;
  return {
    read: one(() => p.x.read()),
    write: one(() => p.x.write(2)),
    'fetch-add at a ref': one((self) => p.xs.at(self).fetchAdd(1)),
    'wait until': one(() =>
      p.x.waitUntil(
        (value: number) => value > 0,
        (value: number) => value - 1,
      ),
    ),
    'apply with a violation': one(() =>
      p.x.apply('%!', 'none', {
        next: (value: number) => value + 1,
        violation: (value: number) => (value === 3 ? { kind: 'assertion', words: 'three' } : undefined),
      }),
    ),
    'load a ref': one(() => p.pointer.read()),
    'load raw': one(() => p.xs.at(2).load()),
    'store a ref': one((self) => p.pointers.at(2).write(self)),
    'store a ref at a ref': one((self, other) => p.pointers.at(self).write(other)),
    'compare-exchange a ref': one((self, other) => p.pointer.cmpxchg(self, other)),
    'compare a ref': one((self) => p.pointer.equals(self)),
    mark: one(() => p.pointer.mark(-1)),
    holds: one(() => p.pointer.holds()),
    'equal refs': one((self, other) => sameRef(self, other)),
    is: one((self) => p.things.at(self).is('taken')),
    send: one((self) => p.things.at(self).send('take')),
    'send by position': one(() => p.things.at(0).send('drop')),
    claim: one(() => p.things.claim('free', 'take')),
    follow: one(() => p.things.follow(p.pointer, 'take')),
    'follow at a ref': one((self) => p.things.follow(p.pointers.at(self), 'drop')),
    'mutex lock': one(() => p.mutex.lock()),
    'mutex trylock at a ref': one((self) => p.mutexes.at(self).trylock()),
    'mutex unlock': one(() => p.mutex.unlock()),
    down_read: one(() => p.rwsem.downRead()),
    down_read_trylock: one(() => p.rwsem.downReadTrylock()),
    up_read: one(() => p.rwsem.upRead()),
    *down_write() {
      yield* p.rwsem.downWrite();
    },
    down_write_trylock: one(() => p.rwsem.downWriteTrylock()),
    up_write: one(() => p.rwsem.upWrite()),
    read_lock: one(() => p.rwlock.readLock()),
    read_trylock: one(() => p.rwlock.readTrylock()),
    *write_lock() {
      yield* p.rwlock.writeLock();
    },
    write_trylock: one(() => p.rwlock.writeTrylock()),
    'enter a read section': one(() => p.srcu.readers[0].op('enter', { mode: LatchMode.Enter })),
    *'leave a read section'() {
      yield* p.srcu.readUnlock(1);
    },
    'take a token': one(() => p.token.take()),
    'compare a token': one(() => p.token.changed()),
    'advance a token': one(() => p.token.bump()),
    // The words are random: what a full line cannot take, and who stands in one more than once, is no matter here.
    'let the first of a line go': one(() => p.line.op('next', { mode: LatchMode.Next })),
    'let a line go': one(() => p.line.op('drain', { mode: LatchMode.Drain })),
    'wait to be let go': one(() => p.line.op('await', { mode: LatchMode.Await })),
    'leave a line': one(() => p.line.op('quit', { mode: LatchMode.Quit })),
    'test a bit': one(() => p.bits.test(p.bitNames.id(69))),
    'set a bit': one(() => p.bits.set(p.bitNames.id(3))),
    'set a bit by a ref': one((self) => p.bits.set(self)),
    *'store a bit'() {
      const word = yield* p.bits.load(p.bitNames.id(40));
      yield* p.bits.store(p.bitNames.id(40), word, true);
    },
    'load a bit word': one(() => p.bits.load(p.bitNames.id(40))),
    compute: one((self) =>
      compute(
        'sum',
        [p.x, p.xs.at(self), self],
        (values: number[]) => {
          values[0] = (values[1] + values[2]) & 7;
          return values[1] & 1;
        },
        { writes: true, result: 'number' },
      ),
    ),
    'compute and wait': one(() =>
      compute('wait', [p.x, p.y], (values: number[]) => values[0] & 1, { result: 'number' }),
    ),
    choose: one(() => choose(2, 'which')),
    fail: () => check(false, 'it never holds'),
    'record a ghost': one(() => p.x.add(1).record(p.ghost, (ghost: number, seen: number) => (ghost + seen) & 7)),
    'record two ghosts at a send': one((self) =>
      p.things
        .at(self)
        .send('take')
        .record(p.ghost, (ghost: number) => ghost ^ 1)
        .record(p.xs.at(0), () => 5),
    ),
  };
}

/** The words that an access may be about, with the registers of the acting actor. */
function wordsOf({ region, at, part, via }: WordAccess, executor: Executor): number[] {
  const { base, count, width } = region;
  const first = base + part * count;
  if (via === 'claim' || at === 'any') return Array.from({ length: count * width }, (_, k) => base + k);
  if (at instanceof Ref) return [first + executor.state[executor.registerWord(0, at.register)] - 1];
  return [first + (at instanceof Identity ? at.index : at)];
}

interface Outcome {
  readonly ran: boolean;
  readonly violation: string | undefined;
  /** Everything behind the shared words: nodes, registers, results. */
  readonly local: readonly number[];
  readonly shared: Int32Array;
}

function run(executor: Executor, state: Int32Array): Outcome {
  executor.load(state);
  const words = executor.program.layout.words;
  const ran = executor.canRun(0);
  if (ran) executor.step(0, 1);
  return {
    ran,
    violation: executor.violation?.words,
    local: Array.from(executor.state.subarray(words)),
    shared: executor.state.slice(0, words),
  };
}

/** Values that a word of a kind may hold. */
function valuesOf(executor: Executor, word: number): readonly number[] {
  const region = executor.program.layout.regionOf(word);
  if (region?.kind === 'object') return [0, 1];
  if (region?.kind === 'latch') return [0, 1, 2, 3];
  return region?.refTo === undefined ? [0, 1, 2, 3] : [0, 1, 2, 3, -1];
}

const all = await programs();

describe.each([...all.keys()])('%s', (name) => {
  const program = all.get(name) as Program;

  /** A state before the last op of the routine, with random words. */
  function prepared(draws: readonly number[]): { executor: Executor; state: Int32Array; op: Op<unknown> } {
    const executor = new Executor(program);
    for (;;) {
      const { op } = program.automaton.info(executor.nodeOf(0));
      if (op === undefined) throw new Error('the routine ended');
      const before = executor.state.slice();
      // An op that cannot run yet, or is refused, or ends the routine, is the last one.
      const goesOn = executor.canRun(0) && executor.step(0, 0) === 0 && executor.nodeOf(0) !== DONE;
      if (goesOn) continue;
      const state = before;
      for (let word = 0; word < program.layout.words; word++) {
        const values = valuesOf(executor, word);
        state[word] = values[draws[word % draws.length] % values.length];
      }
      executor.load(state);
      return { executor, state, op };
    }
  }

  it('touches what the table says and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(59), { minLength: 40, maxLength: 40 }), fc.nat(59), (draws, other) => {
        const { executor, state, op } = prepared(draws);
        const accesses = accessesOf(op).map((access) => ({ access, words: wordsOf(access, executor) }));
        const touched = new Set(accesses.flatMap(({ words }) => words));
        const written = new Set(accesses.flatMap(({ access, words }) => (mayWrite(access) ? words : [])));
        const ownOnly = new Set(
          [...touched].filter((word) =>
            accesses.every(({ access, words }) => access.how === 'own-bit' || !words.includes(word)),
          ),
        );
        const first = run(executor, state);
        const { words } = program.layout;
        const changed = Array.from({ length: words }, (_, word) => first.shared[word] ^ state[word]);
        const wrong = changed.flatMap((bits, word) => {
          if (bits !== 0 && !written.has(word)) return [`changes ${program.layout.nameOf(word)}`];
          const others = ownOnly.has(word) ? bits & ~1 : 0;
          return others === 0 ? [] : [`changes bits of others in ${program.layout.nameOf(word)}`];
        });
        for (let word = 0; word < words; word++) {
          if (touched.has(word) && !ownOnly.has(word)) continue;
          const values = valuesOf(executor, word);
          const altered = state.slice();
          const value = values[other % values.length];
          altered[word] = ownOnly.has(word) ? (value & ~1) | (state[word] & 1) : value;
          if (altered[word] === state[word]) continue;
          const second = run(executor, altered);
          const same =
            second.ran === first.ran &&
            second.violation === first.violation &&
            second.local.join() === first.local.join() &&
            changed.every((bits, each) => (second.shared[each] ^ altered[each]) === bits);
          if (!same) wrong.push(`depends on ${program.layout.nameOf(word)}`);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 20, seed: 9 },
    );
  });
});

it('every opcode but the end of a call is among the ops above', () => {
  const codes = new Set<number>();
  for (const { automaton } of all.values()) {
    for (const { op } of automaton.infos) if (op !== undefined) codes.add(op.spec.code);
  }
  const wanted = Object.values(Opcode).filter((code) => code !== Opcode.Return);
  expect([...codes].sort((left, right) => left - right)).toEqual(wanted);
});
