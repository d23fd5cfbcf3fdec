/**
 * Known parameters: the parameters of a model as its functions get them, which answer for their names.
 *
 * JavaScript reads a name that is not there as undefined, every comparison with which is false: a model with a mistyped
 * parameter would be verified. The parameters that are there are own properties, so reading them costs what it always
 * did; only a miss goes on to the prototype, which refuses it. Used by `compileModel`.
 */

import { ModelError } from '../core/errors.js';
import { didYouMean } from '../core/input-sentence.js';

/** Names that JavaScript itself asks any object for: to await it, and to write it as JSON. */
const ASKED_OF_ANY: ReadonlySet<PropertyKey> = new Set(['then', 'toJSON']);

/**
 * A copy of the parameters whose reading throws a ModelError, which names those that there are, for any other name.
 * Whether a name is there may be asked (`in`, `Object.hasOwn`).
 */
export function knownParameters<P extends object>(model: string, parameters: P): P {
  const names = Object.keys(parameters);
  const those = names.length === 0 ? 'it has none' : `its parameters are ${names.join(', ')}`;
  const prototype = new Proxy(Object.prototype, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name in target || ASKED_OF_ANY.has(name)) {
        return Reflect.get(target, name, receiver) as unknown;
      }
      throw new ModelError(
        `model ${model} reads the parameter "${name}", which it does not have; ${those}${didYouMean(name, names)}`,
      );
    },
  });
  return Object.assign(Object.create(prototype) as P, parameters);
}
