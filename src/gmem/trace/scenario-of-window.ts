/**
 * A window of a recorded workload as a scenario: its actors, their calls in their order, and the real-time order of
 * calls that did not overlap.
 */

import { basename } from 'node:path';
import { inputProblem } from '../../core/input-sentence.js';
import { completedCall } from '../calls/call-spec.js';
import type { CallName } from '../calls/registry.js';
import { type Scenario, type ScenarioCall, scenarioBounds } from '../scenarios/scenario.js';
import { realTimeOrder } from './real-time-order.js';
import type { RecordedTrace, TraceCall, TraceCallKind, TraceWindow } from './trace.js';

/** What a scenario calls the calls of a log. */
const callOf: Readonly<Record<TraceCallKind, CallName>> = {
  'guest-read': 'read',
  'guest-update': 'write',
  'user-read': 'host-read',
  'user-write': 'host-write',
  'punch-hole': 'punch-hole',
  allocate: 'allocate',
};

/** The order of host actors, after the vCPUs. */
const hostActors = ['puncher', 'toucher', 'allocer'];

/**
 * Makes the scenario of a window of the log named `fileName`: arch none, every gfn shared (the log's VM has the
 * INIT_SHARED flag), the pages that the window touches renumbered from 0 in ascending order. A guest's
 * read-modify-write is a `write`; an access that got SIGBUS is a `host-read`.
 *
 * @throws InputError when the window has more actors or pages than a scenario may have.
 */
export function scenarioOfWindow(trace: RecordedTrace, window: TraceWindow, fileName: string): Scenario {
  const { from, count } = window;
  const calls = trace.calls.slice(from, from + count);
  const actors = actorsOf(calls, trace.vcpus);
  const gfnOf = gfnsOf(calls);
  const gfns = gfnOf.size;
  refuseAbove('actors', actors.length, scenarioBounds.actors, fileName);
  refuseAbove('pages', gfns, scenarioBounds.gfns, fileName);
  const order = realTimeOrder(calls, actors);
  const attributes = Array.from({ length: gfns }, () => 'shared' as const);
  const scripts = new Map(actors.map((actor) => [actor, [] as ScenarioCall[]]));
  for (const [position, call] of calls.entries()) {
    const gfn = gfnOf.get(call.page) as number;
    const spec = completedCall({ call: callOf[call.kind], gfn, count: call.count }, attributes);
    const after = order[position];
    scripts.get(call.actor)?.push(after.length === 0 ? { spec } : { spec, after });
  }
  const log = logName(fileName);
  return {
    name: `${log}.from-${from}.count-${calls.length}`,
    title: `recorded workload ${log}: ${calls.length} calls from call ${from} of ${trace.calls.length}`,
    arch: 'none',
    gfns,
    frames: gfns + 2,
    attribute: 'shared',
    attributes,
    conversion: 'in-place',
    gate: true,
    hookFails: false,
    allocationFails: false,
    actors: [...scripts].map(([name, script]) => ({
      name,
      kind: hostActors.includes(name) ? ('host' as const) : ('vcpu' as const),
      calls: script,
    })),
  };
}

function actorsOf(calls: readonly TraceCall[], vcpus: number): readonly string[] {
  const present = new Set(calls.map((call) => call.actor));
  return [...Array.from({ length: vcpus }, (_, index) => `vCPU${index}`), ...hostActors].filter((actor) =>
    present.has(actor),
  );
}

/** Page to gfn. A range's pages are all touched, so a range stays a range. */
function gfnsOf(calls: readonly TraceCall[]): ReadonlyMap<number, number> {
  const pages = new Set(calls.flatMap(({ page, count }) => Array.from({ length: count }, (_, step) => page + step)));
  return new Map([...pages].sort((one, other) => one - other).map((page, gfn) => [page, gfn]));
}

function logName(fileName: string): string {
  const name = basename(fileName).replace(/(\.user)?(\.txt)?(\.gz)?$/, '');
  return name.replace(/[^\w.-]/g, '-') || 'log';
}

function refuseAbove(what: string, number: number, most: number, fileName: string): void {
  if (number > most) throw inputProblem(fileName, `the window has ${number} ${what}; allowed: up to ${most}`);
}
