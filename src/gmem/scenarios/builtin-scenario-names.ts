/**
 * The names of the scenarios that come with Faultline. Imported by their loaders and by what lists or looks for them.
 */

/** The names of the scenarios that the usual table has a row for, in its order: a page, and who meets on it. */
export const usualScenarioNames = [
  'fault-fault',
  'neighbours',
  'fault-vs-punch',
  'convert-there-and-back',
  'fault-vs-convert',
  'populate-vs-fault',
  'populate-vs-user-fault',
  'hook-fails',
  'user-fault-vs-convert',
] as const;

/** The names of all built-in scenarios, in the order in which lists show them. */
export const builtinScenarioNames = [
  ...usualScenarioNames,
  'lru-batch-vs-convert',
  'huge-fault-fault',
  'huge-fault-vs-convert',
  'huge-faults-vs-convert',
  'huge-mixed-faults',
  'huge-split-fails',
  'huge-merge',
  'huge-merge-lru',
  'huge-punch-part',
  'huge-convert-fails',
  'huge-work-list',
  'punch-vs-reuse',
  'unassign-fails',
  'pin-vs-punch',
  'populate-rejected',
  'vmsa-vs-punch',
  'vmsa-vs-reuse',
  'vmsa-then-refault',
  'share-in-place',
  'memory-failure-alone',
  'fault-vs-memory-failure',
  'user-fault-vs-memory-failure',
  'memory-failure-vs-punch',
  'memory-failure-vs-convert',
  'no-direct-map',
  'pwrite-without-direct-map',
  'populate-without-direct-map',
  'pwrite-vs-fault',
  'pwrite-vs-convert',
  'launch-in-place',
  'no-memory',
  'huge-populate-tail',
  'huge-populate-head',
  'huge-populate-all',
  'huge-validate',
  'huge-validate-vs-punch',
  'huge-psmash-fails',
  'huge-user-fault',
  'huge-convert-back',
  'shared-write-vs-convert',
  'huge-memory-failure',
  'huge-merge-memory-failure',
  'huge-fault-vs-memory-failure',
  'huge-no-direct-map',
  'huge-pwrite-vs-convert',
  'shared-accesses-vs-convert',
  'huge-punch-vs-reuse',
  'huge-lost-insertion',
  'huge-deferred-merge',
  'slots-split-folio',
  'slots-half-folio',
  'slots-vs-punch',
  'tdx-accept',
  'tdx-accept-small',
  'tdx-convert-part',
  'tdx-punch-part',
  'tdx-attributes',
  'tdx-split-fails',
  'tdx-remove-fails',
  'tdx-busy',
  'tdx-punch-refused',
  'tdx-populate-vs-punch',
] as const;

/** The name of a built-in scenario. */
export type BuiltinScenarioName = (typeof builtinScenarioNames)[number];

/** The name of a scenario of the usual table. */
export type UsualScenarioName = (typeof usualScenarioNames)[number];
