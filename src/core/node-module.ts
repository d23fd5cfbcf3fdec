/**
 * Node's own modules, where there are any: the engine runs in browsers too, and there sentences about a model's text do
 * without. Imported where such a module only makes a sentence better.
 */

type NodeModules = {
  'node:path': typeof import('node:path');
  'node:url': typeof import('node:url');
  'node:util': typeof import('node:util');
};

/** The module; undefined in a browser. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return globalThis.process?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}
