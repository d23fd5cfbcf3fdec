/**
 * The builder that models see: the core's cells, objects, actors and checks, and the kernel's primitives.
 */

import type { Domain, Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import { ProgramBuilder } from '../core/program/program-builder.js';
import { DeferredWork } from '../primitives/deferred.js';
import { Mutex, type MutexLabels, RwLock, RwSem } from '../primitives/lock.js';
import { RefCount } from '../primitives/refcount.js';
import { Srcu } from '../primitives/srcu.js';
import { Token } from '../primitives/token.js';

/** Declares the parts of a model. */
export class ModelBuilder extends ProgramBuilder {
  /** struct mutex; with `count`, an array of them (`.at(ref)`). `labels` renames its ops, for the folio lock say. */
  mutex(name: string, options: { count?: number; labels?: MutexLabels } = {}): Mutex {
    return new Mutex(this.latch(name, { count: options.count ?? 1 }), options.labels);
  }

  /** struct rw_semaphore */
  rwsem(name: string): RwSem {
    return new RwSem(this.latch(name, { width: 3 }));
  }

  /** rwlock_t */
  rwlock(name: string): RwLock {
    return new RwLock(this.latch(name, { width: 2 }));
  }

  /** A sequence count that is only compared for equality; with `count`, an array of them (`.at(ref)`). */
  token(name: string, options: { count?: number } = {}): Token {
    return new Token(this.latch(name, { count: options.count ?? 1, full: true }), name);
  }

  /** A domain of sleepable read sections. */
  srcu(name: string): Srcu {
    const readers = [this.latch(`${name}.readers[0]`), this.latch(`${name}.readers[1]`)] as const;
    return new Srcu(name, this.cell(`${name}.index`), readers, this.mutex(`${name}.grace_period`));
  }

  /** A reference count. */
  refcount(name: string, options: { initial?: number } = {}): RefCount {
    return new RefCount(this.cell(name, { initial: options.initial ?? 1 }));
  }

  /** A daemon that runs `body` on each ref handed to it with `defer`. `capacity` bounds the queue. */
  deferred(
    name: string,
    domain: Domain,
    body: (item: Ref) => Routine<unknown>,
    options: { capacity?: number } = {},
  ): DeferredWork {
    const slots = this.cells(`${name}.queue`, options.capacity ?? domain.count, { refTo: domain });
    const work = new DeferredWork(name, slots);
    const m = this;
    function* wait(): Routine {
      yield* m.waitUntil([slots.at(0)], (first) => first !== 0);
    }
    this.actor(name, () => work.work(body, wait), { daemon: true });
    return work;
  }
}
