/**
 * The folio machine: what the kernel may do to one order-0 folio, and what each mistake is called.
 *
 * A folio is physical: one instance a page frame. It lives through allocation, page cache, removal and reuse, so the
 * old and the new folio of one index exist side by side. Each region is one property of the frame; it answers every
 * event and refuses by itself, so no guard joins two of them. Imported by the gmem model, and compiled to a table by
 * src/core/machine/machine-table.ts.
 *
 * Convention of the region files: a region's own `on` lists the events it never answers; each of its states lists all
 * the others, stays included, so that a refusal cannot be forgotten by silence.
 */

import { contents } from './contents.js';
import { folioSetup } from './folio-setup.js';
import { guestMapping } from './guest-mapping.js';
import { pins } from './pins.js';
import { presence } from './presence.js';
import { rmpRegion } from './rmp.js';
import { uptodate } from './uptodate.js';
import { userMapping } from './user-mapping.js';

/** The regions that every frame has. */
export const folioRegions = {
  contents,
  uptodate,
  presence,
  mapping: userMapping,
  pins,
  guest: guestMapping,
  rmp: rmpRegion,
};

/** One order-0 folio, for the invariants I1 to I7 of docs/kernel.md as far as one frame can see them. */
export const folioMachine = folioSetup.createMachine({ id: 'folio', type: 'parallel', states: folioRegions });
