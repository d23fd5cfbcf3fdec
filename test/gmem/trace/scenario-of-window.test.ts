import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { parseTrace } from '../../../src/gmem/trace/parse-trace.js';
import { scenarioOfWindow } from '../../../src/gmem/trace/scenario-of-window.js';
import type { TraceCall } from '../../../src/gmem/trace/trace.js';
import { arbitraryTrace } from './sample-trace.js';

const trace = parseTrace(
  `PARAMS vcpus=3 pages=16
TIDS puncher=4 toucher=5 allocer=6
G 2 3 0 10 19 7 r 0x0 0x0
G 2 3 1 20 29 3 rw 0x0 0x3000000
G 0 1 0 15 40 9 rw 0x0 0x1000000
U P 4 31 39 6 4 0
U A 6 41 49 15 4 0
U R 5 41 44 3 0 0
U W 5 45 46 7 1 0
U B 5 47 48 3 0 0
G 2 3 2 60 69 1 r 0x0 0x0
`,
  'log.txt',
);

describe('scenarioOfWindow', () => {
  const scenario = scenarioOfWindow(trace, { from: 0, count: 8 }, '/logs/i9-some log.user.txt.gz');

  it('is a shared file without an arch, with two spare frames', () => {
    expect(scenario).toMatchObject({
      arch: 'none',
      gfns: 6,
      frames: 8,
      attribute: 'shared',
      attributes: Array(6).fill('shared'),
      conversion: 'in-place',
      gate: true,
      hookFails: false,
      allocationFails: false,
    });
  });

  it('is named after the log and the window', () => {
    expect(scenario.name).toBe('i9-some-log.from-0.count-8');
    expect(scenario.title).toBe('recorded workload i9-some-log: 8 calls from call 0 of 9');
  });

  it('has the actors of the window: vCPUs first, then the host', () => {
    expect(scenario.actors.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'vCPU0 vcpu',
      'vCPU2 vcpu',
      'puncher host',
      'toucher host',
      'allocer host',
    ]);
  });

  it('makes their calls, on pages renumbered in ascending order (3 6 7 8 9 15)', () => {
    expect(scenario.actors.map(({ calls }) => calls.map(({ spec }) => spec))).toEqual([
      [{ call: 'write', gfn: 4, as: 'shared' }],
      [
        { call: 'read', gfn: 2, as: 'shared' },
        { call: 'write', gfn: 0, as: 'shared' },
      ],
      [{ call: 'punch-hole', gfn: 1, count: 4 }],
      [
        { call: 'host-read', gfn: 0 },
        { call: 'host-write', gfn: 2 },
        { call: 'host-read', gfn: 0 },
      ],
      [{ call: 'allocate', gfn: 5, count: 1 }],
    ]);
  });

  it('lets a call start after those that had ended', () => {
    expect(scenario.actors.map(({ calls }) => calls.map(({ after }) => after))).toEqual([
      [undefined],
      [undefined, undefined],
      [[{ actor: 1, calls: 2 }]],
      [
        [
          { actor: 0, calls: 1 },
          { actor: 2, calls: 1 },
        ],
        undefined,
        undefined,
      ],
      [
        [
          { actor: 0, calls: 1 },
          { actor: 2, calls: 1 },
        ],
      ],
    ]);
  });

  it('leaves out actors and pages that the window does not have', () => {
    const last = scenarioOfWindow(trace, { from: 8, count: 1 }, 'log.txt');
    expect(last.actors).toEqual([
      { name: 'vCPU2', kind: 'vcpu', calls: [{ spec: { call: 'read', gfn: 0, as: 'shared' } }] },
    ]);
    expect(last.gfns).toBe(1);
  });

  it('keeps every call of any window, on pages that are equal where they were equal and next where they were next', () => {
    fc.assert(
      fc.property(arbitraryTrace, fc.nat(), fc.nat(), (any, some, more) => {
        const from = some % any.calls.length;
        const count = 1 + (more % (any.calls.length - from));
        const { actors, gfns } = scenarioOfWindow(any, { from, count }, 'log.txt');
        const window = any.calls.slice(from, from + count);
        const pageOf = new Map<number, number>();
        for (const { name, calls } of actors) {
          const recorded = window.filter((call) => call.actor === name);
          expect(calls.map(({ spec }) => ('count' in spec ? spec.count : 1))).toEqual(
            recorded.map(({ count: n }) => n),
          );
          for (const [at, { spec }] of calls.entries()) rename(pageOf, recorded[at], spec.gfn);
        }
        expect(actors.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(count);
        expect([...pageOf.keys()].sort((one, two) => one - two)).toEqual(Array.from({ length: gfns }, (_, gfn) => gfn));
        const pages = Array.from({ length: gfns }, (_, gfn) => pageOf.get(gfn) as number);
        expect(pages).toEqual([...new Set(pages)].sort((one, two) => one - two));
      }),
    );
  });

  it('survives a trip through JSON', () => {
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });

  it('refuses a window with more actors than an engine takes', () => {
    const lines = Array.from({ length: 31 }, (_, vcpu) => `G ${vcpu} 1 0 1 2 0 r 0x0 0x0`);
    const many = parseTrace(`PARAMS vcpus=31 pages=1\n${lines.join('\n')}`, 'many.txt');
    expect(() => scenarioOfWindow(many, { from: 0, count: 31 }, 'many.txt')).toThrow(
      new InputError('faultline: many.txt: the window has 31 actors; allowed: up to 30'),
    );
    expect(scenarioOfWindow(many, { from: 0, count: 30 }, 'many.txt').actors).toHaveLength(30);
  });

  it('refuses a window with more pages than a file may have', () => {
    const wide = parseTrace(
      'PARAMS vcpus=1 pages=5000\nTIDS puncher=4 toucher=0 allocer=0\nU P 4 1 2 0 5000 0',
      'w.txt',
    );
    expect(() => scenarioOfWindow(wide, { from: 0, count: 1 }, 'w.txt')).toThrow('the window has 5000 pages');
  });
});

/** Notes which page stands behind each gfn of a call; a gfn stands for one page only. */
function rename(pageOf: Map<number, number>, call: TraceCall, gfn: number): void {
  for (let step = 0; step < call.count; step++) {
    expect(pageOf.get(gfn + step) ?? call.page + step).toBe(call.page + step);
    pageOf.set(gfn + step, call.page + step);
  }
}
