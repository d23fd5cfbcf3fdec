/**
 * The page fault of v3-inplace written by hand: the same Atomics on the same words as the live engine (locks, stripes,
 * machine words with their versions, tables), and no framework. A worker thread: runs while the go word says so.
 *
 * Left out is what only somebody who watches needs: history, counters, held locks, queues of waiters, checks.
 */
import { workerData } from 'node:worker_threads';
import { Random } from '../../dist/src/core/random.js';
import { SharedMemory } from '../../dist/src/live/shared-memory.js';
import { domainHash, stripeOf } from '../../dist/src/live/stripes.js';
import { compileModel } from '../../dist/src/model/model.js';
import { benchModel } from './live-model.mjs';

const { buffer, control, thread, threads, gfns } = workerData;
const WRITER = 1 << 30;
const QUEUED = 1 << 29;
/** Faults between two looks at the go word. */
const BATCH = 1000;

const program = await compileModel(benchModel(threads, gfns));
const memory = new SharedMemory(program, threads, buffer);
const { model: words, words: shared, stripes } = memory;
const baseOf = (name) => program.layout.regions.find((region) => region.name === name).base;
const lockOf = (name) => memory.locks.lockBase + memory.lockOf.get(baseOf(name)) * memory.locks.lockStride;
const { lockStride } = memory.locks;

const folios = baseOf('folio');
const references = baseOf('folio->_refcount');
const pages = baseOf('i_pages');
const attributes = baseOf('attributes');
const privateSptes = baseOf('private_spte');
const sharedSptes = baseOf('shared_spte');
const sequence = baseOf('mmu_invalidate_seq');
const inProgress = baseOf('mmu_invalidate_in_progress');
const rangeStart = baseOf('mmu_invalidate_range_start');
const rangeEnd = baseOf('mmu_invalidate_range_end');
const folioLocks = lockOf('folio_lock');
const invalidateLock = lockOf('invalidate_lock');
const mmuLock = lockOf('mmu_lock');
const gfnStripes = domainHash('gfn');
const folioStripes = domainHash('folio');

const [table] = program.machines;
const mask = 2 ** table.bits - 1;
const rowOf = (make) =>
  Int32Array.from({ length: mask + 1 }, (_, state) => {
    try {
      return make(state);
    } catch {
      return -1; // No state has this word.
    }
  });
const tag = (name) => rowOf((state) => Number(table.hasTag(state, name)));
const event = (name) => rowOf((state) => table.next(state, table.events.indexOf(name)));
const isCached = tag('cached');
const isUptodate = tag('uptodate');
const isAssigned = tag('assigned');
const isFree = tag('free');
const [allocate, insert, clear, markUptodate] = ['ALLOCATE', 'INSERT', 'CLEAR', 'MARK_UPTODATE'].map(event);
const [assign, unassign, map, unmap, free] = ['ASSIGN', 'UNASSIGN', 'MAP_PRIVATE', 'UNMAP', 'FREE'].map(event);

const random = new Random(1n, thread);
let hint = 0;
let seen = 0;

function send(folio, row) {
  const word = folios + folio;
  for (;;) {
    const before = Atomics.load(words, word);
    const next = row[before & mask];
    if (next < 0) throw new Error('refused');
    if (next === (before & mask)) return;
    const after = ((before & ~mask) + mask + 1) | next | 0;
    if (Atomics.compareExchange(words, word, before, after) === before) return;
  }
}

function freeStripe(stripe) {
  for (;;) {
    const version = Atomics.load(stripes, stripe);
    if ((version & 1) === 0) return version;
  }
}

function takeStripe(stripe) {
  for (;;) {
    const version = freeStripe(stripe);
    if (Atomics.compareExchange(stripes, stripe, version, version + 1) === version) return version;
  }
}

function readLock(at) {
  let state = Atomics.load(shared, at);
  for (;;) {
    const found = state < QUEUED ? Atomics.compareExchange(shared, at, state, state + 1) : -1;
    if (found === state) return;
    state = found < 0 ? Atomics.load(shared, at) : found;
  }
}

function writeLock(at) {
  while (Atomics.compareExchange(shared, at, 0, WRITER) !== 0);
}

const readUnlock = (at) => Atomics.sub(shared, at, 1);
const writeUnlock = (at) => Atomics.sub(shared, at, WRITER);

function add(word, amount) {
  for (;;) {
    const before = Atomics.load(words, word);
    if (Atomics.compareExchange(words, word, before, before + amount) === before) return before + amount;
  }
}

function inRange(gfn) {
  return gfn >= Atomics.load(words, rangeStart) && gfn < Atomics.load(words, rangeEnd);
}

function isStale(gfn) {
  if (Atomics.load(words, inProgress) > 0 && inRange(gfn)) return true;
  return Atomics.load(words, sequence) !== seen;
}

function isStaleUnsafe(gfn) {
  for (;;) {
    const version = freeStripe(0);
    const stale = isStale(gfn);
    if (Atomics.load(stripes, 0) === version) return stale;
  }
}

function putFolio(folio) {
  const stripe = stripeOf(folioStripes, folio);
  const version = takeStripe(stripe);
  if (add(references + folio, -1) === 0) send(folio, free);
  Atomics.store(stripes, stripe, version + 2);
}

/** filemap_get_entry(): the folio with a reference, or -1. */
function getEntry(gfn) {
  const stripe = stripeOf(gfnStripes, gfn);
  for (;;) {
    const version = freeStripe(stripe);
    const ref = Atomics.load(words, pages + gfn);
    if (ref === 0) {
      if (Atomics.load(stripes, stripe) === version) return -1;
      continue;
    }
    if (Atomics.compareExchange(stripes, stripe, version, version + 1) !== version) continue;
    add(references + ref - 1, 1);
    Atomics.store(stripes, stripe, version + 2);
    return ref - 1;
  }
}

function allocFolio() {
  for (let i = 0; i < gfns; i++) {
    const folio = (hint + i) % gfns;
    const before = Atomics.load(words, folios + folio);
    if (isFree[before & mask] === 0) continue;
    const after = ((before & ~mask) + mask + 1) | allocate[before & mask] | 0;
    if (Atomics.compareExchange(words, folios + folio, before, after) !== before) continue;
    hint = folio + 1;
    Atomics.store(words, references + folio, 1);
    return folio;
  }
  throw new Error('no frame is free');
}

function getFolio(gfn) {
  for (;;) {
    const present = getEntry(gfn);
    if (present >= 0) {
      writeLock(folioLocks + present * lockStride);
      if (isCached[Atomics.load(words, folios + present) & mask] === 1) return present;
      writeUnlock(folioLocks + present * lockStride);
      putFolio(present);
      continue;
    }
    const folio = allocFolio();
    const stripe = stripeOf(gfnStripes, gfn);
    const version = takeStripe(stripe);
    const inserted = Atomics.compareExchange(words, pages + gfn, 0, folio + 1) === 0;
    if (inserted) {
      writeLock(folioLocks + folio * lockStride);
      send(folio, insert);
      add(references + folio, 1);
    }
    Atomics.store(stripes, stripe, version + 2);
    if (inserted) return folio;
    putFolio(folio);
  }
}

function getPfn(gfn) {
  readLock(invalidateLock);
  const folio = getFolio(gfn);
  if (isUptodate[Atomics.load(words, folios + folio) & mask] === 0) {
    send(folio, clear);
    send(folio, markUptodate);
  }
  if (Atomics.load(words, attributes + gfn) === 1 && isAssigned[Atomics.load(words, folios + folio) & mask] === 0) {
    send(folio, assign);
  }
  writeUnlock(folioLocks + folio * lockStride);
  putFolio(folio);
  readUnlock(invalidateLock);
  return folio;
}

function mapFolio(gfn, folio) {
  const stripe = stripeOf(gfnStripes, gfn);
  for (;;) {
    const version = freeStripe(stripe);
    if (Atomics.load(words, privateSptes + gfn) === folio + 1) {
      if (Atomics.load(stripes, stripe) === version) return;
      continue;
    }
    if (Atomics.compareExchange(stripes, stripe, version, version + 1) !== version) continue;
    Atomics.store(words, privateSptes + gfn, folio + 1);
    send(folio, map);
    Atomics.store(stripes, stripe, version + 2);
    return;
  }
}

function fault(gfn) {
  seen = Atomics.load(words, sequence);
  if (Atomics.load(words, attributes + gfn) !== 1) return -14;
  if (isStaleUnsafe(gfn)) return 1;
  const folio = getPfn(gfn);
  if (isStaleUnsafe(gfn)) return 1;
  readLock(mmuLock);
  const stale = isStale(gfn);
  if (!stale) mapFolio(gfn, folio);
  readUnlock(mmuLock);
  return stale ? 1 : 2;
}

function convert(gfn, to) {
  writeLock(invalidateLock);
  if (Atomics.load(words, attributes + gfn) !== to) {
    writeLock(mmuLock);
    const common = takeStripe(0);
    add(inProgress, 1);
    Atomics.store(words, rangeStart, gfn);
    Atomics.store(words, rangeEnd, gfn + 1);
    Atomics.store(stripes, 0, common + 2);
    const stripe = stripeOf(gfnStripes, gfn);
    let version = takeStripe(stripe);
    const sptes = to === 1 ? sharedSptes : privateSptes;
    const mapped = Atomics.load(words, sptes + gfn);
    if (mapped !== 0) {
      send(mapped - 1, unmap);
      Atomics.store(words, sptes + gfn, 0);
    }
    Atomics.store(stripes, stripe, version + 2);
    writeUnlock(mmuLock);
    const present = Atomics.load(words, pages + gfn);
    if (to === 0 && present !== 0 && isAssigned[Atomics.load(words, folios + present - 1) & mask] === 1) {
      send(present - 1, unassign);
    }
    version = takeStripe(stripe);
    Atomics.store(words, attributes + gfn, to);
    if (Atomics.load(words, inProgress) <= 0) throw new Error('no invalidation is open');
    Atomics.store(stripes, stripe, version + 2);
    writeLock(mmuLock);
    Atomics.add(words, sequence, 1);
    add(inProgress, -1);
    writeUnlock(mmuLock);
  }
  writeUnlock(invalidateLock);
}

// control: [go, then the number of faults of each thread]. Go: 0 wait, 1 run, 2 end.
Atomics.add(control, 1 + threads, 1);
for (;;) {
  Atomics.wait(control, 0, 0);
  if (Atomics.load(control, 0) === 2) break;
  while (Atomics.load(control, 0) === 1) {
    for (let i = 0; i < BATCH; i++) fault(random.below(gfns));
    const gfn = random.below(gfns);
    convert(gfn, 0);
    convert(gfn, 1);
    Atomics.add(control, 1 + thread, BATCH);
  }
}
