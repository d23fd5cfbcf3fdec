/**
 * A recorded workload: the calls that real programs made on a guest_memfd of a real kernel, with their times.
 *
 * Made by `parseTrace`, cut into scenarios by `scenarioOfWindow`. The log's format: README of the recorded workloads.
 */

/** What a recorded call did. `guest-update` reads a word and stores another; `user-*` goes through a user mapping. */
export type TraceCallKind = 'guest-read' | 'guest-update' | 'punch-hole' | 'allocate' | 'user-read' | 'user-write';

/** One recorded call on `count` pages from `page`; it was under way from `t0` to `t1` (TSC ticks of one clock). */
export interface TraceCall {
  /** `vCPU<n>`, `puncher`, `toucher` or `allocer`: one thread, whose calls never overlap. */
  readonly actor: string;
  readonly kind: TraceCallKind;
  readonly page: number;
  readonly count: number;
  readonly t0: number;
  readonly t1: number;
  /** Line in the log, from 1. */
  readonly line: number;
}

/** A whole log. */
export interface RecordedTrace {
  readonly vcpus: number;
  /** Pages of the file. */
  readonly pages: number;
  /** By `t0`, then `t1`, then line. */
  readonly calls: readonly TraceCall[];
}

/** A window of a trace: the calls [from, from + count) in the order of the trace. */
export interface TraceWindow {
  readonly from: number;
  readonly count: number;
}

/** Whether two calls were under way at the same time; one that starts in the tick in which another ends counts. */
export function overlapInTime(one: TraceCall, other: TraceCall): boolean {
  return one.t1 >= other.t0 && other.t1 >= one.t0;
}

/** Whether two calls touch a common page. */
export function shareAPage(one: TraceCall, other: TraceCall): boolean {
  return one.page < other.page + other.count && other.page < one.page + one.count;
}
