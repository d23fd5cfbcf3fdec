/**
 * Model files: from what a file exports to the model in it. Imported by the engines' workers and the command line.
 */

import { InputError } from '../core/errors.js';
import { didYouMean } from '../core/input-sentence.js';
import { loadModule } from './load-module.js';
import { isModel, type Model } from './model.js';

/**
 * The model that a file exports: the one called `name`, or without a name the default export, the one exported as
 * `model`, or the only one there is. Throws InputError when the file cannot be loaded or exports no such model.
 */
export async function loadModel(pathOrUrl: string, name?: string): Promise<Model> {
  return modelFrom(await loadModule(pathOrUrl), pathOrUrl, name);
}

/** The model that a module exports, chosen like `loadModel` does. Throws InputError when there is none. */
export function modelFrom(module: Readonly<Record<string, unknown>>, source: string, name?: string): Model {
  const models = [...new Set([module.default, module.model, ...Object.values(module)].filter(isModel))];
  if (models.length === 0) {
    throw new InputError(`faultline: ${source} exports no model; write "export default defineModel({ ... })".`);
  }
  const names = [...new Set(models.map((model) => model.name))].join(', ');
  if (name === undefined) {
    if (models.length === 1 || isModel(module.default) || isModel(module.model)) return models[0];
    throw new InputError(`faultline: ${source} exports several models (${names}); export one of them as default.`);
  }
  const named = models.find((model) => model.name === name);
  if (named !== undefined) return named;
  throw new InputError(
    `faultline: ${source} exports no model "${name}"; it exports ${names}${didYouMean(
      name,
      models.map((model) => model.name),
      '.',
    )}`,
  );
}
