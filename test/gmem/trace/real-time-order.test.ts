import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StartsAfter } from '../../../src/gmem/scenarios/scenario.js';
import { realTimeOrder } from '../../../src/gmem/trace/real-time-order.js';
import type { TraceCall } from '../../../src/gmem/trace/trace.js';
import { arbitraryTrace } from './sample-trace.js';

const actors = ['vCPU0', 'vCPU1', 'puncher', 'toucher', 'allocer'];

function call(actor: string, t0: number, t1: number): TraceCall {
  return { actor, kind: 'guest-read', page: 0, count: 1, t0, t1, line: 1 };
}

/** Every pair "i first, then j" that follows from the actors' own order and the constraints. */
function closureOf(calls: readonly TraceCall[], order: readonly (readonly StartsAfter[])[]): ReadonlySet<string> {
  const positions = actors.map((actor) => calls.flatMap((one, at) => (one.actor === actor ? [at] : [])));
  const before: Set<number>[] = [];
  for (const [at, { actor }] of calls.entries()) {
    const own = positions[actors.indexOf(actor)];
    const direct = order[at].map((constraint) => positions[constraint.actor][constraint.calls - 1]);
    if (own.indexOf(at) > 0) direct.push(own[own.indexOf(at) - 1]);
    before.push(new Set(direct.flatMap((first) => [first, ...before[first]])));
  }
  return new Set(before.flatMap((firsts, at) => [...firsts].map((first) => `${first} ${at}`)));
}

/** The same from the times. */
function realTime(calls: readonly TraceCall[]): ReadonlySet<string> {
  const first = (one: number, two: number) =>
    calls[one].actor === calls[two].actor ? one < two : calls[one].t1 < calls[two].t0;
  const all = calls.map((_, at) => at);
  return new Set(all.flatMap((two) => all.filter((one) => first(one, two)).map((one) => `${one} ${two}`)));
}

describe('realTimeOrder', () => {
  it('lets overlapping calls be', () => {
    expect(realTimeOrder([call('vCPU0', 0, 5), call('vCPU1', 5, 9)], actors)).toEqual([[], []]);
  });

  it('makes a call wait for the last call of another actor that had ended', () => {
    const calls = [call('vCPU0', 0, 1), call('vCPU0', 1, 3), call('vCPU0', 3, 9), call('vCPU1', 4, 6)];
    expect(realTimeOrder(calls, actors)).toEqual([[], [], [], [{ actor: 0, calls: 2 }]]);
  });

  it('leaves out what an earlier call of the same actor waited for', () => {
    const calls = [call('vCPU0', 0, 1), call('vCPU1', 2, 3), call('vCPU1', 4, 5)];
    expect(realTimeOrder(calls, actors)).toEqual([[], [{ actor: 0, calls: 1 }], []]);
  });

  it('leaves out what another constraint of the call implies', () => {
    const calls = [call('vCPU0', 0, 1), call('vCPU1', 2, 3), call('puncher', 4, 5)];
    expect(realTimeOrder(calls, actors)).toEqual([[], [{ actor: 0, calls: 1 }], [{ actor: 1, calls: 1 }]]);
  });

  it('is recovered exactly from the constraints', () => {
    fc.assert(
      fc.property(arbitraryTrace, ({ calls }) => {
        expect(closureOf(calls, realTimeOrder(calls, actors))).toEqual(realTime(calls));
      }),
      { numRuns: 1_000 },
    );
  });

  it('needs every constraint that is left', () => {
    fc.assert(
      fc.property(arbitraryTrace, ({ calls }) => {
        const order = realTimeOrder(calls, actors);
        const whole = closureOf(calls, order).size;
        for (const [at, constraints] of order.entries()) {
          for (const dropped of constraints) {
            const fewer = order.with(
              at,
              constraints.filter((constraint) => constraint !== dropped),
            );
            expect(closureOf(calls, fewer).size).toBeLessThan(whole);
          }
        }
      }),
    );
  });

  it('never makes the actors wait for one another: whoever is picked next, all calls complete', () => {
    fc.assert(
      fc.property(arbitraryTrace, fc.infiniteStream(fc.nat()), ({ calls }, picks) => {
        const order = realTimeOrder(calls, actors);
        const scripts = actors.map((actor) => calls.flatMap((one, at) => (one.actor === actor ? [at] : [])));
        const done = actors.map(() => 0);
        for (let left = calls.length; left > 0; left--) {
          const ready = scripts.flatMap((script, actor) => {
            const next = script[done[actor]];
            const waits = next === undefined || order[next].some((after) => done[after.actor] < after.calls);
            return waits ? [] : [actor];
          });
          expect(ready.length).toBeGreaterThan(0);
          done[ready[picks.next().value % ready.length]]++;
        }
      }),
    );
  });
});
