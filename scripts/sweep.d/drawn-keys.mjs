/**
 * The keys of a scenario that say what may fail or what a world has besides: which worlds may have each, and which keys are
 * not drawn.
 */

/** By key: in which settings it makes a difference, and in one world of how many it is set. */
const FLAGS = {
  hookFails: { oneOf: 6, where: ({ arch }) => arch === 'snp' },
  allocationFails: { oneOf: 6, where: () => true },
  lruBatch: { oneOf: 6, where: () => true },
  unassignFails: { oneOf: 8, where: ({ arch }) => arch === 'snp' },
  launchFails: { oneOf: 6, where: ({ arch, calls }) => arch === 'snp' && (calls?.includes('populate') ?? true) },
  psmashFails: { oneOf: 8, where: ({ arch, maxOrder = 0 }) => arch === 'snp' && maxOrder > 0 },
  noDirectMap: { oneOf: 8, where: () => true },
  hugetlbPool: { oneOf: 6, where: ({ maxOrder = 0 }) => maxOrder > 0 },
  septSplitFails: { oneOf: 6, where: ({ arch, maxOrder = 0 }) => arch === 'tdx' && maxOrder > 0 },
  septBusy: { oneOf: 4, where: ({ arch }) => arch === 'tdx' },
};

/** The keys that a world may have set. */
export const FLAG_NAMES = Object.keys(FLAGS);

/** The keys that every world has. */
export const ALWAYS_DRAWN = ['title', 'arch', 'gfns', 'frames', 'maxOrder', 'attribute', 'conversion', 'actors'];

/** Keys that no world has, and why not. A test holds these lists to the keys of a scenario file. */
export const KEYS_NOT_DRAWN = {
  name: 'says nothing of what happens',
  slots: 'a map of gfns to pages is no flag: which pages a call is about would have to be drawn by it',
  files: 'whose calls an actor makes is no flag, and most worlds would grow beyond what a sweep has time for',
  rmpoptFrames: 'no world that is drawn ends, and nothing else sets the bits',
  slowEvict: 'as rmpoptFrames',
  septRemoveFails: 'a page that the TDX module does not give back is freed all the same, whatever the scheme is (R32)',
  dynamicPamt: 'in the worlds of one TD that are drawn a get and a put never meet (R66)',
  pamtRemoveFails: 'as dynamicPamt',
  iopteSplitFails: 'no world that is drawn has a device',
  gate: 'without the launch gate populate races with a guest that KVM does not let run yet (R9)',
};

/** Draws what of `keys` a world has. */
export function drawFlags(random, setting) {
  const { keys = FLAG_NAMES } = setting;
  const names = keys.filter((name) => FLAGS[name].where(setting) && random.below(FLAGS[name].oneOf) === 0);
  return Object.fromEntries(names.map((name) => [name, true]));
}
