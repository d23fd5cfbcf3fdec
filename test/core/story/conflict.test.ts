import { expect, test } from 'vitest';
import { folioMachine } from '../../../machines/folio.js';
import { traceOf } from '../../../src/core/story/trace.js';
import { atomic, call, compileModel, defineModel, within } from '../../../src/index.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';

/** Runs a program in the given order of actors and returns whom the violation is blamed on. */
async function conflict(build: (m: ModelBuilder) => void, steps: readonly number[]) {
  const program = await compileModel(defineModel({ name: 'toy', build }));
  const trace = traceOf(program, program.actors, { steps, choices: [] });
  return { kind: trace.violation?.kind, ...trace.conflict };
}

test('a refused event conflicts with the latest other actor on the same object', async () => {
  const found = await conflict(
    (m) => {
      const folio = m.objects('folio', folioMachine, 2);
      const send = (object: number, ...events: string[]) =>
        function* body() {
          for (const event of events) yield* folio.at(object).send(event);
        };
      m.actor('a', [call('allocate', () => within('alloc', '', send(0, 'ALLOCATE')))]);
      m.actor('b', [call('other', () => within('elsewhere', '', send(1, 'ALLOCATE')))]);
      m.actor('c', [call('insert', () => within('insert', '', send(0, 'INSERT', 'INSERT')))]);
    },
    [0, 1, 2, 2],
  );
  expect(found).toEqual({
    ...{ kind: 'use-after-free', step: 3, shows: true, function: 'insert' },
    ...{ with: 'alloc', cause: 0 },
  });
});

test('a step that only reads conflicts with a writer, not with a reader or a failed compare-exchange', async () => {
  const found = await conflict(
    (m) => {
      const seen = m.cell('seen');
      m.actor('writer', function* writer() {
        yield* seen.write(1);
      });
      m.actor('loser', function* loser() {
        yield* seen.cmpxchg(0, 1);
      });
      m.actor('reader', function* reader() {
        yield* seen.read();
      });
      m.actor('breaker', function* breaker() {
        yield* seen.apply('BUG_ON(%)', 'none', { violation: () => ({ kind: 'assertion', words: 'it is set' }) });
      });
    },
    [0, 1, 2, 3],
  );
  expect(found).toMatchObject({ function: 'breaker', with: 'writer' });
});

test('a ghost that nobody else touched conflicts with the writer of what the op saw', async () => {
  const found = await conflict(
    (m) => {
      const seen = m.cell('seen');
      const count = m.ghost('count');
      m.always('never read a one', [count], (value) => value !== 1);
      m.actor('writer', function* writer() {
        yield* seen.write(1);
      });
      m.actor('breaker', function* breaker() {
        yield* seen.read().record(count, (_, value) => value);
      });
    },
    [0, 1],
  );
  expect(found).toMatchObject({ function: 'breaker', with: 'writer' });
});

test('an object and a cell that points to it are about the same thing', async () => {
  const found = await conflict(
    (m) => {
      const folio = m.objects('folio', folioMachine, 2);
      const pages = m.cells('i_pages', 2, { refTo: folio });
      m.actors('publisher', 2, (index) => [
        call('publish', () =>
          within(`publish_${'ab'[index]}`, '', () => pages.at(index).write(folio.id(index))[Symbol.iterator]()),
        ),
      ]);
      m.actor('freer', function* freer() {
        yield* folio.at(0).send('REMOVE');
      });
    },
    [0, 1, 2],
  );
  expect(found).toMatchObject({ kind: 'use-after-free', function: 'freer', with: 'publish_a' });
});

test('a broken check conflicts with whoever last wrote the word that changed', async () => {
  const found = await conflict(
    (m) => {
      const sum = m.cell('sum');
      const other = m.cell('other');
      m.always('at most one', [sum], (value) => value <= 1);
      m.actor('first', function* first() {
        yield* sum.add(1);
      });
      m.actor('bystander', function* bystander() {
        yield* other.add(1);
      });
      m.actor('second', function* second() {
        yield* atomic('both', function* () {
          yield* sum.add(1);
          yield* other.add(1);
        });
      });
    },
    [0, 1, 2],
  );
  expect(found).toMatchObject({ step: 2, function: 'second', with: 'first' });
});

test('a check over two words conflicts with the writer of the other word', async () => {
  const found = await conflict(
    (m) => {
      const mapped = m.cell('mapped');
      const allowed = m.cell('allowed', { initial: 1 });
      m.always('mapped only if allowed', [mapped, allowed], (map, allow) => map <= allow, { kind: 'stale-mapping' });
      m.actor('converter', function* convert() {
        yield* allowed.write(0);
      });
      m.actor('vcpu', function* fault() {
        yield* mapped.write(1);
      });
    },
    [0, 1],
  );
  expect(found).toMatchObject({ kind: 'stale-mapping', function: 'fault', with: 'convert' });
});

test('where no word is shared, the same identity counts', async () => {
  const found = await conflict(
    (m) => {
      const gfn = m.domain('gfn', 2);
      const attributes = m.cells('attributes', 2);
      const sptes = m.cells('sptes', 2);
      m.always('never mapped', [sptes.at(1)], (value) => value === 0);
      m.actors('converter', 2, (index) => [
        call('convert', () =>
          within(`convert_${'ab'[index]}`, '', () => attributes.at(gfn.id(index)).write(1)[Symbol.iterator]()),
        ),
      ]);
      m.actor('vcpu', [
        call(
          'map',
          (at: Parameters<typeof sptes.at>[0]) => within('map', '', () => sptes.at(at).write(1)[Symbol.iterator]()),
          gfn.id(1),
        ),
      ]);
    },
    [1, 0, 2],
  );
  expect(found).toMatchObject({ function: 'map', with: 'convert_b' });
});

test('where nothing at all is shared, the writer of what the blamed actor saw last', async () => {
  const found = await conflict(
    (m) => {
      const prepared = m.cell('prepared', { initial: 1 });
      const unrelated = m.cell('unrelated');
      const lock = m.mutex('lock');
      const folio = m.objects('folio', folioMachine, 1);
      m.actor('puncher', function* punch() {
        yield* lock.lock();
        yield* prepared.write(0);
        yield* within('unlock', '', () => lock.unlock()[Symbol.iterator]());
        yield* within('elsewhere', '', () => unrelated.write(1)[Symbol.iterator]());
      });
      m.actor('vcpu', function* fault() {
        if ((yield* prepared.read()) === 1) return;
        yield* lock.lock();
        yield* folio.at(0).send('REMOVE');
      });
    },
    [0, 0, 0, 0, 1, 1, 1],
  );
  expect(found).toMatchObject({ kind: 'use-after-free', function: 'fault', with: 'punch' });
});

test('a check of finished runs blames the last writer of what it looks at', async () => {
  const found = await conflict(
    (m) => {
      const balance = m.cell('balance');
      const log = m.cell('log');
      m.finally('counted', [balance], (value) => value === 2);
      m.actors(
        'teller',
        2,
        () =>
          function* deposit() {
            const seen = yield* balance.read();
            yield* balance.write(seen + 1);
            yield* log.add(1);
          },
      );
    },
    [0, 1, 0, 1, 0, 1],
  );
  expect(found).toEqual({
    ...{ kind: 'assertion', step: 3, shows: false, function: 'deposit' },
    ...{ with: 'deposit', cause: 2 },
  });
});

test('an actor does not conflict with itself', async () => {
  const found = await conflict(
    (m) => {
      const cell = m.cell('cell');
      const other = m.cell('other');
      m.always('small', [cell], (value) => value < 2);
      m.actor('task', function* task() {
        yield* cell.add(1);
        yield* cell.add(1);
      });
      m.actor('bystander', function* look() {
        yield* other.read();
      });
    },
    [1, 0, 0],
  );
  expect(found).toMatchObject({ function: 'task', with: undefined });
});
