/**
 * Where a user finds what a name or a label of the guest_memfd model stands for. Printed below lists and tables of them.
 */

/** A sentence that stands on a line of its own. */
export const KERNEL_DOC = 'What each is, and where it comes from: docs/kernel.md';
