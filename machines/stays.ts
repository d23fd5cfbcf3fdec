/**
 * The explicit no-op of a region.
 *
 * XState ignores an event that no state handles, so silence could not be told from an oversight: a region that
 * does not care about an event says so. Imported by the machines only.
 */

/** Transitions without target: on each of these events the region stays where it is. */
export function stays<const Name extends string>(...events: readonly Name[]): Record<Name, Record<string, never>> {
  return Object.fromEntries(events.map((event) => [event, {}])) as Record<Name, Record<string, never>>;
}
