/**
 * RMPOPT: who sets the bits again that RMPUPDATE clears, and when (P0, P1 and P2 in docs/kernel.md; arch/x86/virt/svm/sev.c as it was
 * posted). Imported by the RMP side of SNP, by what ends, and by variants.
 *
 * A scan goes over every GB on one CPU, then the others do, whose bits are taken to be those of the first; of them only matters
 * whether they know the instruction. A delay of the work queue is over once the files that end have ended, for it takes seconds;
 * a scenario may have it otherwise.
 */

import { compute, waitUntil } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import { atomic, here, type Routine } from '../../core/ops/routine.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';
import { DELAYED, DUE, IDLE, type Rmpopt } from '../world/rmpopt.js';

/** What a scheme does about the bits besides what its routines do. */
export interface Optimizing {
  /** What the end of a VM does: begins the delay of the work anew, or not while it is pending; or scans itself. */
  readonly request?: 'queue' | 'modify' | 'none: scans at once';
  /** On which CPU the work scans: where it is, from which it must not be moved; or on one that it sends the scan to. */
  readonly scansOn?: 'own CPU' | 'a CPU';
  /** Whether CPUs may go and come while SNP is on. */
  readonly hotplug?: 'on' | 'off';
  /** Whether the shutdown of SNP waits for the work, and puts an end to it. */
  readonly shutdown?: 'cancels' | 'ignores';
  /** Whether the work takes the mutex that requests and the shutdown take. */
  readonly workLocks?: boolean;
  /** What counts free pages, and acts where a GB is full of them. */
  readonly counts?: 'by range' | 'by range, acted once' | 'by inode';
}

/** What the scheme does about the bits. */
export function optimizingOf(g: Gmem): Optimizing {
  return g.scheme.optimizing ?? {};
}

const UNKNOWN_INSTRUCTION =
  'the processor does not know the instruction there: SNP is off, or the CPU was never set up for it; the host takes a #UD and dies';

/** Whether the instructions about the RMP are any: a part of the section of one. */
export function* snpIsEnabled(g: Gmem): Routine {
  const { snp } = g.world.platform;
  if (snp === undefined) return;
  yield* snp.enabled.apply<void>('SYSCFG.SNPEn', 'none', {
    violation: (enabled) => (enabled === 1 ? undefined : { kind: 'invalid-opcode', words: UNKNOWN_INSTRUCTION }),
  });
}

/** cc_platform_has(CC_ATTR_HOST_SEV_SNP) */
export function* hasSnp(g: Gmem): Routine<boolean> {
  const { snp } = g.world.platform;
  if (snp === undefined) return true;
  const isOn = { result: (attribute: number) => attribute };
  return yield* snp.attribute.apply<boolean>('cc_platform_has(CC_ATTR_HOST_SEV_SNP)', 'boolean', isOn);
}

/** What RMPUPDATE does besides: the bit of the GB goes, and it has so many assigned pages more. A part of its section. */
export function* rmpUpdated(g: Gmem, page: Folio, more: 1 | -1): Routine {
  const { rmpopt } = g.world;
  if (rmpopt === undefined) return;
  const { bits, assigned, count, inGb } = rmpopt;
  const gbs = Array.from({ length: count }, (_, gb) => gb);
  yield* compute(
    'the RMPOPT bit of $0',
    [page, ...gbs.map((gb) => bits.at(gb)), ...gbs.map((gb) => assigned.at(gb))],
    (values) => {
      const gb = Math.floor((values[0] - 1) / inGb);
      values[1 + gb] = 0;
      values[1 + count + gb] += more;
    },
    { writes: true },
  );
}

/** RMPOPT of a GB: sets the bit where no page of it is assigned. */
export function* rmpoptGb(g: Gmem, { bits, assigned }: Rmpopt, gb: number): Routine {
  yield* atomic(`RMPOPT(GB ${gb})`, function* () {
    yield* snpIsEnabled(g);
    yield* compute(
      '% = no page of it is assigned',
      [bits.at(gb), assigned.at(gb)],
      (values) => {
        values[0] = values[1] === 0 ? 1 : values[0];
      },
      { writes: true },
    );
  });
}

/** snp_perform_rmp_optimization(): scans all memory, where SNP is on. */
export function* scanIfSnp(g: Gmem): Routine {
  const { rmpopt } = g.world;
  if (rmpopt === undefined) return;
  yield* inFunction('snp_perform_rmp_optimization', g.version, function* () {
    if (yield* hasSnp(g)) yield* scan(g, rmpopt);
  });
}

function* scan(g: Gmem, rmpopt: Rmpopt): Routine {
  for (let gb = 0; gb < rmpopt.count; gb++) yield* rmpoptGb(g, rmpopt, gb);
}

/** RMPOPT of the GB that a page is in, which left its file just now. */
export function* rmpoptOfFolio(g: Gmem, folio: Folio): Routine {
  const { rmpopt } = g.world;
  if (rmpopt === undefined || !(yield* hasSnp(g))) return;
  for (const page of pagesOf(folio)) yield* rmpoptGb(g, rmpopt, yield* gbOf(rmpopt, page));
}

function gbOf({ inGb }: Rmpopt, page: Folio): Op<number> {
  return compute<number>('the GB of $0', [page], ([frame]) => Math.floor((frame - 1) / inGb), { result: 'number' });
}

/** A page has entered a file: one free page of its GB less. */
export function* countTaken(g: Gmem, folio: Folio): Routine {
  const { rmpopt } = g.world;
  const pages = countsOf(g);
  if (rmpopt === undefined || pages === undefined) return;
  for (const page of pagesOf(folio)) {
    const gb = yield* gbOf(rmpopt, page);
    const less = { next: (count: number) => Math.max(0, count - 1) };
    yield* pages.at(gb).apply<void>('%--', 'none', less);
  }
}

/** A page has left its file, unassigned: who counts the last one of a GB acts on it. */
export function* countFreed(g: Gmem, folio: Folio): Routine {
  const { rmpopt, scenario } = g.world;
  const pages = countsOf(g);
  if (rmpopt === undefined || pages === undefined) return;
  for (const page of pagesOf(folio)) {
    const gb = yield* gbOf(rmpopt, page);
    const full = rmpopt.framesOf(gb, scenario.frames);
    const free = yield* pages.at(gb).fetchAdd(1);
    if (free + 1 !== full || !(yield* mayAct(rmpopt, gb)) || !(yield* hasSnp(g))) continue;
    yield* rmpoptGb(g, rmpopt, gb);
  }
}

function* mayAct({ counts }: Rmpopt, gb: number): Routine<boolean> {
  const { acted } = counts!;
  return acted === undefined || (yield* acted.at(gb).cmpxchg(0, 1));
}

function countsOf(g: Gmem) {
  const { pages } = g.world.rmpopt?.counts ?? {};
  return pages?.[pages.length === 1 ? 0 : g.world.inodes.indexOf(g.file.inode)];
}

/** The request of a VM that is destroyed: a scan in ten seconds. */
export function* requestScan(g: Gmem): Routine {
  const work = g.world.rmpopt?.work;
  if (optimizingOf(g).request === 'none: scans at once') return yield* scanIfSnp(g);
  if (work === undefined) return;
  const isModified = optimizingOf(g).request === 'modify';
  yield* inFunction('snp_rmpopt_all_physmem', g.version, function* () {
    yield* work.mutex.lock();
    if ((yield* work.configured.read()) === 1) {
      if (isModified) yield* work.timer.write(DELAYED).named('mod_delayed_work()');
      else yield* work.timer.cmpxchg(IDLE, DELAYED).named('queue_delayed_work()');
    }
    yield* work.mutex.unlock();
  });
}

/** Says that a file is in its __fput(), or out of it, to who waits for a delay to be over. */
export function* fputGoesOn(g: Gmem, more: 1 | -1): Routine {
  const work = g.world.rmpopt?.work;
  if (work !== undefined) yield* work.ending.add(more);
}

/** Declares the task of the work, where there is one. */
export function declareScanWork(m: ModelBuilder, g: Gmem): void {
  const work = g.world.rmpopt?.work;
  if (work === undefined) return;
  m.actor('rmpopt_work', () => rmpoptWork(g), { daemon: true });
  const ends = (runs: number) => runs === 0 || 'rmpopt_work has begun and never gets to its end';
  m.finally('rmpopt_work ends', [work.running], ends, { kind: 'deadlock' });
}

/** The work: waits for its delay, scans on one CPU, then has the others do it. For ever. */
function* rmpoptWork(g: Gmem): Routine {
  const { timer, running, ending, mutex } = g.world.rmpopt!.work!;
  const { workLocks = false } = optimizingOf(g);
  const isSlow = g.scenario.slowEvict === true;
  const again = yield* here();
  yield* atomic('the delay is over', function* () {
    const isOver = (state: number, files: number) => state === DELAYED && (isSlow || files === 0);
    yield* waitUntil([timer, ending], isOver, 'until the delay is over');
    yield* timer.write(DUE);
  });
  const begins = (values: number[]): boolean => {
    if (values[0] !== DUE) return false;
    [values[0], values[1]] = [IDLE, 1];
    return true;
  };
  const isBegun = yield* compute<boolean>('rmpopt_work begins', [timer, running], begins, {
    writes: true,
    result: 'boolean',
  });
  if (!isBegun) return yield* again();
  if (workLocks) yield* mutex.lock();
  yield* inFunction('rmpopt_work_fn', g.version, () => scanOnAll(g));
  if (workLocks) yield* mutex.unlock();
  yield* running.write(0).named('rmpopt_work ends');
  return yield* again();
}

function* scanOnAll(g: Gmem): Routine {
  const { rmpopt, platform } = g.world;
  const { cpus } = platform;
  if (cpus === undefined) return yield* scan(g, rmpopt!);
  const stays = optimizingOf(g).scansOn === 'own CPU' && (yield* migrateDisable(g));
  if (!stays) yield* scan(g, rmpopt!);
  yield* cpus.lock.downRead();
  if (stays) yield* scan(g, rmpopt!);
  yield* atomic('RMPOPT on the other CPUs', function* () {
    yield* snpIsEnabled(g);
    // What set the MSR of every CPU was there before that one was.
    const violation = (isOnline: number) =>
      isOnline === 1 ? ({ kind: 'invalid-opcode', words: UNKNOWN_INSTRUCTION } as const) : undefined;
    yield* cpus.late.apply<void>('RMPOPT on CPU 2, if it is online', 'none', { violation });
  });
  yield* cpus.lock.upRead();
  if (stays) yield* cpus.pinned.add(-1).named('migrate_enable()');
}

/** migrate_disable() of the work, which runs on CPU 1 while that is online. Whether it is there. */
function* migrateDisable(g: Gmem): Routine<boolean> {
  const { online, pinned } = g.world.platform.cpus!;
  return yield* atomic('migrate_disable()', function* () {
    if ((yield* online.read()) === 0) return false;
    yield* pinned.add(1);
    return true;
  });
}

/** rmpopt_cleanup(): no scan any more, and none under way. */
export function* rmpoptCleanup(g: Gmem): Routine {
  const work = g.world.rmpopt?.work;
  if (work === undefined || optimizingOf(g).shutdown !== 'cancels') return;
  yield* inFunction('rmpopt_cleanup', g.version, function* () {
    yield* work.mutex.lock();
    yield* work.timer.write(IDLE).named('cancel_delayed_work_sync()');
    yield* work.running.waitUntil((runs) => runs === 0).named('cancel_delayed_work_sync(): until it ends');
    yield* work.configured.write(0).named('destroy_workqueue()');
    yield* work.mutex.unlock();
  });
}
