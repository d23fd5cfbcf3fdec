/**
 * Random models over every kind of op: cells, refs, pointers, objects, bitmaps, locks, tokens, read sections, computations,
 * choices, ghosts, atomic sections, retry loops, calls that wait for calls, daemons and deferred work; actors that are
 * interchangeable, with an identity of a plain domain, of an object array, or with none. What most generators leave out
 * is in here on purpose: objects that are reached through a pointer only, cells that each actor has one of, marks, numbers
 * that are loaded and used as refs, checks over every kind of cell, initial values.
 */
import fc from 'fast-check';
import { type AnyStateMachine, setup } from 'xstate';
import type { Cell } from '../../src/core/ops/cell.js';
import type { ObjectArray } from '../../src/core/ops/objects.js';
import type { Ref } from '../../src/core/ops/ref.js';
import {
  after,
  atomic,
  call,
  check,
  choose,
  compute,
  defineModel,
  here,
  type Model,
  type Routine,
  sameRef,
  waitUntil,
} from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';

const SIMPLE = [
  ...['write', 'add', 'fetch', 'swap', 'cas', 'wait', 'take one', 'apply'],
  ...['set bit', 'clear bit', 'test bit', 'store bit', 'bump', 'take', 'changed?'],
  ...[
    'claim',
    'follow',
    'follow mine',
    'point',
    'point on',
    'unpoint',
    'mark',
    'load ref',
    'mine?',
    'same?',
    'cas ref',
  ],
  ...['send mine', 'send theirs', 'is mine?', 'is?', 'send', 'own', 'theirs', 'ask', 'own ref', 'read own ref'],
  ...['load raw', 'swap cells', 'sum', 'await two', 'choose', 'record', 'record send', 'trylock', 'unlock', 'try own'],
  ...['try read', 'sync', 'defer', 'check', 'throw', 'misuse'],
] as const;
const NESTING = [
  'if',
  'loop',
  'section',
  'mutex',
  'read',
  'write lock',
  'rwlock read',
  'rwlock write',
  'srcu',
] as const;

type Statement =
  | { readonly kind: (typeof SIMPLE)[number]; readonly a: number; readonly b: number }
  | { readonly kind: (typeof NESTING)[number]; readonly a: number; readonly body: readonly Statement[] };

const { body } = fc.letrec<{ body: Statement[]; statement: Statement }>((tie) => ({
  body: fc.array(tie('statement'), { minLength: 1, maxLength: 3 }),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom(...SIMPLE),
        a: fc.integer({ min: 0, max: 1 }),
        b: fc.integer({ min: 0, max: 2 }),
      }),
    },
    fc.record({ kind: fc.constantFrom(...NESTING), a: fc.integer({ min: 0, max: 2 }), body: tie('body') }),
  ),
}));

/** What is drawn of a model. */
export interface BroadSpec {
  readonly script: readonly Statement[];
  readonly other: readonly Statement[];
  readonly actors: number;
  /** What the interchangeable actors are identities of. */
  readonly identity: 'none' | 'domain' | 'objects';
  readonly declared: boolean;
  readonly calls: number;
  readonly second: 'none' | 'actor' | 'daemon' | 'gated';
  readonly check: string;
  readonly bound: number;
  readonly initial: number;
  readonly table: readonly number[];
}

export const broadSpec: fc.Arbitrary<BroadSpec> = fc.record({
  script: fc.array(body, { minLength: 1, maxLength: 2 }).map((bodies) => bodies.flat()),
  other: body,
  actors: fc.constantFrom(2, 2, 2, 3),
  identity: fc.constantFrom('none' as const, 'domain' as const, 'objects' as const, 'objects' as const),
  declared: fc.boolean(),
  calls: fc.constantFrom(1, 1, 2),
  second: fc.constantFrom('none' as const, 'actor' as const, 'daemon' as const, 'gated' as const),
  check: fc.constantFrom('none', 'cell', 'pair', 'ghost', 'object', 'latch', 'own', 'pointer', 'end', 'end of two'),
  bound: fc.integer({ min: 1, max: 3 }),
  initial: fc.constantFrom(0, 0, 0, 1, 2),
  table: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 6, maxLength: 6 }),
});

const STATES = ['s0', 's1', 's2'];

/** A machine of three states and two events; an entry of 6 is refused, every other one is a state. */
function machineOf(table: readonly number[]): AnyStateMachine {
  const target = (entry: number): string => (entry === 6 ? 'bad' : STATES[entry % 3]);
  const states = STATES.map((name, i) => [
    name,
    { tags: name, on: { A: target(table[2 * i]), B: target(table[2 * i + 1]) } },
  ]);
  return setup({}).createMachine({
    id: 'thing',
    initial: 's0',
    states: {
      ...Object.fromEntries(states),
      bad: { tags: 'violation', meta: { kind: 'assertion', words: 'the thing is refused' } },
    },
  } as never) as unknown as AnyStateMachine;
}

/** The model of a spec. */
export function broadModel(spec: BroadSpec): Model {
  const { actors, identity, declared, calls, second } = spec;
  const machine = machineOf(spec.table);
  return defineModel({
    name: 'broad',
    registers: 60,
    build(m) {
      const parts = declare(m, machine, spec);
      const { ids } = parts;
      const task = (script: readonly Statement[], self: Ref | undefined): Routine =>
        run(parts, script, { self, ref: null, yes: false, held: new Set(), inSection: false });
      const mine = identity === 'none' ? () => task(spec.script, undefined) : (self: Ref) => task(spec.script, self);
      const others = (): Routine => task(spec.other, undefined);
      const script = (index: number) =>
        Array.from({ length: calls }, () =>
          identity === 'none'
            ? call('mine', mine as () => Routine)
            : call('mine', mine as (self: Ref) => Routine, ids.id(index)),
        );
      m.actors('a', actors, script, { symmetric: declared ? (identity === 'none' ? true : ids) : false });
      if (second === 'actor') m.actor('b', [call('others', others)]);
      else if (second === 'daemon') m.actor('b', [call('others', others)], { daemon: true });
      else if (second === 'gated') {
        const opening = function* opening(): Routine {
          yield* parts.cells.at(0).read();
          yield* others();
        };
        m.actor('b', [after([{ actor: 0, calls: 1 }], call('others', opening))]);
      }
      addChecks(m, parts, spec);
    },
  });
}

type Parts = ReturnType<typeof declare>;

function declare(m: ModelBuilder, machine: ReturnType<typeof machineOf>, { actors, identity, initial }: BroadSpec) {
  const things = m.objects('thing', machine, actors);
  const plain = m.domain('who', actors);
  const ids = identity === 'objects' ? things : plain;
  const cells = m.cells('c', 2, { initial });
  const count = m.cell('count');
  return {
    ids,
    things,
    cells,
    count,
    ghost: m.ghost('ghost'),
    bits: m.bitmap('bits', actors),
    pointers: m.cells('pointer', 2, { refTo: things }),
    names: m.cells('name', 2, { refTo: ids }),
    own: m.cells('own', actors),
    ownRefs: m.cells('ownRef', actors, { refTo: ids }),
    mutex: m.mutex('mutex'),
    locks: m.mutex('locks', { count: actors }),
    rwsem: m.rwsem('rwsem'),
    rwlock: m.rwlock('rwlock'),
    token: m.token('token'),
    srcu: m.srcu('srcu'),
    work: m.deferred('work', things, (item) => worker(things, count, item), { capacity: 8 }),
  };
}

function* worker(things: ObjectArray, count: Cell, item: Ref): Routine {
  yield* things.at(item).is('s1');
  yield* count.apply('work', 'none', { next: (value) => Math.min(value + 1, 2) });
}

function addChecks(m: ModelBuilder, parts: Parts, { check, bound }: BroadSpec): void {
  const { cells, ghost, things, mutex, own, pointers } = parts;
  const at = (region: { readonly region: Parts['own']['region'] }, index = 0) => ({ region: region.region, index });
  switch (check) {
    case 'cell':
      m.always('cell', [cells.at(0)], (value) => value <= bound || 'the cell is large');
      break;
    case 'pair':
      m.always('pair', [cells.at(0), cells.at(1)], (left, right) => left + right <= bound + 2, { kind: 'leak' });
      break;
    case 'ghost':
      m.always('ghost', [ghost, cells.at(0)], (value, cell) => value < 3 || cell !== bound);
      break;
    case 'object':
      m.always('object', [at(things)], (state) => state !== bound);
      break;
    case 'latch':
      m.always('latch', [at(mutex.latch)], (holders) => holders !== 1 << bound);
      break;
    case 'own':
      m.always('own', [own.at(0), own.at(1)], (left, right) => left + right < 4);
      break;
    case 'pointer':
      m.always('pointer', [at(pointers), at(pointers, 1)], (left, right) => left <= 0 || left !== right);
      break;
    case 'end':
      m.finally('end', [cells.at(0)], (value) => value !== bound);
      break;
    case 'end of two':
      m.finally('end of two', [cells.at(1), ghost], (value, seen) => value + seen !== bound);
      break;
    default:
  }
}

/** What a routine knows. */
interface Known {
  readonly self: Ref | undefined;
  ref: Ref | null;
  yes: boolean;
  readonly held: ReadonlySet<string>;
  readonly inSection: boolean;
}

/** Kinds that may wait, choose or loop, which the midst of a section may not. */
const NOT_IN_SECTION: ReadonlySet<string> = new Set([
  ...['wait', 'take one', 'await two', 'choose', 'sync', 'defer', 'unlock'],
  ...['loop', 'section', 'mutex', 'read', 'write lock', 'rwlock read', 'rwlock write', 'srcu'],
]);

function* run(parts: Parts, script: readonly Statement[], known: Known): Routine {
  for (const statement of script) {
    if (known.inSection && NOT_IN_SECTION.has(statement.kind)) continue;
    if ('body' in statement) yield* nest(parts, statement, known);
    else yield* simple(parts, statement, known);
  }
}

/** Runs a body; what it learns, the rest knows. */
function* inner(parts: Parts, script: readonly Statement[], known: Known, changed: Partial<Known> = {}): Routine {
  const own = { ...known, ...changed };
  yield* run(parts, script, own);
  known.ref = own.ref;
  known.yes = own.yes;
}

function* nest(parts: Parts, { kind, a, body }: Extract<Statement, { body: unknown }>, known: Known): Routine {
  const { cells, mutex, rwsem, rwlock, srcu } = parts;
  const holding = (lock: string): Partial<Known> => ({ held: new Set([...known.held, lock]) });
  switch (kind) {
    case 'if':
      if (known.yes) yield* inner(parts, body, known);
      break;
    case 'loop': {
      const again = yield* here();
      if ((yield* cells.at(0).read()) === a) {
        // A round must not change what decides on it for ever, or there is no end of states.
        yield* inner(
          parts,
          body.filter((each) => !GROWING.has(each.kind)),
          { ...known },
        );
        return yield* again();
      }
      break;
    }
    case 'section':
      yield* atomic('section', function* () {
        yield* cells.at(1).write(a);
        yield* inner(parts, body, known, { inSection: true });
      });
      break;
    case 'mutex':
      if (known.held.has('mutex')) break;
      yield* mutex.lock();
      yield* inner(parts, body, known, holding('mutex'));
      yield* mutex.unlock();
      break;
    case 'read':
      if (known.held.has('rwsem')) break;
      yield* rwsem.downRead();
      yield* inner(parts, body, known, holding('rwsem'));
      yield* rwsem.upRead();
      break;
    case 'write lock':
      if (known.held.has('rwsem')) break;
      yield* rwsem.downWrite();
      yield* inner(parts, body, known, holding('rwsem'));
      yield* rwsem.upWrite();
      break;
    case 'rwlock read':
      if (known.held.has('rwlock')) break;
      yield* rwlock.readLock();
      yield* inner(parts, body, known, holding('rwlock'));
      yield* rwlock.readUnlock();
      break;
    case 'rwlock write':
      if (known.held.has('rwlock')) break;
      yield* rwlock.writeLock();
      yield* inner(parts, body, known, holding('rwlock'));
      yield* rwlock.writeUnlock();
      break;
    case 'srcu': {
      if (known.held.has('srcu')) break;
      const index = yield* srcu.readLock();
      yield* inner(parts, body, known, holding('srcu'));
      yield* srcu.readUnlock(index);
      break;
    }
  }
}

/** Kinds that a retry loop leaves out, so that its rounds come to an end of states. */
const GROWING: ReadonlySet<string> = new Set([
  ...['add', 'fetch', 'record', 'apply', 'defer', 'loop', 'section', 'choose', 'record send', 'trylock', 'sum'],
  ...['mutex', 'read', 'write lock', 'rwlock read', 'rwlock write', 'srcu', 'sync', 'load raw', 'store bit'],
  ...['load ref', 'read own ref', 'claim', 'try own', 'try read'],
]);

function* simple(parts: Parts, { kind, a, b }: Extract<Statement, { b: number }>, known: Known): Routine {
  const { cells, things, pointers, names, own, ownRefs, bits, ghost, token, mutex, locks, rwsem, srcu, work } = parts;
  const { self } = known;
  const cell = cells.at(a);
  const event = b === 1 ? 'B' : 'A';
  const isThing = parts.ids === things;
  // An identity of things, if there is one: who runs, or what was read last.
  const thing = known.ref?.domain === things ? known.ref : isThing ? self : undefined;
  const peer = known.ref?.domain === parts.ids ? known.ref : self;
  switch (kind) {
    case 'write':
      yield* cell.write(b);
      break;
    case 'add':
      yield* cell.add(b === 0 ? -1 : 1);
      break;
    case 'fetch':
      known.yes = (yield* cell.fetchAdd(1)) === b;
      break;
    case 'swap':
      known.yes = (yield* cell.swap(b)) > 0;
      break;
    case 'cas':
      known.yes = yield* cell.cmpxchg(b, b + 1);
      break;
    case 'wait':
      yield* cell.waitUntil((value) => value >= b);
      break;
    case 'take one':
      yield* cell.waitUntil(
        (value) => value > 0,
        (value) => value - 1,
      );
      break;
    case 'apply':
      yield* cell.apply('bounded %++', 'none', {
        next: (value) => value + 1,
        violation: (value) => (value > b + 2 ? { kind: 'lost-write', words: 'it is full' } : undefined),
      });
      break;
    case 'set bit':
      if (self) yield* bits.set(self);
      break;
    case 'clear bit':
      if (self) yield* bits.clear(self);
      break;
    case 'test bit':
      if (self) known.yes = yield* bits.test(self);
      break;
    case 'store bit':
      if (self) {
        const word = yield* bits.load(self);
        yield* bits.store(self, word, b === 1);
      }
      break;
    case 'bump':
      yield* token.bump();
      break;
    case 'take':
      yield* token.take();
      break;
    case 'changed?':
      known.yes = yield* token.changed();
      break;
    case 'claim':
      known.ref = yield* things.claim('s0', event);
      break;
    case 'follow':
      known.yes = yield* things.follow(pointers.at(a), event);
      break;
    case 'follow mine':
      if (isThing && self) known.yes = yield* things.follow(ownRefs.at(self), event);
      break;
    case 'point':
      if (isThing && self) yield* pointers.at(a).write(self);
      break;
    case 'point on':
      if (thing) yield* pointers.at(a).write(thing);
      break;
    case 'unpoint':
      yield* pointers.at(a).write(null);
      break;
    case 'mark':
      yield* names.at(a).mark([-1, -2, -0x4000_0000][b]);
      break;
    case 'load ref':
      known.ref = yield* (b === 0 ? pointers : names).at(a).read();
      break;
    case 'mine?':
      if (self) known.yes = yield* names.at(a).equals(self);
      break;
    case 'same?':
      if (peer && self) known.yes = yield* sameRef(peer, self);
      break;
    case 'cas ref':
      if (peer) known.yes = yield* names.at(a).cmpxchg(b === 0 ? null : peer, self ?? peer);
      break;
    case 'send mine':
      if (isThing && self) yield* things.at(self).send(event);
      break;
    case 'send theirs':
      if (thing) yield* things.at(thing).send(event);
      break;
    case 'is mine?':
      if (thing) known.yes = yield* things.at(thing).is('s1');
      break;
    case 'is?':
      known.yes = yield* things.at(a).is('s2');
      break;
    case 'send':
      yield* things.at(a).send(event);
      break;
    case 'own':
      if (self) yield* own.at(self).write(b);
      break;
    case 'theirs':
      if (peer) yield* own.at(peer).write(b);
      break;
    case 'ask':
      if (peer) known.yes = (yield* own.at(peer).read()) === b;
      break;
    case 'own ref':
      if (self && peer) yield* ownRefs.at(self).write(b === 0 ? null : peer);
      break;
    case 'read own ref':
      if (peer) known.ref = yield* ownRefs.at(peer).read();
      break;
    case 'load raw': {
      const raw = yield* parts.count.load();
      if (b === 1) known.yes = yield* names.at(a).equals(raw);
      break;
    }
    case 'swap cells':
      yield* compute<void>(
        'swap',
        [cells.at(0), cells.at(1)],
        (values) => {
          values.reverse();
        },
        { writes: true },
      );
      break;
    case 'sum':
      known.yes =
        (yield* compute<number>('sum', self && b === 0 ? [cell, own.at(self)] : [cell], sumOf, { result: 'number' })) >
        1;
      break;
    case 'await two':
      yield* waitUntil([cells.at(0), cells.at(1)], (left, right) => left + right >= b);
      break;
    case 'choose':
      known.yes = (yield* choose(2, 'coin')) === 1;
      break;
    case 'record':
      yield* cell.write(b).record(ghost, (old, seen) => Math.min(3, Math.max(0, old + seen)));
      break;
    case 'record send':
      yield* things
        .at(a)
        .send(event)
        .record(ghost, (old) => old ^ 1)
        .record(parts.count, (old) => (old + 1) % 3);
      break;
    case 'trylock':
      if (!known.held.has('mutex')) known.yes = yield* mutex.trylock();
      break;
    case 'unlock':
      if (known.held.has('mutex')) break;
      if (yield* mutex.trylock()) yield* mutex.unlock();
      break;
    case 'check':
      yield* check(!known.yes || b !== 2, `they agree in ${a}`, { kind: 'leak' });
      break;
    case 'throw':
      if (known.yes && b === 2) throw new Error(`no way on from ${a}`);
      break;
    case 'misuse':
      // A lock that nobody else may touch: the order of this among the steps of others does not matter, but it ends the run.
      if (self && b === 2) yield* locks.at(self).unlock();
      break;
    case 'try own':
      if (self) known.yes = yield* locks.at(peer && b === 1 ? peer : self).trylock();
      break;
    case 'try read':
      if (known.held.has('rwsem')) break;
      if (yield* rwsem.downReadTrylock()) yield* rwsem.upRead();
      else known.yes = true;
      break;
    case 'sync':
      if (!known.held.has('srcu')) yield* srcu.synchronize();
      break;
    case 'defer':
      if (thing) yield* work.defer(thing);
      break;
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
