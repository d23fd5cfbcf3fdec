/**
 * Random routines of loops that carry values, as data, in two readings: with `loop` and `again`, and as plain code that
 * goes round by itself. The two execute the same ops, so everything that can be counted about them must be equal.
 */
import fc from 'fast-check';
import type { Ref } from '../../../src/core/ops/ref.js';
import {
  type Again,
  atomic,
  choose,
  defineModel,
  here,
  loop,
  type Model,
  type Routine,
  sameRef,
} from '../../../src/index.js';

type Op =
  | { readonly kind: 'read' | 'fetchAdd' | 'write seen' | 'write carried' | 'cmpxchg'; readonly at: number }
  | { readonly kind: 'choose' | 'trylock' | 'lock' | 'unlock' | 'take ref' | 'put ref' | 'put last' | 'same' };

/** `level`: which of the loops around goes on, 0 the outermost; the last takes the place of those that are not there. */
type Statement =
  | Op
  | { readonly kind: 'section'; readonly body: readonly Op[] }
  | { readonly kind: 'if'; readonly least: number; readonly body: readonly Statement[] }
  | { readonly kind: 'loop'; readonly first: Op; readonly value: number; readonly body: readonly Statement[] }
  | { readonly kind: 'again'; readonly level: number; readonly keeps: 'seen' | 'ref' | 'both' | 'nothing' };

const CELLS = 2;
/** Rounds of a loop. */
const ROUNDS = 2;

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'read' as const,
      'fetchAdd' as const,
      'write seen' as const,
      'write carried' as const,
      'cmpxchg' as const,
    ),
    at: fc.integer({ min: 0, max: CELLS - 1 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      'choose' as const,
      'trylock' as const,
      'take ref' as const,
      'put ref' as const,
      'put last' as const,
      'same' as const,
    ),
  }),
);

const goesOn: fc.Arbitrary<Statement> = fc.record({
  kind: fc.constant('again' as const),
  level: fc.integer({ min: 0, max: 2 }),
  keeps: fc.constantFrom('seen' as const, 'ref' as const, 'both' as const, 'nothing' as const),
});

const { round } = fc.letrec<{ statements: Statement[]; round: Statement }>((tie) => ({
  statements: fc.array(
    fc.oneof(
      { depthSize: 'small' },
      { weight: 3, arbitrary: op },
      { weight: 2, arbitrary: goesOn },
      fc.record({ kind: fc.constant('section' as const), body: fc.array(op, { minLength: 1, maxLength: 2 }) }),
      fc.record({ kind: fc.constant('if' as const), least: fc.integer({ min: 0, max: 2 }), body: tie('statements') }),
      tie('round'),
    ),
    { maxLength: 3 },
  ),
  round: fc.record({
    kind: fc.constant('loop' as const),
    first: op,
    value: fc.integer({ min: 0, max: 1 }),
    body: fc.tuple(tie('statements'), fc.array(goesOn, { maxLength: 1 })).map((parts) => parts.flat()),
  }),
}));

/** What a round is handed. */
type Values = { readonly n: number; readonly value: number; readonly last: Ref | null };

/** What a round knows. */
interface Known {
  seen: number;
  ref: Ref | null;
  holds: boolean;
  /** What the loops around were handed, outermost first. */
  readonly values: readonly Values[];
}

type Shared = ReturnType<typeof sharedOf>;
type Builder = Parameters<Model['definition']['build']>[0];

function sharedOf(m: Builder) {
  const items = m.domain('item', 2);
  return {
    items,
    cells: m.cells('cell', CELLS),
    refs: m.cells('ref', 2, { refTo: items }),
    lock: m.mutex('lock'),
  };
}

function* runs(each: Op, { cells, refs, lock, items }: Shared, known: Known): Routine {
  const { value, last } = known.values.at(-1) ?? { value: 0, last: null };
  switch (each.kind) {
    case 'read':
      known.seen = yield* cells.at(each.at).read();
      break;
    case 'fetchAdd':
      known.seen = yield* cells.at(each.at).fetchAdd(1);
      break;
    case 'write seen':
      yield* cells.at(each.at).write(known.seen);
      break;
    case 'write carried':
      yield* cells.at(each.at).write(value);
      break;
    case 'cmpxchg':
      known.seen = Number(yield* cells.at(each.at).cmpxchg(value, value + 1));
      break;
    case 'choose':
      known.seen = yield* choose(2, 'which');
      break;
    case 'trylock':
      if (known.holds) yield* lock.unlock();
      else known.seen = Number(yield* lock.trylock());
      known.holds = !known.holds && known.seen === 1;
      break;
    case 'take ref':
      known.ref = yield* refs.at(0).read();
      break;
    case 'put ref':
      yield* refs.at(1).write(known.ref);
      break;
    case 'put last':
      yield* refs.at(0).write(last ?? items.id(1));
      break;
    case 'same':
      known.seen = Number(yield* sameRef(last, known.ref));
      break;
    default:
      throw new Error(each.kind);
  }
}

function nextOf({ n, value, last }: Values, { seen, ref }: Known, keeps: string): Values {
  return {
    n: n + 1,
    value: keeps === 'seen' || keeps === 'both' ? seen : value,
    last: keeps === 'ref' || keeps === 'both' ? ref : last,
  };
}

/** Which loop an `again` means, and with which values; undefined where it has gone round often enough. */
function meant(statement: Extract<Statement, { kind: 'again' }>, known: Known): [number, Values] | undefined {
  const level = Math.min(statement.level, known.values.length - 1);
  if (level < 0 || known.values[level].n >= ROUNDS || known.holds) return undefined;
  return [level, nextOf(known.values[level], known, statement.keeps)];
}

/** With loops that carry values. */
function* looped(
  statements: readonly Statement[],
  shared: Shared,
  known: Known,
  agains: readonly Again<Values>[],
): Routine {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'if':
        if (known.seen >= statement.least) yield* looped(statement.body, shared, known, agains);
        break;
      case 'section':
        yield* section(statement.body, shared, known);
        break;
      case 'again': {
        const to = meant(statement, known);
        if (to !== undefined) yield* agains[to[0]](to[1]);
        break;
      }
      case 'loop': {
        const { first, value, body } = statement;
        known.seen = yield* loop<Values, number>({ n: 0, value, last: null }, function* (values, again) {
          const inner: Known = { seen: 0, ref: null, holds: false, values: [...known.values, values] };
          yield* runs(first, shared, inner);
          yield* looped(body, shared, inner, [...agains, again]);
          if (inner.holds) yield* shared.lock.unlock();
          return inner.seen;
        });
        break;
      }
      default:
        yield* runs(statement, shared, known);
    }
  }
}

/** With plain loops: the level of the loop to go on with, and its values; undefined at the end. */
function* plain(statements: readonly Statement[], shared: Shared, known: Known): Routine<[number, Values] | undefined> {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'if': {
        const to = known.seen >= statement.least ? yield* plain(statement.body, shared, known) : undefined;
        if (to !== undefined) return to;
        break;
      }
      case 'section':
        yield* section(statement.body, shared, known);
        break;
      case 'again': {
        const to = meant(statement, known);
        if (to !== undefined) return to;
        break;
      }
      case 'loop': {
        const level = known.values.length;
        let values: Values = { n: 0, value: statement.value, last: null };
        for (;;) {
          const inner: Known = { seen: 0, ref: null, holds: false, values: [...known.values, values] };
          yield* runs(statement.first, shared, inner);
          const to = yield* plain(statement.body, shared, inner);
          if (to !== undefined && to[0] < level) return to;
          if (to !== undefined) {
            values = to[1];
            continue;
          }
          if (inner.holds) yield* shared.lock.unlock();
          known.seen = inner.seen;
          break;
        }
        break;
      }
      default:
        yield* runs(statement, shared, known);
    }
  }
  return undefined;
}

function* section(body: readonly Op[], shared: Shared, known: Known): Routine {
  const { cells } = shared;
  yield* atomic('section', function* () {
    yield* cells.at(0).add(0);
    for (const each of body) if (each.kind !== 'choose') yield* runs(each, shared, known);
  });
}

/** The same model twice: with `loop`, and with plain loops. With `spins` somebody may wait in a retry loop. */
export function twins(spins: boolean): fc.Arbitrary<{ readonly loops: Model; readonly plain: Model }> {
  const drawn: fc.Arbitrary<Drawn> = fc.record({
    scripts: fc.array(
      fc.tuple(fc.array(op, { maxLength: 1 }), round, fc.array(op, { maxLength: 1 })).map((parts) => parts.flat()),
      { minLength: 1, maxLength: 2 },
    ),
    other: fc.array(op, { minLength: 1, maxLength: 2 }),
    twice: fc.boolean(),
    bound: fc.integer({ min: 0, max: 2 }),
    retries: spins ? fc.boolean() : fc.constant(false),
  });
  return drawn.map((each) => ({ loops: modelOf(each, false), plain: modelOf(each, true) }));
}

interface Drawn {
  readonly scripts: readonly (readonly Statement[])[];
  readonly other: readonly Op[];
  /** Two actors run the first script. */
  readonly twice: boolean;
  readonly bound: number;
  /** The other actor waits in a loop of its own. */
  readonly retries: boolean;
}

function modelOf({ scripts, other, twice, bound, retries }: Drawn, isPlain: boolean): Model {
  return defineModel({
    name: 'twin',
    registers: 24,
    build(m) {
      const shared = sharedOf(m);
      const fresh = (): Known => ({ seen: 0, ref: null, holds: false, values: [] });
      const task = (script: readonly Statement[]) =>
        function* run() {
          const known = fresh();
          yield* isPlain ? plain(script, shared, known) : looped(script, shared, known, []);
          return known.seen;
        };
      m.actor('setter', function* set() {
        if (retries) {
          const again = yield* here();
          if ((yield* shared.cells.at(0).read()) === 0) yield* again();
        }
        const known = fresh();
        yield* shared.refs.at(0).write(shared.items.id(0));
        for (const each of other) yield* runs(each, shared, known);
      });
      const [first] = scripts;
      const drawn = twice && scripts.length === 1 ? [first, first] : scripts;
      const routines = new Map(drawn.map((script) => [script, task(script)]));
      m.actors('task', drawn.length, (i) => routines.get(drawn[i])!, { symmetric: twice && scripts.length === 1 });
      m.always('low', [shared.cells.at(1)], (value) => value <= bound || `it is ${value}`);
    },
  }) as Model;
}
