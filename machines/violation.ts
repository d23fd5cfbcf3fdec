/**
 * Violation states: where an event leads that the state of a region refuses.
 *
 * Imported by the machines only; the compiler knows such a state by its tag and reads its `meta`.
 */

/** What a violation state carries: the kind of finding, and the words that complete "When this happens, ...". */
export type ViolationMeta = { readonly kind: string; readonly words: string };

/** A state that ends the run with a finding of `kind`; `words` complete the sentence "When this happens, ...". */
export function violation(kind: string, words: string) {
  return { tags: 'violation', meta: { kind, words } } as const;
}
