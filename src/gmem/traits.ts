/**
 * Traits: what the routines of a scheme do, as one word a question. A kernel version or a proposal is the vector of
 * them. Routines are the law: `traitsOf` (measure-traits.ts) runs them and reads the traits off, and a test holds the
 * built-in schemes to what they declare. Mutations ask traits for whether they fit. Imported by schemes and mutations.
 */

/** Each trait with its values and what a value says of a scheme, as a sentence about it goes on. */
export const traitWords = {
  /** What a set uptodate flag spares a private fault. */
  uptodate: {
    cleared: 'uptodate says of a folio that it is cleared, and no more',
    'cleared-and-prepared': 'uptodate says of a folio that it is cleared and prepared',
    unused: 'its private faults do not ask for uptodate',
  },
  /** Which faults call the arch hook (`g.arch.prepare`). */
  hook: {
    unprepared: 'its faults call the arch hook unless the page is known to be prepared',
    'every-fault': 'its faults always call the arch hook',
    'if-private': 'its faults call the arch hook only for private memory',
    never: 'its faults never call the arch hook (g.arch.prepare)',
  },
  /** What the fault holds when it calls the hook, besides the invalidate lock. */
  hookLock: {
    'folio-lock': 'its faults call the arch hook under the folio lock',
    none: 'no arch hook of its faults runs under the folio lock',
  },
  /** When a fault clears a new folio. */
  clear: {
    'before-hook': 'its faults clear a new folio before the arch hook',
    'after-hook': 'its faults clear a new folio after the arch hook',
    never: 'its faults do not clear a new folio',
  },
  /** When a fault marks a new folio prepared (`g.scheme.markPrepared`). */
  preparedMark: {
    'after-hook': 'its faults mark a folio prepared after the arch hook',
    'before-hook': 'its faults mark a folio prepared between clear and arch hook',
    'before-clear': 'its faults mark a folio prepared before they clear it',
    none: 'its faults mark no folio prepared',
  },
  /** How the fault holds the invalidate lock while it looks up and prepares the folio. */
  faultLock: {
    none: 'its faults look a folio up without the invalidate lock',
    shared: 'its faults look a folio up under the shared invalidate lock',
    exclusive: 'its faults look a folio up under the exclusive invalidate lock',
  },
  /** Whether getPfn returns with a reference to the folio. */
  reference: {
    returned: 'its getPfn returns with a reference to the folio',
    dropped: 'its getPfn drops its reference to the folio',
  },
  /** When the fault takes its snapshot of mmu_invalidate_seq. */
  snapshot: {
    'before-attribute': 'its faults take the snapshot of mmu_invalidate_seq before they read the attribute',
    'after-attribute': 'its faults take the snapshot of mmu_invalidate_seq after they read the attribute',
    none: 'its faultinPfn takes no snapshot of mmu_invalidate_seq',
  },
  /** What the retry check looks at. */
  retryCheck: {
    sequence: 'its retry check looks at mmu_invalidate_seq',
    count: 'its retry check does not look at mmu_invalidate_seq',
  },
  /** Where the check that counts is made. */
  mapCheck: {
    'under-mmu-lock': 'its mapFolio checks for staleness under mmu_lock',
    'before-mmu-lock': 'its mapFolio checks for staleness before it takes mmu_lock',
    none: 'its mapFolio does not check for staleness',
  },
  /** In which order an invalidation ends. */
  end: {
    'sequence-first': 'its invalidations end by the sequence and then the count',
    'count-first': 'its invalidations end by the count and then the sequence',
    incomplete: 'the end of its invalidations leaves out the sequence or the count',
  },
  /** When a conversion stores the attribute. */
  attributeStore: {
    inside: 'its conversions store the attribute inside begin..end',
    'after-end': 'its conversions store the attribute after the end of the invalidation',
    none: 'its storeAndEnd stores no attribute, or does not end',
  },
  /** How a conversion to private makes sure of its pages. */
  convertible: {
    'unmap-first': 'its conversions unmap a page before they count its references',
    'count-first': 'its conversions count the references to a page before they unmap it',
    none: 'its conversions do not both unmap a page and count its references',
  },
  /** When populate faults on its source page. */
  source: {
    'pinned-first': 'its populate pins the source page before it takes the invalidate lock',
    'under-lock': 'its populate faults on the source page under the invalidate lock',
    none: 'its populate takes no mmap_lock for its source page',
  },
  /** What `invalidating` does about an index that a fault works on. */
  busyIndex: {
    awaited: 'its invalidations wait until nobody works on the index',
    ignored: 'its invalidations wait for no index',
  },
  /** Whether a fault has a generation of the scheme's own besides mmu_invalidate_seq. */
  generation: {
    'before-lookup': 'its faults take a generation before the lookup, and compare it in prepareFolio',
    none: 'its faults have no generation of their own, taken before the lookup and compared in prepareFolio',
  },
  /** When a page that leaves the file is taken back from the guest (`g.arch.reclaim`). */
  reclaim: {
    'at-removal': 'it takes a page back when it leaves the page cache',
    'at-last-put': 'it takes a page back with the last reference',
    elsewhere: 'it takes no page back, neither when it leaves the page cache nor with the last reference',
  },
  /** What a vCPU makes sure of that loads its VMSA. */
  vmsaLoad: {
    unchecked: 'its vCPUs load a VMSA without a look at mmu_invalidate_seq under mmu_lock',
    checked: 'its vCPUs compare mmu_invalidate_seq under mmu_lock when they load a VMSA',
  },
  /** What the begin of an invalidation does about a vCPU that runs on a VMSA in its range. */
  vmsaInvalidation: {
    none: 'its invalidations leave a vCPU that runs on a VMSA alone',
    'inside-begin': 'its invalidations take a VMSA away from its vCPU before they give mmu_lock up',
  },
  /** How the scheme updates a bit of its own. */
  preparedBit: {
    atomic: 'it updates its bits atomically',
    plain: 'it updates its bits by plain loads and stores',
    none: 'it has no bits that it updates',
  },
  /** What the fault does to the direct map, where the file asks for it. */
  directMap: {
    kept: 'its faults leave a page in the direct map',
    unmarked: 'its faults take a page out of the direct map and remember nothing of it',
    marked: 'its faults take a page out of the direct map and remember that',
  },
  /** What memory_failure() takes the MF_DELAYED of kvm_gmem_error_folio() for. */
  delayed: {
    failed: 'its memory_failure() takes a page that was dealt with for a failure',
    handled: 'its memory_failure() passes on that a page was dealt with',
  },
} as const;

/** Name of a trait. */
export type TraitName = keyof typeof traitWords;

/** The traits of a scheme: a value for each name. */
export type Traits = { readonly [Name in TraitName]: keyof (typeof traitWords)[Name] & string };

/** What something needs of a scheme: for some traits, the values it can do with. */
export type TraitNeeds = { readonly [Name in TraitName]?: readonly Traits[Name][] };

/**
 * Why a scheme of these traits does not fit: what it does instead, with the trait and its value. Undefined when it does.
 */
export function misfit(traits: Traits, needs: TraitNeeds): string | undefined {
  for (const [name, allowed] of Object.entries(needs) as [TraitName, readonly string[]][]) {
    if (!allowed.includes(traits[name])) return `${wordsOf(name, traits[name])} (trait ${name}: ${traits[name]})`;
  }
  return undefined;
}

/** What a value of a trait says. */
export function wordsOf(name: TraitName, value: string): string {
  return (traitWords[name] as Readonly<Record<string, string>>)[value];
}
