/** Variants that call the arch hook of a fault in another way, on whatever scheme they are given. Imported by the lists of variants. */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn, Scheme } from '../scheme.js';
import { hookedBy } from './mutated-routines.js';
import type { Mutation } from './mutations.js';

/** `hook`: as the scheme calls it. */
type Hook = (g: Gmem, folio: Folio, gfn: Gfn, hook: () => Routine<number>) => Routine<number>;

/** Another way to call the hook of a fault. */
export function hookVariant(name: string, title: string, { prepare }: { readonly prepare: Hook }): Mutation {
  return {
    name,
    title,
    needs: { words: 'faults that call the arch hook', traits: { hook: ['unprepared', 'every-fault', 'if-private'] } },
    change: (base: Scheme) => ({
      getPfn: (g, gfn, isPrivate) =>
        base.getPfn(g.with({ arch: hookedBy(g.arch, (hook, folio) => prepare(g, folio, gfn, hook)) }), gfn, isPrivate),
    }),
  };
}
