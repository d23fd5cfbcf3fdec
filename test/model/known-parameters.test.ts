/** A parameter that a model does not have is refused where it is read, wherever that is. */
import { expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { Executor } from '../../src/core/run/executor.js';
import { knownParameters } from '../../src/model/known-parameters.js';
import { compileModel, defineModel, type ModelDefinition } from '../../src/model/model.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { stepAll } from '../core/every-run.js';

type Loose = { [name: string]: number };

const REFUSAL = 'model count reads the parameter "typo", which it does not have; its parameters are n, steps';

function modelOf(rest: Pick<ModelDefinition<Loose>, 'build'> & Partial<ModelDefinition<Loose>>) {
  return defineModel<Loose>({ name: 'count', parameters: { n: 2, steps: 3 }, ...rest });
}

it.each<[string, Partial<ModelDefinition<Loose>>]>([
  ['build', { build: (m, p) => m.actors('t', p.typo, () => []) }],
  ['load', { load: async (p) => void p.typo }],
  ['registers', { registers: { of: (p: Loose) => p.typo }.of }],
  ['a routine', { build: (m, p) => m.actor('t', routine(m, p)) }],
])('%s is refused the parameter by its name', async (_, part) => {
  const compiled = compileModel(modelOf({ build: (m) => m.actor('t', []), ...part }));
  await expect(compiled).rejects.toThrow(ModelError);
  await expect(compiled).rejects.toThrow(REFUSAL);
});

function routine(m: ModelBuilder, p: Loose) {
  const cell = m.cell('c');
  return function* task() {
    yield* cell.write(p.typo);
  };
}

it('a check is refused the parameter when it runs', async () => {
  const program = await compileModel(
    modelOf({
      build(m, p) {
        const cell = m.cell('c');
        m.actor('t', function* task() {
          yield* cell.write(1);
        });
        m.always('small', [cell], (value) => value !== p.typo);
      },
    }),
  );
  expect(() => stepAll(new Executor(program), [0])).toThrow(REFUSAL);
});

it('a model without parameters says so', async () => {
  const model = defineModel<Loose>({ name: 'bare', build: (_, p) => void p.typo });
  await expect(compileModel(model)).rejects.toThrow(
    'model bare reads the parameter "typo", which it does not have; it has none',
  );
});

it('the parameters that are there are what they were, and may be copied, written down and asked for names', async () => {
  const given = { n: 2, list: [1, 2], nothing: null };
  const known = knownParameters('count', given);
  expect({ ...known }).toEqual(given);
  expect(JSON.parse(JSON.stringify(known))).toEqual(given);
  expect(structuredClone(known)).toEqual(given);
  expect(await Promise.resolve(known)).toBe(known);
  expect([Object.keys(known), 'n' in known, 'typo' in known]).toEqual([['n', 'list', 'nothing'], true, false]);
  expect(`${known}`).toBe('[object Object]');
  expect(known).not.toBe(given);
});
