/** The calls of a guest: an access to a page, as private or as shared memory, PVALIDATE, and ACCEPT. Imported by the registry. */

import { accesses } from '../scenarios/scenario.js';
import { callKind } from './call-kind.js';
import { acceptLevels } from './guest-accept.js';
import { guestAccept, guestAccess, guestValidate } from './page-fault.js';
import { inVcpuRun } from './td-state.js';

/** How the guest accesses the page; as its attribute says, if a file does not. */
const as = { oneOf: accesses, otherwise: 'attribute' } as const;

/** A guest's read; faults on demand. */
export const readCall = callKind({
  name: 'read',
  by: 'vcpu',
  pages: 'one',
  takes: { as },
  words: (gfns) => `read ${gfns}`,
  routine: (g, values) => (gfn) => inVcpuRun(g, () => guestAccess(g, 'GUEST_READ', values.as === 'private', gfn)),
});

/** A guest's write; faults on demand. */
export const writeCall = callKind({
  name: 'write',
  by: 'vcpu',
  pages: 'one',
  takes: { as },
  words: (gfns) => `write ${gfns}`,
  routine: (g, values) => (gfn) => inVcpuRun(g, () => guestAccess(g, 'GUEST_WRITE', values.as === 'private', gfn)),
});

/** A guest's PVALIDATE of one page of 4K; faults on demand. */
export const validateCall = callKind({
  name: 'validate',
  by: 'vcpu',
  pages: 'one',
  takes: {},
  words: (gfns) => `validate ${gfns}`,
  routine: (g) => (gfn) => inVcpuRun(g, () => guestValidate(g, gfn)),
});

/** A guest takes a page, or a block of them, into use; faults on demand. */
export const acceptCall = callKind({
  name: 'accept',
  by: 'vcpu',
  pages: 'one',
  takes: { level: { oneOf: acceptLevels } },
  words: (gfns, { level }) => `accept ${gfns} as ${level}`,
  routine:
    (g, { level }) =>
    (gfn) =>
      inVcpuRun(g, () => guestAccept(g, gfn, level)),
});
