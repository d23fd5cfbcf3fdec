/** The calls of a guest: an access to a page, as private or as shared memory. Imported by the registry. */

import { accesses } from '../scenarios/scenario.js';
import { callKind } from './call-kind.js';
import { guestAccess } from './page-fault.js';

/** How the guest accesses the page; as its attribute says, if a file does not. */
const as = { oneOf: accesses, otherwise: 'attribute' } as const;

/** A guest's read; faults on demand. */
export const readCall = callKind({
  name: 'read',
  by: 'vcpu',
  pages: 'one',
  takes: { as },
  words: (gfns) => `read ${gfns}`,
  routine: (g, values) => (gfn) => guestAccess(g, 'GUEST_READ', values.as === 'private', gfn),
});

/** A guest's write; faults on demand. */
export const writeCall = callKind({
  name: 'write',
  by: 'vcpu',
  pages: 'one',
  takes: { as },
  words: (gfns) => `write ${gfns}`,
  routine: (g, values) => (gfn) => guestAccess(g, 'GUEST_WRITE', values.as === 'private', gfn),
});
