/**
 * Accesses: what the recorded programs wrote down of their accesses, held against what the model maps and what is in it. An
 * access goes through an SPTE or a TLB that was not flushed, while the vCPU is in the guest; or through a user PTE. Imported
 * by the observer.
 */

import type { LaterStep, Look, ObservedEvent } from '../../conform/observed.js';
import type { Gmem } from '../gmem.js';
import { SLOT } from '../world/slot-changes.js';
import { hex } from './hex.js';
import type { Recorded } from './recorded.js';
import { accessTasks, type LoggedAccess } from './user-log.js';

/** In a note about what a TLB may still hold: nothing, ordinary memory; else a frame's position + 1. */
const NO_ENTRY = 0;
const ORDINARY_ENTRY = -1;
/** Of a frame that nobody has cleared: whatever its last owner left. */
const RESIDUE = -0x5eed_feed;

/** The accesses of one log. */
export class RecordedAccesses {
  /** Number of the first note behind those that this puts down. */
  readonly end: number;
  /** By task: whether its vCPU is in the guest. */
  readonly #inGuest: number;
  /** By gfn: what a TLB may still hold. */
  readonly #stale: number;
  /** By frame, and by gfn of ordinary memory: what is in it. */
  readonly #contents: number;
  readonly #ordinary: number;
  readonly #seesEntries: boolean;

  /** @param first the first note that is free */
  constructor(
    readonly recorded: Recorded,
    readonly g: Gmem,
    readonly accesses: readonly LoggedAccess[],
    first: number,
  ) {
    const { gfns, frames } = g.scenario;
    this.#inGuest = first;
    this.#stale = this.#inGuest + recorded.tasks.length;
    this.#contents = this.#stale + gfns;
    this.#ordinary = this.#contents + frames;
    this.end = this.#ordinary + gfns;
    this.#seesEntries = recorded.events.some(({ name }) => name === 'kvm_entry');
  }

  /** What changes what a TLB may hold, and whether a vCPU is in the guest. */
  marks(): readonly [string, (look: Look, actor: number) => void][] {
    return [
      [
        'tracepoint kvm_tdp_mmu_spte_changed to none',
        (look) => {
          // No vCPU walks an obsolete root any more.
          if (look.values[2] === true) return;
          const gfn = look.position(look.values[0])!;
          const frame = look.position(look.values[1]);
          look.note(this.#stale + gfn, frame === null ? ORDINARY_ENTRY : frame + 1);
        },
      ],
      [
        'tracepoint TLBs are flushed',
        (look) => {
          for (const gfn of look.values) look.note(this.#stale + look.position(gfn)!, NO_ENTRY);
        },
      ],
      ['tracepoint kvm_entry', (look, actor) => this.#enters(look, actor, 1)],
      ['tracepoint kvm_exit', (look, actor) => this.#enters(look, actor, 0)],
    ];
  }

  /** A vCPU that is in the guest walks the roots that it had until it leaves. */
  rootsObsolete(look: Look): void {
    const { g } = this;
    for (let gfn = 0; gfn < g.scenario.gfns; gfn++) {
      const mapped = [g.privateSptes, g.sharedSptes].map((sptes) => look.word(sptes.region.base + gfn));
      const isOrdinary = look.word(g.ordinarySptes!.region.base + gfn) === 1;
      const frame = Math.max(...mapped, 0);
      if (isOrdinary || frame > 0) look.note(this.#stale + gfn, isOrdinary ? ORDINARY_ENTRY : frame);
    }
  }

  /** No TLB holds anything any more. */
  flushed(look: Look): void {
    for (let gfn = 0; gfn < this.g.scenario.gfns; gfn++) look.note(this.#stale + gfn, NO_ENTRY);
  }

  #enters(look: Look, actor: number, isIn: number): void {
    look.note(this.#inGuest + actor, isIn);
  }

  /** What is in a frame from now on: nothing, or whatever its last owner left. */
  filled(look: Look, frame: number, isEmpty: boolean): void {
    look.note(this.#contents + frame, isEmpty ? 0 : RESIDUE);
  }

  /** Two events an access: between them it reads and writes. */
  events(): readonly ObservedEvent[] {
    const pids = accessTasks(this.accesses);
    return this.accesses.flatMap((access): ObservedEvent[] => {
      const actor = this.recorded.tasks.length + pids.indexOf(access.pid);
      const { line, text, from, to } = access;
      const mark = { actor, kind: 'tracepoint', line, text } as const;
      return [
        { ...mark, name: 'access begins', time: from, later: this.#stepsOf(access) },
        { ...mark, name: 'access ends', time: to },
      ];
    });
  }

  /** What an access does between its two times: it reads, and then writes. */
  #stepsOf(access: LoggedAccess): readonly LaterStep[] {
    const { page, read, written, pid } = access;
    if (read === undefined) return [];
    const vcpu = this.recorded.tasks.findIndex((task) => task.pid === pid);
    const isOfDevice = (look: Look) =>
      access.by === 'guest' &&
      this.g.slotChanges !== undefined &&
      look.word(this.g.slotChanges.slot.region.base) === SLOT.absent;
    const place = (look: Look) =>
      access.by === 'guest' ? this.#guestPlace(look, vcpu, page) : this.#hostPlace(look, page);
    const reads: LaterStep = {
      take(look) {
        // Without a memslot KVM leaves the access to the VMM, which reads and writes what it likes.
        if (isOfDevice(look)) return undefined;
        const at = place(look);
        if (typeof at === 'string') return at;
        const own = look.noted(at);
        return own === read
          ? undefined
          : `page ${page} holds ${own === RESIDUE ? 'what its last owner left' : hex(own >>> 0)}, and ${hex(read >>> 0)} was read`;
      },
    };
    if (written === undefined) return [reads];
    const writes: LaterStep = {
      take(look) {
        // Without a memslot KVM leaves the access to the VMM, which reads and writes what it likes.
        if (isOfDevice(look)) return undefined;
        const at = place(look);
        if (typeof at === 'string') return at;
        look.note(at, written);
        return undefined;
      },
    };
    return [reads, writes];
  }

  /** Where the memory is noted that a vCPU reaches at a page; why it reaches none. */
  #guestPlace(look: Look, vcpu: number, page: number): number | string {
    const { g } = this;
    if (vcpu >= 0 && this.#seesEntries && look.noted(this.#inGuest + vcpu) === 0) return 'the vCPU is not in the guest';
    if (look.word(g.ordinarySptes!.region.base + page) === 1) return this.#ordinary + page;
    const mapped = [g.privateSptes, g.sharedSptes]
      .map((sptes) => look.word(sptes.region.base + page))
      .find((ref) => ref > 0);
    const ref = mapped ?? look.noted(this.#stale + page);
    if (ref === ORDINARY_ENTRY) return this.#ordinary + page;
    if (ref <= 0) return `no SPTE maps page ${page}, and no TLB can`;
    const cached = look.word(g.pages.region.base + page);
    return cached === ref
      ? this.#contents + ref - 1
      : `the folio that is mapped at page ${page} is not the file's any more`;
  }

  #hostPlace(look: Look, page: number): number | string {
    const ref = look.word(this.g.userPtes.region.base + page);
    return ref > 0 ? this.#contents + ref - 1 : `no user PTE maps page ${page}`;
  }
}
