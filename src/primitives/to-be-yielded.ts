/**
 * To be yielded: the routines among the methods of the primitives, which a model calls and must not forget to yield
 * (core/ops/made.ts). Every method that is a generator is one, so they are found and not listed. Used by the model builder
 * and by guest_memfd.
 */

import { isRoutineMaker, toYield } from '../core/ops/made.js';

/** Has the routines of classes noted when a stranger's routine calls them. */
export function notedRoutines(...classes: readonly { readonly prototype: object }[]): void {
  for (const { prototype } of classes) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (!isRoutineMaker(value)) continue;
      const method = value as (...args: unknown[]) => ReturnType<typeof value>;
      const noted = function (this: { readonly name?: string }, ...args: unknown[]) {
        return toYield(`${this.name ?? ''}${this.name === undefined ? '' : '.'}${key}()`, method.apply(this, args));
      };
      Object.defineProperty(prototype, key, { value: noted, writable: true, configurable: true });
    }
  }
}
