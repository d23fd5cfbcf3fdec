import { expect, it } from 'vitest';
import { defineModel } from '../../src/index.js';
import { Audit } from '../../src/live/audit.js';
import { SharedMemory } from '../../src/live/shared-memory.js';
import { compileModel } from '../../src/model/model.js';

const model = defineModel({
  name: 'audited',
  build(m) {
    const [a, b] = [m.cell('a'), m.cell('b')];
    m.actor('one', function* one() {
      yield* a.add(1);
    });
    m.always('alone', [a], (value) => value < 10);
    m.always('together', [a, b], (left, right) => left === right || `${left} is not ${right}`);
    m.always('worse', [b, a], (right, left) => left - right < 5 || '', { kind: 'leak' });
    m.finally('at the end', [b], (value) => value === 7);
  },
});

it('checks that span words are run on the words at rest, and the most urgent one is reported', async () => {
  const program = await compileModel(model);
  const audit = new Audit(program);
  expect(audit.spanning(Int32Array.of(3, 3))).toBeUndefined();
  expect(audit.spanning(Int32Array.of(4, 3))).toEqual({
    ...{ kind: 'assertion', words: '4 is not 3', rule: 'together', checked: [0, 1] },
  });
  expect(audit.spanning(Int32Array.of(9, 3))).toMatchObject({ kind: 'leak', words: '"worse" no longer holds' });
});

it('checks of one word are left to the ops that change it, until the run is over', async () => {
  const audit = new Audit(await compileModel(model));
  expect(audit.spanning(Int32Array.of(12, 12))).toBeUndefined();
  expect(audit.finished(Int32Array.of(12, 12))).toMatchObject({ rule: 'alone' });
  expect(audit.finished(Int32Array.of(6, 6))).toMatchObject({ rule: 'at the end' });
  expect(audit.finished(Int32Array.of(7, 7))).toBeUndefined();
});

it('a check sees the state of an object without its version', async () => {
  const { default: switches } = await import('./fixtures/index.js').then(async ({ fixture }) => ({
    default: await fixture('switches'),
  }));
  const program = await compileModel(switches);
  const memory = new SharedMemory(program, 1);
  memory.resetWorld(1);
  const { region } = program.objects[0];
  const { bits, initial } = program.machines[0];
  memory.model[region.base] = (77 << bits) | initial;
  const seen: number[] = [];
  const check = {
    name: 'look',
    kind: 'assertion',
    words: [region.base, 2],
    holds: (value: number) => seen.push(value) > 0,
  };
  new Audit({ ...program, always: [check as never] }).spanning(memory.model);
  expect(seen).toEqual([initial]);
});
