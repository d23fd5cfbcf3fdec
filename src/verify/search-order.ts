/** The orders in which a search goes through states. Imported by the search, and by whatever takes the name of one. */

/** Breadth first gives short counterexamples, depth first needs less memory for states that are still to be expanded. */
export const searchOrders = ['breadth-first', 'depth-first'] as const;

/** One of `searchOrders`. */
export type SearchOrder = (typeof searchOrders)[number];
