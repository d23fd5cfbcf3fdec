/**
 * What every region of the folio machine may name: its events, tags and the shape of a violation's `meta`.
 *
 * Types only; imported by the region files, so that a misspelt event or tag does not compile.
 */

import { setup } from 'xstate';
import type { FolioEvent } from './folio-event.js';
import type { ViolationMeta } from './violation.js';

/** What routines and checks may ask of a folio; `violation` marks the states that end a run. */
type FolioTag =
  | 'residue'
  | 'image'
  | 'uptodate'
  | 'free'
  | 'cached'
  | 'mapped'
  | 'pinned'
  | 'guest-private'
  | 'guest-shared'
  | 'assigned'
  | 'hwpoison'
  | 'no-direct-map'
  | 'td-page'
  | 'violation';

/** XState's setup for the folio machine and its regions. */
export const folioSetup = setup({ types: {} as { events: FolioEvent; tags: FolioTag; meta: ViolationMeta } });
