/**
 * The registry: every call that a scenario can have, in the order in which sentences and schemas name them. Nothing else
 * lists calls (a house rule, test/tidy/call-names.ts): a new one is a file that exports its kind, and a line here. Imported
 * by the scenarios and the model, and by what reads records of them.
 */

import type { ActorKind } from '../scenarios/scenario.js';
import type { Arguments, CallKind, SpecOf } from './call-kind.js';
import { closeCall, closeVmCall } from './close.js';
import { convertCall, convertUntilDoneCall } from './convert.js';
import { dmaMapCall, dmaReadCall, dmaUnmapCall, dmaWriteCall } from './dma.js';
import { allocateCall, punchHoleCall } from './fallocate.js';
import { acceptCall, readCall, validateCall, writeCall } from './guest-access.js';
import { launchCall, moveGuestCall } from './guest-identity.js';
import { bindCall, linkCall } from './link.js';
import { lruDrainCall } from './lru.js';
import { memoryFailureCall } from './memory-failure.js';
import { moduleExitCall } from './module.js';
import { otherTdCall } from './other-td.js';
import { cpuOfflineCall, cpuOnlineCall, snpShutdownCall } from './platform.js';
import { populateCall, populateInPlaceCall } from './populate.js';
import { preFaultCall } from './pre-fault.js';
import { reuseFrameCall } from './reuse-frame.js';
import { createSlotCall, deleteSlotCall, setSlotFlagsCall } from './slot-set.js';
import { finalizeCall, initVcpuCall } from './td-state.js';
import { terminateCall } from './terminate.js';
import { trustedDmaWriteCall } from './trusted-dma.js';
import { hostReadCall, hostWriteCall, munmapCall, pinCall, unpinCall, userFaultCall } from './user-mapping.js';
import { uffdContinueCall, uffdCopyCall } from './userfault.js';
import { createApCall, vmrunCall } from './vmsa.js';
import { pwriteCall } from './write.js';

/** Every call. */
export const callKinds = [
  readCall,
  writeCall,
  validateCall,
  acceptCall,
  createApCall,
  vmrunCall,
  preFaultCall,
  hostReadCall,
  hostWriteCall,
  userFaultCall,
  munmapCall,
  pinCall,
  unpinCall,
  pwriteCall,
  uffdCopyCall,
  uffdContinueCall,
  punchHoleCall,
  allocateCall,
  populateCall,
  populateInPlaceCall,
  convertCall,
  convertUntilDoneCall,
  lruDrainCall,
  reuseFrameCall,
  memoryFailureCall,
  dmaMapCall,
  dmaUnmapCall,
  dmaReadCall,
  dmaWriteCall,
  trustedDmaWriteCall,
  otherTdCall,
  terminateCall,
  closeCall,
  closeVmCall,
  launchCall,
  moveGuestCall,
  linkCall,
  bindCall,
  moduleExitCall,
  snpShutdownCall,
  cpuOfflineCall,
  cpuOnlineCall,
  finalizeCall,
  initVcpuCall,
  createSlotCall,
  deleteSlotCall,
  setSlotFlagsCall,
] as const;

type Registered = (typeof callKinds)[number];

/** The name of a call, as YAML files write it. */
export type CallName = Registered['name'];

/**
 * One call with its arguments. `gfn` is the first gfn, `count` the number of gfns; with one memslot that starts at
 * gfn 0 the gfn is also the index in the file.
 */
export type CallSpec = SpecOf<Registered>;

/** The name of an argument that some call takes besides its pages. */
export type ArgumentName = KeysOf<Registered['takes']>;
type KeysOf<Takes> = Takes extends Arguments ? keyof Takes & string : never;

/** The names of all calls. */
export const callNames: readonly CallName[] = callKinds.map(({ name }) => name);

/** What all calls together take besides their pages. */
export const callArguments = Object.assign({}, ...callKinds.map(({ takes }) => takes)) as Readonly<
  Record<ArgumentName, Arguments[string]>
>;

const byName: ReadonlyMap<string, CallKind> = new Map(callKinds.map((kind: CallKind) => [kind.name, kind]));

/** The kind of a call. */
export function callKindOf(call: CallName): CallKind {
  return byName.get(call) as CallKind;
}

/** The names of the calls that such an actor makes. */
export function callsBy(actor: ActorKind): readonly CallName[] {
  return callKinds.filter(({ by }) => by === actor).map(({ name }) => name);
}
