import { describe, expect, it } from 'vitest';
import { defineModel, InputError } from '../../src/index.js';
import { loadModel, modelFrom } from '../../src/model/load-model.js';

function named(name: string) {
  return defineModel({ name, build: () => {} });
}

describe('modelFrom', () => {
  it('takes the default export, then the one called model, then the only one', () => {
    const [one, two, three] = [named('one'), named('two'), named('three')];
    expect(modelFrom({ three, model: two, default: one }, 'x.ts')).toBe(one);
    expect(modelFrom({ three, model: two, default: 5 }, 'x.ts')).toBe(two);
    expect(modelFrom({ three, helper: () => {} }, 'x.ts')).toBe(three);
  });

  it('takes the one of a name, whatever it is exported as', () => {
    expect(modelFrom({ default: named('one'), other: named('two') }, 'x.ts', 'two').name).toBe('two');
  });

  it.each([
    [{ default: 5 }, undefined, 'faultline: x.ts exports no model; write "export default defineModel({ ... })".'],
    [
      { a: named('one'), b: named('two') },
      undefined,
      'faultline: x.ts exports several models (one, two); export one of them as default.',
    ],
    [{ a: named('one'), b: named('two') }, 'three', 'faultline: x.ts exports no model "three"; it exports one, two.'],
  ])('says what is missing: %#', (module, name, message) => {
    expect(() => modelFrom(module, 'x.ts', name)).toThrow(new InputError(message));
  });
});

it('loadModel loads the file first', async () => {
  const path = new URL('../explore/fixtures/lost-update.mjs', import.meta.url).href;
  expect((await loadModel(path)).name).toBe('lost-update-file');
  await expect(loadModel('./nowhere.ts')).rejects.toThrow(new InputError('faultline: there is no file ./nowhere.ts.'));
});
