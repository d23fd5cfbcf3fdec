/**
 * Traces for tests: arbitrary ones, logs written out, and the real ones.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { RecordedTrace, TraceCall, TraceCallKind } from '../../../src/gmem/trace/trace.js';

const vcpus = 2;
const pages = 5;
const tids = { puncher: 11, toucher: 12, allocer: 13 };

/** The folder of the recorded workloads: $FAULTLINE_TRACES, else ../shared/traces beside the repository. */
export const tracesFolder = process.env.FAULTLINE_TRACES ?? join(import.meta.dirname, '../../../../shared/traces');

/** The recorded workloads, and whether they are here. */
export const recordedLogs = {
  'd2-same-nopunch': join(tracesFolder, 'd2-same-nopunch.user.txt.gz'),
  'i3-icount-2vcpu-punch-d10': join(tracesFolder, 'i3-icount-2vcpu-punch-d10.user.txt.gz'),
  'i4-icount-2vcpu-punch-umap-alloc': join(tracesFolder, 'i4-icount-2vcpu-punch-umap-alloc.user.txt.gz'),
};
export const haveRecordedLogs = Object.values(recordedLogs).every((path) => existsSync(path));

const kinds: Readonly<Record<string, readonly TraceCallKind[]>> = {
  vCPU0: ['guest-read', 'guest-update'],
  vCPU1: ['guest-read', 'guest-update'],
  puncher: ['punch-hole'],
  toucher: ['user-read', 'user-write'],
  allocer: ['allocate'],
};

function script(actor: string): fc.Arbitrary<readonly TraceCall[]> {
  const ranged = actor === 'puncher' || actor === 'allocer';
  // Short times, so that ties, touching and zero-length calls are common.
  const one = fc.record({
    gap: fc.nat(4),
    duration: fc.nat(4),
    kind: fc.constantFrom(...kinds[actor]),
    page: fc.nat(pages - 1),
    count: ranged ? fc.integer({ min: 1, max: 3 }) : fc.constant(1),
  });
  return fc.array(one, { maxLength: 8 }).map((calls) => {
    let time = 0;
    return calls.map(({ gap, duration, kind, page, count }) => {
      const t0 = time + gap;
      time = t0 + duration;
      return { actor, kind, page, count: Math.min(count, pages - page), t0, t1: time, line: 0 };
    });
  });
}

/** Any trace with at least one call: lines are numbered as `logText` writes them. */
export const arbitraryTrace: fc.Arbitrary<RecordedTrace> = fc
  .tuple(...Object.keys(kinds).map(script))
  .filter((scripts) => scripts.some((calls) => calls.length > 0))
  .map((scripts) => ({
    vcpus,
    pages,
    calls: scripts
      .flat()
      .map((call, index) => ({ ...call, line: index + 3 }))
      .sort((one, other) => one.t0 - other.t0 || one.t1 - other.t1 || one.line - other.line),
  }));

/** Writes a trace as a log, thread by thread, as the exerciser does. */
export function logText(trace: RecordedTrace): string {
  const byLine = [...trace.calls].sort((one, other) => one.line - other.line);
  return [
    `PARAMS vcpus=${trace.vcpus} pages=${trace.pages} ops=0`,
    `TIDS puncher=${tids.puncher} toucher=${tids.toucher} allocer=${tids.allocer} binder=0`,
    ...byLine.map(callLine),
    '',
  ].join('\n');
}

function callLine({ actor, kind, page, count, t0, t1 }: TraceCall): string {
  switch (kind) {
    case 'guest-read':
    case 'guest-update':
      return `G ${actor.slice(4)} 7 0 ${t0} ${t1} ${page} ${kind === 'guest-read' ? 'r' : 'rw'} 0x0 0x1000000`;
    case 'punch-hole':
    case 'allocate':
      return `U ${kind === 'punch-hole' ? 'P' : 'A'} ${tids[actor as 'puncher']} ${t0} ${t1} ${page} ${count} 0`;
    default:
      return `U ${kind === 'user-read' ? 'R' : 'W'} ${tids.toucher} ${t0} ${t1} ${page} 0 5`;
  }
}
