/** Random models with daemons: short tasks beside daemons that wait, poll, or go round, over two cells of few values. */
import fc from 'fast-check';
import { atomic, choose, defineModel, here, type Model, type Routine } from '../../src/index.js';

/** Cells hold 0 .. VALUES - 1. */
const VALUES = 3;

/** One op of a routine; `next` writes the value after the one that is there, so that cells go round as well. */
type Leaf =
  | { readonly kind: 'write' | 'await' | 'take'; readonly at: number; readonly value: number }
  | { readonly kind: 'next' | 'read'; readonly at: number }
  | { readonly kind: 'choose' };

/** `if` goes on to `yes` where the last result was 1; `again` goes back to the head of the loop if it was not 0. */
type Part =
  | Leaf
  | { readonly kind: 'if'; readonly yes: readonly Leaf[] }
  | { readonly kind: 'again' }
  | { readonly kind: 'section'; readonly body: readonly Leaf[] };

const at = fc.integer({ min: 0, max: 1 });
const value = fc.integer({ min: 0, max: VALUES - 1 });
const step: fc.Arbitrary<Leaf> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), at, value }),
  fc.record({ kind: fc.constantFrom('next' as const, 'read' as const), at }),
  fc.record({ kind: fc.constant('take' as const), at, value }),
);
const waits: fc.Arbitrary<Leaf> = fc.record({ kind: fc.constant('await' as const), at, value });
const chooses: fc.Arbitrary<Leaf> = fc.constant({ kind: 'choose' });

const taskPart: fc.Arbitrary<Part> = fc.oneof({ weight: 5, arbitrary: step }, waits);
const daemonPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: step },
  { weight: 3, arbitrary: waits },
  chooses,
  fc.constant<Part>({ kind: 'again' }),
  fc.array(step, { minLength: 1, maxLength: 2 }).map((yes): Part => ({ kind: 'if', yes })),
  fc.array(step, { minLength: 1, maxLength: 2 }).map((body): Part => ({ kind: 'section', body })),
);

/** A model; the last daemon may be two that are interchangeable. */
export const randomDaemonModel: fc.Arbitrary<Model> = fc
  .record({
    tasks: fc.array(fc.array(taskPart, { minLength: 1, maxLength: 3 }), { minLength: 0, maxLength: 2 }),
    daemons: fc.array(fc.tuple(fc.oneof(step, waits), fc.array(daemonPart, { maxLength: 3 })), {
      ...{ minLength: 1, maxLength: 2 },
    }),
    prologue: fc.array(step, { maxLength: 1 }),
    twins: fc.boolean(),
    wrong: value,
    checked: at,
  })
  .map(({ tasks, daemons, prologue, twins, wrong, checked }) =>
    defineModel({
      name: 'daemons',
      build(m) {
        const cells = m.cells('cell', 2);
        const leaf = function* (op: Leaf): Routine<number> {
          if (op.kind === 'choose') return yield* choose(2, 'either');
          const cell = cells.at(op.at);
          switch (op.kind) {
            case 'write':
              yield* cell.write(op.value);
              return 0;
            case 'read':
              return yield* cell.read();
            case 'take':
              return (yield* cell.cmpxchg(op.value, (op.value + 1) % VALUES)) ? 1 : 0;
            case 'next':
              yield* cell.waitUntil(
                () => true,
                (seen) => (seen + 1) % VALUES,
              );
              return 0;
            case 'await':
              yield* cell.waitUntil((seen) => seen === op.value);
              return 0;
          }
        };
        /** Whether the parts ended at one that goes back to the head of the loop; tasks have no loop and go on. */
        const run = function* (parts: readonly Part[], loops: boolean): Routine<boolean> {
          let last = 0;
          for (const part of parts) {
            if (part.kind === 'again') {
              if (last !== 0 && loops) return true;
            } else if (part.kind === 'if') {
              if (last === 1) for (const op of part.yes) last = yield* leaf(op);
            } else if (part.kind === 'section') {
              yield* atomic('section', function* () {
                for (const op of part.body) yield* leaf(op);
              });
              last = 0;
            } else last = yield* leaf(part);
          }
          return false;
        };
        tasks.forEach((parts, task) => {
          m.actor(`task${task}`, function* work() {
            yield* run(parts, false);
          });
        });
        daemons.forEach(([first, parts], daemon) => {
          const copies = twins && daemon === daemons.length - 1 ? 2 : 1;
          const serve = function* serve() {
            yield* run(prologue, false);
            const again = yield* here();
            // A round without an op would be none.
            if (yield* run([first, ...parts], true)) yield* again();
            yield* again();
          };
          m.actors(`daemon${daemon}`, copies, () => serve, { symmetric: true, daemon: true });
        });
        m.finally('not wrong', [cells.at(checked)], (seen) => seen !== wrong || `cell ${checked} is ${wrong}`);
      },
    }),
  );
