/**
 * Finding kinds: the closed list of what can be wrong, most urgent first.
 *
 * Used wherever a violation is raised, compared or printed. Machines name kinds as plain text (they import nothing of
 * ours); the machine compiler checks those names against this list. Any floor from core upwards may import it.
 */

/**
 * The kinds in the order in which one step reports one of them: what kills or corrupts first, then what exposes or
 * loses data, then what is merely inconsistent. Designs, JSON and `compare` tables use these names.
 */
export const findingKinds = [
  'use-after-free',
  'host-rmp-fault',
  'host-page-fault',
  'invalid-opcode',
  'machine-check',
  'free-while-assigned',
  'leak',
  'lost-write',
  'lost-accept',
  'stale-mapping',
  'unprepared-map',
  'attribute-mismatch',
  'double-prepare',
  'vm-dead',
  'populate-overwrite',
  'partial-effect',
  'unbalanced-invalidate',
  'lock-misuse',
  'deadlock',
  'livelock',
  'starvation',
  'lock-order',
  'assertion',
] as const;

/** One of `findingKinds`. */
export type FindingKind = (typeof findingKinds)[number];

const urgency: ReadonlyMap<FindingKind, number> = new Map(findingKinds.map((kind, place) => [kind, place]));

/** Whether a step that breaks both reports `a`: strictly earlier in `findingKinds` than `b`. */
export function moreUrgent(a: FindingKind, b: FindingKind): boolean {
  return urgency.get(a)! < urgency.get(b)!;
}
