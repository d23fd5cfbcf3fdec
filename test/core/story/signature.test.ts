import { describe, expect, it } from 'vitest';
import { signatureText } from '../../../src/core/story/signature.js';
import { replaySchedule } from '../../../src/explore/replay.js';
import { atomic, compileModel, compute, defineModel, type Model, within } from '../../../src/index.js';

/** The signature that a schedule shows. */
async function shown(model: Model, steps: readonly number[]): Promise<string | undefined> {
  const { signature } = replaySchedule(await compileModel(model), { steps, choices: [] });
  return signature && signatureText(signature);
}

describe('a signature', () => {
  it('names kind, cell class, innermost function and op, and no index or value', async () => {
    const model = defineModel({
      name: 'pages',
      build(m) {
        const pages = m.cells('pages', 3);
        const words = [0, 1, 2].map((index) => pages.at(index));
        m.actors(
          'writer',
          3,
          (index) => () =>
            within('write_page', 'v1', function* () {
              yield* within('store', 'v1', () => words[index].write(10 + index)[Symbol.iterator]());
            }),
        );
        m.always('small', words, (...values) => values.every((value) => value < 10), { kind: 'leak' });
      },
    });
    const expected = 'leak on pages in store: pages = *';
    expect([await shown(model, [0]), await shown(model, [2])]).toEqual([expected, expected]);
  });

  it('names the routine of the call when no function was entered', async () => {
    const model = defineModel({
      name: 'plain',
      build(m) {
        const x = m.cell('x');
        m.actor('writer', function* spoil() {
          yield* x.add(1);
        });
        m.always('zero', [x], (value) => value === 0);
      },
    });
    expect(await shown(model, [0])).toBe('assertion on x in spoil: x++');
  });

  it('names the op of an atomic section that broke it, and the most urgent kind', async () => {
    const model = defineModel({
      name: 'section',
      build(m) {
        const x = m.cell('x');
        const y = m.cell('y');
        m.actor('writer', function* spoil() {
          yield* atomic('both', function* () {
            yield* x.add(1);
            yield* y.add(1);
            yield* x.add(-1);
          });
        });
        m.always('x is zero', [x], (value) => value === 0);
        m.always('y is zero', [y], (value) => value === 0, { kind: 'leak' });
      },
    });
    expect(await shown(model, [0])).toBe('leak on y in spoil: y++');
  });

  it('of a check of finished runs names the check and what it looks at', async () => {
    const model = defineModel({
      name: 'final',
      build(m) {
        const x = m.cell('x');
        m.actor('writer', function* work() {
          yield* x.add(1);
        });
        m.finally('nothing left', [x], (value) => value === 0);
      },
    });
    expect(await shown(model, [0])).toBe('assertion on x at the end: nothing left');
  });

  it('of a deadlock names where the ring of waiting actors is stuck, and no bystander that waits for it', async () => {
    const model = defineModel({
      name: 'ring',
      build(m) {
        const locks = m.mutex('lock', { count: 3 });
        const pairs = [
          ['take_a', 0, 1],
          ['take_b', 1, 2],
          ['take_c', 2, 0],
        ] as const;
        for (const [name, first, second] of pairs) {
          m.actor(name, () =>
            within(name, '', function* () {
              yield* locks.at(first).lock();
              yield* locks.at(second).lock();
            }),
          );
        }
        m.actor('bystander', function* bystand() {
          yield* locks.at(0).lock();
        });
      },
    });
    const expected = 'deadlock in take_a / take_b / take_c: mutex_lock(lock) / mutex_lock(lock) / mutex_lock(lock)';
    expect([await shown(model, [0, 1, 2]), await shown(model, [2, 0, 1])]).toEqual([expected, expected]);
  });

  it('of a compute op names the first cell that it declares', async () => {
    const model = defineModel({
      name: 'computed',
      build(m) {
        const x = m.cell('x');
        const y = m.cell('y');
        m.actor('writer', function* work() {
          yield* compute<void>('x and y', [x, y], (values) => values.fill(1, 1), { writes: true });
        });
        m.always('y is zero', [y], (value) => value === 0);
      },
    });
    expect(await shown(model, [0])).toBe('assertion on x in work: x and y');
  });
});
