/**
 * What some cells of the model hold. Apart from the cells, so that calls and schemes load without the machines.
 */

/** Value of an attribute cell for private memory (KVM_MEMORY_ATTRIBUTE_PRIVATE); 0 is shared. */
export const PRIVATE = 1;
/** mmu_invalidate_range_start while no range was added: INVALID_GPA. */
export const NO_RANGE = -1;
