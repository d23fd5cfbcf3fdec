/**
 * Queues of refs: first in, first out, with room for so many. Used by models, through `m.queue`.
 *
 * The items lie in the lowest slots, so equal contents are equal states. Moving up is one op that looks at no item, which
 * it says (`blind`): actors that are the items stay interchangeable. Source of the meaning: java.util.concurrent
 * ArrayBlockingQueue; Go channels with a buffer; kfifo (include/linux/kfifo.h) for the tries.
 */

import { ModelError } from '../core/errors.js';
import type { RefCell, RefCellArray } from '../core/ops/cell.js';
import { compute } from '../core/ops/choice.js';
import { Op } from '../core/ops/op.js';
import type { Identity, Ref } from '../core/ops/ref.js';
import { atomic, type Routine } from '../core/ops/routine.js';

/** A bounded queue of refs. */
export class FifoQueue {
  readonly #shift: Op<void>;

  constructor(
    readonly name: string,
    /** The items, the first in slot 0. */
    readonly slots: RefCellArray,
  ) {
    this.#shift = new Op<void>({ ...shifted(name, slots).spec, blind: true });
  }

  /** Waits for room and puts an item last; one step. */
  *put(item: Ref | Identity): Routine {
    const { slots, name } = this;
    const last = slots.at(slots.region.count - 1);
    yield* atomic(`put(${name})`, function* () {
      yield* waitFor(last, (held) => held === 0, `put(${name})`);
      yield* putLast(slots, item);
    });
  }

  /**
   * Puts an item last if there is room: whether there was; one step, which never waits. With a time limit (offer(e, timeout))
   * it is the same: the time may be over whenever there is none.
   */
  *tryPut(item: Ref | Identity): Routine<boolean> {
    const { slots, name } = this;
    return yield* atomic(`try_put(${name})`, function* () {
      return yield* putLast(slots, item);
    });
  }

  /** Puts an item last. A full queue is a bound of the model and stops it (ModelError); one step. */
  *add(item: Ref | Identity): Routine {
    const { slots, name } = this;
    yield* atomic(`add(${name})`, function* () {
      if (yield* putLast(slots, item)) return;
      throw new ModelError(`${name} has more than ${slots.region.count} items; raise its capacity`);
    });
  }

  /** Waits for an item and takes the first; one step. */
  *take(): Routine<Ref> {
    const { slots, name } = this;
    const shift = this.#shift;
    return yield* atomic(`take(${name})`, function* () {
      yield* waitFor(slots.at(0), (held) => held !== 0, `take(${name})`);
      const first = yield* slots.at(0).read();
      if (first === null) throw new ModelError(`${name} woke up for nothing`);
      yield* shift;
      return first;
    });
  }

  /** Takes the first item if there is one, else null; one step, which never waits. With a time limit it is the same. */
  *tryTake(): Routine<Ref | null> {
    const { slots, name } = this;
    const shift = this.#shift;
    return yield* atomic(`try_take(${name})`, function* () {
      const first = yield* slots.at(0).read();
      if (first !== null) yield* shift;
      return first;
    });
  }

  /** Waits for an item and looks at the first, which stays where it is. */
  *first(): Routine<Ref | null> {
    const { slots, name } = this;
    return yield* atomic(`first of ${name}`, function* () {
      yield* waitFor(slots.at(0), (held) => held !== 0, `first of ${name}`);
      return yield* slots.at(0).read();
    });
  }

  /** Takes the first item away, if there is one; one step. */
  drop(): Op<void> {
    // One of its own for each caller: what is made is what has to be yielded.
    return new Op<void>(this.#shift.spec);
  }

  /** Waits until nothing is in it. */
  drained(label = `${this.name} is drained`): Op<void> {
    return waitFor(this.slots.at(0), (held) => held === 0, label);
  }

  /** Whether nothing is in it now; one step. */
  *isEmpty(): Routine<boolean> {
    return yield* isNone(this.slots.at(0), `${this.name} is empty`);
  }
}

/** Takes the first of some slots away: the others move up. */
export function shifted(name: string, slots: RefCellArray): Op<void> {
  const all = Array.from({ length: slots.region.count }, (_, slot) => slots.at(slot));
  const moveUp = (items: number[]): void => {
    items.copyWithin(0, 1);
    items[items.length - 1] = 0;
  };
  return compute<void>(`shift ${name}`, all, moveUp, { writes: true });
}

/** Puts an item into the first free slot; whether there was one. */
export function* putLast(slots: RefCellArray, item: Ref | Identity): Routine<boolean> {
  for (let slot = 0; slot < slots.region.count; slot++) {
    if (yield* slots.at(slot).cmpxchg(null, item)) return true;
  }
  return false;
}

/** Waits until a slot is free, or is not. */
function waitFor(slot: RefCell, enabled: (held: number) => boolean, label: string): Op<void> {
  return new Op<void>({ ...slot.holds().spec, label, result: 'none', blocks: true, word: { enabled } });
}

/** Whether a slot is free. */
function isNone(slot: RefCell, label: string): Op<boolean> {
  const word = { result: (held: number) => (held === 0 ? 1 : 0) };
  return new Op<boolean>({ ...slot.holds().spec, label, result: 'boolean', word });
}
