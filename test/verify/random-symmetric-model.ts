/**
 * Random models of interchangeable actors that know who they are: they write their identity to shared cells, compare and
 * hand on identities, read and write cells that each of them has one of, and try locks that each of them has one of: their
 * own and those of others.
 */
import fc from 'fast-check';
import type { Ref } from '../../src/core/ops/ref.js';
import { call, defineModel, here, loop, type Model, type Routine } from '../../src/index.js';

type Statement =
  | { readonly kind: 'claim' | 'drop' | 'take' | 'mine?' | 'holds' | 'note'; readonly at: number }
  | { readonly kind: 'own' | 'theirs' | 'add' | 'ask'; readonly value: number }
  | { readonly kind: 'link' | 'follow' | 'lock' | 'try own' | 'try theirs' }
  | { readonly kind: 'if' | 'loop' | 'carry'; readonly body: readonly Statement[] };

const CELLS = 2;
const at = fc.integer({ min: 0, max: CELLS - 1 });
const value = fc.integer({ min: 0, max: 2 });

const { statements, statement } = fc.letrec<{ statements: Statement[]; statement: Statement }>((tie) => ({
  statements: fc.array(tie('statement'), { minLength: 1, maxLength: 3 }),
  statement: fc.oneof(
    { depthSize: 'small' },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'claim' as const,
          'drop' as const,
          'take' as const,
          'mine?' as const,
          'holds' as const,
          'note' as const,
        ),
        at,
      }),
    },
    fc.record({
      kind: fc.constantFrom('own' as const, 'theirs' as const, 'add' as const, 'ask' as const),
      value,
    }),
    fc.record({
      kind: fc.constantFrom(
        'link' as const,
        'follow' as const,
        'lock' as const,
        'try own' as const,
        'try theirs' as const,
      ),
    }),
    fc.record({ kind: fc.constantFrom('if' as const, 'loop' as const, 'carry' as const), body: tie('statements') }),
  ),
}));

/** Two or three actors with one script, and perhaps one more that looks on. */
export const randomSymmetricModel: fc.Arbitrary<Model> = fc
  .record({
    script: fc.array(statement, { minLength: 2, maxLength: 6, size: 'max' }),
    other: statements,
    actors: fc.integer({ min: 2, max: 3 }),
    onlooker: fc.boolean(),
  })
  .map(({ script, other, actors, onlooker }) =>
    defineModel({
      name: 'symmetric',
      registers: 24,
      build(m) {
        const tasks = m.domain('task', actors);
        const shared = m.cells('shared', CELLS, { refTo: tasks });
        const next = m.cells('next', actors, { refTo: tasks });
        const own = m.cells('own', actors);
        const counter = m.cell('counter');
        const lock = m.mutex('lock');
        const locks = m.mutex('locks', { count: actors });
        const seen = m.ghost('seen');

        function* run(script: readonly Statement[], self: Ref | undefined, known: Known): Routine {
          for (const statement of script) yield* one(statement, self, known);
        }

        function* one(statement: Statement, self: Ref | undefined, known: Known): Routine {
          const target = known.ref ?? self;
          switch (statement.kind) {
            case 'claim':
              if (self) known.yes = yield* shared.at(statement.at).cmpxchg(null, self);
              break;
            case 'drop':
              yield* shared.at(statement.at).write(null);
              break;
            case 'take':
              known.ref = yield* shared.at(statement.at).read();
              break;
            case 'mine?':
              if (target) known.yes = yield* shared.at(statement.at).equals(target);
              break;
            case 'holds':
              known.yes = (yield* shared.at(statement.at).holds()) === 1;
              break;
            case 'note':
              yield* shared
                .at(statement.at)
                .holds()
                .record(seen, (count, ref) => (ref > 0 ? Math.min(count + 1, 3) : count));
              break;
            case 'own':
              if (self) yield* own.at(self).write(statement.value);
              break;
            case 'theirs':
              if (target) yield* own.at(target).write(statement.value);
              break;
            case 'ask':
              if (target) known.yes = (yield* own.at(target).read()) === statement.value;
              break;
            case 'add':
              yield* counter.add(statement.value);
              break;
            case 'link':
              if (self && target) yield* next.at(self).write(target);
              break;
            case 'follow':
              if (target) known.ref = yield* next.at(target).read();
              break;
            case 'lock':
              yield* lock.lock();
              yield* counter.write(0);
              yield* lock.unlock();
              break;
            case 'try own':
              if (self) known.yes = yield* locks.at(self).trylock();
              break;
            case 'try theirs':
              if (target) known.yes = yield* locks.at(target).trylock();
              break;
            case 'if':
              if (known.yes) yield* run(statement.body, self, known);
              break;
            case 'loop': {
              const again = yield* here();
              const learned = { ...known };
              yield* counter.read();
              yield* run(statement.body, self, learned);
              if (learned.yes) yield* again();
              Object.assign(known, learned);
              break;
            }
            case 'carry': {
              const first = { rounds: 0, ref: known.ref };
              const learned = yield* loop(first, function* ({ rounds, ref }, again) {
                const inner: Known = { yes: known.yes, ref };
                yield* counter.read();
                yield* run(statement.body, self, inner);
                if (inner.yes && rounds < 2) return yield* again({ rounds: rounds + 1, ref: inner.ref });
                return inner;
              });
              Object.assign(known, learned);
              break;
            }
          }
        }
        function* task(self: Ref): Routine {
          yield* run(script, self, { yes: false, ref: null });
        }
        function* look(): Routine {
          yield* run(other, undefined, { yes: false, ref: null });
        }
        m.actors('task', actors, (index) => [call('task', task, tasks.id(index))], { symmetric: tasks });
        if (onlooker) m.actor('onlooker', [call('look', look)]);
        m.always('counter', [counter], (count) => count < 3 || 'the counter is large');
      },
    }),
  );

/** What a routine knows: the answer to its last question and the identity it read last. */
interface Known {
  yes: boolean;
  ref: Ref | null;
}
