/**
 * What the guest of a TD does with private memory: it accepts a page before it uses it, and an access to one that it has not
 * accepted is an exit and no bug (keys: docs/kernel.md; arch/x86/kvm/vmx/tdx.c). Imported by the guest's other accesses.
 */

import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EIO, RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { blockOf } from '../world/folio-ref.js';
import { isShown } from '../world/shown.js';
import { pageIn } from './folio-blocks.js';
import { forgettingUnlessFailed } from './forgetting.js';
import { faultOfExit } from './memslots.js';
import { isDead, isLargeLeaf } from './sept.js';
import { hasEvent, isHeldOut, untilLetIn } from './sept-busy.js';

/** The levels at which a guest accepts memory. */
export const acceptLevels = ['4K', '2M'] as const;

/** The level of an ACCEPT. */
export type AcceptLevel = (typeof acceptLevels)[number];

/**
 * What became of a try: the vCPU is held out of the guest, nothing is mapped, the page is not accepted yet, the leaf is larger than what is accepted or smaller, KVM
 * has marked the VM as dead, or none of these.
 */
type TdAttempt = 'done' | 'held out' | 'EPT violation' | '#VE' | 'level' | 'SIZE_MISMATCH' | 'dead';

/** The fault of a TD, as the fault frame has it. */
export type PageFault = (g: Gmem, gfn: Gfn, isPrivate: boolean) => Routine<number>;

/** A private access of the guest. */
export function* tdAccess(
  g: Gmem,
  gfn: Gfn,
  label: string,
  event: 'GUEST_READ' | 'GUEST_WRITE',
  fault: PageFault,
): Routine<number> {
  const attempt = () =>
    tried(g, gfn, `${label} (private) $i`, function* (): Routine<TdAttempt> {
      if (!(yield* g.sept!.at(gfn).is('accepted'))) return '#VE';
      const page = pageIn(g, gfn, yield* g.privateSptes.at(gfn).read());
      if (page !== null) yield* g.folios.at(page).send(event);
      return 'done';
    });
  return ended(yield* tries(g, attempt, () => localRetries(g, gfn, fault)));
}

/** TDG.MEM.PAGE.ACCEPT; a guest that is told that the leaf is smaller goes on with pages of 4K. */
export function* tdAccept(g: Gmem, gfn: Gfn, level: AcceptLevel, fault: PageFault): Routine<number> {
  const result = yield* acceptOne(g, gfn, level, fault);
  if (result !== 'SIZE_MISMATCH') return ended(result);
  for (const page of blockOf(gfn)) {
    if (!isShown(page)) continue;
    const error = ended(yield* acceptOne(g, page, '4K', fault));
    if (error !== 0) return error;
  }
  return 0;
}

function* acceptOne(g: Gmem, gfn: Gfn, level: AcceptLevel, fault: PageFault): Routine<TdAttempt | number> {
  const isLarge = level === '2M' && g.large !== undefined;
  const attempt = () =>
    tried(g, gfn, `TDG.MEM.PAGE.ACCEPT($i, ${level})`, function* (): Routine<TdAttempt> {
      if (isLarge !== (yield* isLargeLeaf(g, gfn))) {
        if (isLarge) return 'SIZE_MISMATCH';
        if (!(yield* g.sept!.at(gfn).is('accepted'))) return 'level';
      }
      for (const page of isLarge ? blockOf(gfn) : [gfn]) yield* g.sept!.at(page).send('ACCEPT');
      return 'done';
    });
  // What it accepts stands in the exit, whether anything is mapped or not.
  const honors = level === '4K';
  return yield* tries(g, attempt, function* () {
    const honored = () => g.scheme.honorAcceptLevel(g, gfn);
    const error = honors ? yield* forgettingUnlessFailed(g, honored) : 0;
    return error === 0 ? yield* localRetries(g, gfn, fault) : error;
  });
}

/** Whether the guest comes to a page: it is mapped, and not blocked, which is seen where a removal is several steps. */
function* isReached(g: Gmem, gfn: Gfn): Routine<boolean> {
  if (!(yield* g.privateSptes.at(gfn).holds())) return false;
  return g.file.vm.hkid === undefined || !(yield* g.sept!.at(gfn).is('blocked'));
}

function* tried(g: Gmem, gfn: Gfn, label: string, body: () => Routine<TdAttempt>): Routine<TdAttempt> {
  function* attempt(): Routine<TdAttempt> {
    if (yield* isDead(g)) return 'dead';
    if (yield* isHeldOut(g)) return 'held out';
    return (yield* isReached(g, gfn)) ? yield* body() : 'EPT violation';
  }
  return yield* atomic(label, attempt, (result) => (result === 'done' ? undefined : result));
}

/** Tries until it is done, or there is something for the guest to know; or an errno that goes out to the VMM. */
function* tries(
  g: Gmem,
  attempt: () => Routine<TdAttempt>,
  handle: () => Routine<number>,
): Routine<TdAttempt | number> {
  const again = yield* here();
  const first = yield* attempt();
  if (first === 'held out') {
    yield* untilLetIn(g);
    return yield* again();
  }
  if (!isExit(first)) return first;
  const result = yield* handle();
  if (result < 0) return result;
  if (result !== RET_PF_RETRY) {
    const second = yield* attempt();
    if (!isExit(second)) return second;
  }
  return yield* again();
}

/**
 * tdx_handle_ept_violation(): a fault that has to be taken again is taken again here, because a vCPU that comes back to the same
 * instruction too often makes the module lock the S-EPT (zero-step). An event ends that, and a
 * dead VM.
 */
function* localRetries(g: Gmem, gfn: Gfn, fault: PageFault): Routine<number> {
  if (g.memslots !== undefined) return yield* faultOfExit(g, gfn, true, fault);
  const again = yield* here();
  const result = yield* fault(g, gfn, true);
  if (result !== RET_PF_RETRY) return result;
  if (yield* isDead(g)) return -EIO;
  return (yield* hasEvent(g)) ? result : yield* again();
}

/** Whether KVM handles it, and the guest tries again. */
function isExit(result: TdAttempt): boolean {
  return result === 'EPT violation' || result === 'level' || result === 'held out';
}

/** What KVM_RUN returns: tdx_handle_ept_violation() of an access to a page that is not accepted, and a dead VM, are -EIO. */
function ended(result: TdAttempt | number): number {
  if (typeof result === 'number') return result;
  return result === 'done' ? 0 : -EIO;
}
