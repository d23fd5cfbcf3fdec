/**
 * Invariants that span objects, as checks; the letters are keys of docs/kernel.md, which has the whole list.
 *
 * What one folio can see for itself is refused by its machine: I1 (leak), I2 (lost-write), I3 (host-rmp-fault), I6
 * (free-while-assigned), I7 (double-prepare), I12 (populate-overwrite, lost-write over an image). I10 is checked by the
 * store of an attribute. Here: I4, I5 and I8. They are stricter than their text where correct code is: no mapping may
 * be stale even inside begin..end, because begin and zap are one section of mmu_lock. Imported by the model.
 */

import type { ModelBuilder } from '../model/model-builder.js';
import { PRIVATE } from './cell-values.js';
import type { Gmem } from './gmem.js';

/** Declares the checks. */
export function declareInvariants(m: ModelBuilder, g: Gmem): void {
  for (let gfn = 0; gfn < g.scenario.gfns; gfn++) {
    declareMappings(m, g, gfn);
    declareAttributes(m, g, gfn);
  }
  m.always(
    'I8 count',
    [g.invalidateInProgress],
    (count) => count >= 0 || 'mmu_invalidate_in_progress drops below zero',
    {
      kind: 'unbalanced-invalidate',
    },
  );
  m.finally(
    'I8 balance',
    [g.invalidateInProgress],
    (count) => count === 0 || 'an invalidation was begun and never ended',
    {
      kind: 'unbalanced-invalidate',
    },
  );
}

/** I4: an SPTE maps the folio that the page cache holds at its index. */
function declareMappings(m: ModelBuilder, g: Gmem, gfn: number): void {
  const words = 'the guest keeps a mapping of a page that its file has given up, and reads and writes its next owner';
  for (const sptes of [g.privateSptes, g.sharedSptes]) {
    m.always('I4', [sptes.at(gfn), g.pages.at(gfn)], (spte, page) => spte === 0 || spte === page || words, {
      kind: 'stale-mapping',
    });
  }
}

/** I5: mappings agree with the attribute; a private page has neither user PTE nor pin. */
function declareAttributes(m: ModelBuilder, g: Gmem, gfn: number): void {
  const attribute = g.attributes.at(gfn);
  const page = g.pages.at(gfn);
  const kind = 'attribute-mismatch';
  const rules = [
    { cell: g.privateSptes.at(gfn), needs: PRIVATE, words: 'the guest has a private mapping of shared memory' },
    { cell: g.sharedSptes.at(gfn), needs: 0, words: 'the guest has a shared mapping of private memory' },
    { cell: g.userPtes.at(gfn), needs: 0, words: 'the host has a user mapping of private memory' },
  ];
  for (const { cell, needs, words } of rules) {
    m.always('I5', [cell, attribute], (mapped, value) => mapped === 0 || value === needs || words, { kind });
  }
  const words = 'the host keeps a pin on private memory';
  // A pin may outlive the removal of its folio: what is at the index by then is none of its business.
  const noPin = (pin: number, at: number, value: number) => pin === 0 || pin !== at || value !== PRIVATE || words;
  m.always('I5', [g.pins.at(gfn), page, attribute], noPin, { kind });
}
