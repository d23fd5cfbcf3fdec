/**
 * Worlds drawn at random: a page or two, or blocks of them where folios may be large, and a handful of calls by one or two
 * vCPUs, by the vCPUs that the guest makes, and by one to three host tasks. The launch gate holds, so populate comes before
 * the guest runs. A world is a scenario file's content, and a function of the generator's state alone.
 */

import { callKinds } from '../../dist/src/gmem/calls/registry.js';
import { drawFlags } from './drawn-keys.mjs';

const DEVICE =
  'a bare mapping for a device is broken in most worlds; name the calls of devices for schemes that tell their users';

/** Calls that worlds have only where they are named, if at all, and why. A test holds this list to the registry: all others are drawn. */
export const NOT_DRAWN = {
  close: 'behind it every other call is refused: what may race with the end of a file is a world of its own',
  'close-vm': 'as close',
  'module-exit': 'it is refused as long as any file is there, and no file ends',
  'snp-shutdown': 'it is refused as long as any VM is there, and no VM ends',
  'cpu-offline': 'nothing but RMPOPT asks for CPUs',
  'cpu-online': 'as cpu-offline',
  'create-slot':
    'nothing is modelled of memslots that change beside large folios, VM attributes, VMSA pages and populate',
  'delete-slot': 'as create-slot',
  'set-slot-flags': 'as create-slot',
  'dma-map': DEVICE,
  'dma-unmap': DEVICE,
  'dma-read': DEVICE,
  'dma-write': DEVICE,
  'trusted-dma-write': DEVICE,
  finalize: 'the launch gate has the guest wait for it, and the rest of the launch is refused behind it',
  'init-vcpu': 'as finalize',
};

/** Calls that no world of an architecture has: a TD has no VMSA. */
const NOT_OF = { tdx: ['create-ap', 'vmrun'] };

/** The calls that worlds may have unless others are named. */
export const DRAWN_CALLS = callKinds.map(({ name }) => name).filter((name) => !(name in NOT_DRAWN));

const ACCESSES = ['private', 'shared'];

/** Most guests have one vCPU of their own, and most hosts one or two tasks. */
const VCPUS = ['vCPU0', 'vCPU0', 'vCPU1'];
const TASKS = ['task0', 'task0', 'task1', 'task1', 'task2'];

/** Draws a world. `random.below(n)` gives 0 .. n-1. */
export function drawWorld(random, setting) {
  const { conversion, arch, maxOrder = 0, calls: names = DRAWN_CALLS, mostCalls = 5 } = setting;
  const kinds = callKinds.filter(({ name }) => names.includes(name) && !(NOT_OF[arch] ?? []).includes(name));
  const inBlock = 2 ** maxOrder;
  const gfns = inBlock * (random.below(4) === 0 && maxOrder < 2 ? 2 : 1);
  const world = { title: 'a world drawn by scripts/sweep', arch, gfns };
  Object.assign(world, { frames: gfns + inBlock * random.below(2), conversion, maxOrder });
  Object.assign(world, drawAttributes(random, gfns), drawFlags(random, setting));
  const actors = new Map();
  const add = (name, call) => actors.set(name, [...(actors.get(name) ?? []), call]);
  for (let left = 2 + random.below(mostCalls - 1); left > 0 || actors.size < 2; left--) {
    // A world in which nobody meets anybody shows nothing: the last call goes to whoever has none.
    const by =
      left > 1 || actors.size > 1 ? undefined : actors.keys().next().value.startsWith('task') ? 'vcpu' : 'host';
    const kind = drawKind(random, kinds, by);
    const gfn = random.below(gfns);
    if (kind.name === 'vmrun' && !actors.has(vcpuAt(gfn))) add('vCPU0', { 'create-ap': gfn });
    const actor = kind.name === 'vmrun' ? vcpuAt(gfn) : drawOf(random, kind.by === 'vcpu' ? VCPUS : TASKS);
    add(actor, drawCall(random, kind, gfn, gfns, inBlock));
  }
  return { ...world, actors: [...actors].sort().map(([name, calls]) => ({ name, calls })) };
}

/** The vCPU that the guest has made with its VMSA at a gfn: it is one, and runs by itself. */
function vcpuAt(gfn) {
  return `AP${gfn}`;
}

/** Mostly all pages are private or shared at first; in one world of three some are the one and some the other. */
function drawAttributes(random, gfns) {
  const attribute = drawOf(random, ACCESSES);
  if (gfns === 1 || random.below(3) > 0) return { attribute };
  const other = ACCESSES.find((access) => access !== attribute);
  return { attribute, attributes: { [random.below(gfns)]: other } };
}

/** Four of ten are the guest's, if nobody says whose; conversions are what most is argued about: three of ten of the host's. */
function drawKind(random, kinds, by = random.below(10) < 4 ? 'vcpu' : 'host') {
  const own = kinds.filter((kind) => kind.by === by);
  const conversions = own.filter(({ takes }) => 'to' in takes);
  const others = own.filter(({ takes }) => !('to' in takes));
  if (conversions.length === 0 || others.length === 0) return drawOf(random, own);
  return drawOf(random, random.below(10) < 3 ? conversions : others);
}

/** A call of a kind with all that it takes, as a scenario file writes it. */
function drawCall(random, { name, pages, takes }, gfn, gfns, inBlock) {
  if (pages === 'none') return { [name]: {} };
  const values = Object.fromEntries(Object.entries(takes).map(([what, { oneOf }]) => [what, drawOf(random, oneOf)]));
  if (pages === 'range' && gfns > 1) return { [name]: { ...drawRange(random, gfn, gfns, inBlock), ...values } };
  return { [name]: Object.keys(values).length === 0 ? gfn : { gfn, ...values } };
}

/** One page, the block that it lies in, or what lies behind it. */
function drawRange(random, gfn, gfns, inBlock) {
  const shape = random.below(4);
  if (shape < 2) return { gfn, count: 1 };
  if (shape === 2 && inBlock > 1) return { gfn: gfn - (gfn % inBlock), count: inBlock };
  return { gfn, count: 1 + random.below(gfns - gfn) };
}

function drawOf(random, items) {
  return items[random.below(items.length)];
}
