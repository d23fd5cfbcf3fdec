/**
 * Kernels that i3 was not recorded on: what their steps would show is not what the trace shows.
 */
import { expect, it } from 'vitest';
import { conformTrace } from '../../../src/gmem/ftrace/conform-trace.js';
import { defineScheme } from '../../../src/gmem/scheme.js';
import { loadScheme } from '../../../src/gmem/scheme-lookup.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { logOf, traceOf } from './fixture-traces.js';

const trace = traceOf('i3');

it.each([
  ['v3-inplace', 'waits for down_read(invalidate_lock)'],
  ['prepare-exclusive', 'the model does tracepoint down_write(invalidate_lock) first'],
  ['v2-hook-every-fault+no-seq-check', 'is_page_fault_stale() -> 0'],
  // A lock is where its op is, and not where the routine that was patched once took it.
  ['v2-hook-every-fault+check-outside-mmu-lock', 'the model does enter is_page_fault_stale first'],
])('%s does not explain i3', async (name, words) => {
  const { verdict, refusal } = await conformTrace(trace, { scheme: await loadScheme(name) });
  expect(verdict).toBe('refused');
  expect(refusal?.reasons.map((reason) => reason.words)).toContain(words);
});

it('a scheme that clears nothing does not explain i3', async () => {
  const scheme = defineScheme(v2HookEveryFault, {
    name: 'clears-nothing',
    *prepareFolio() {
      return 0;
    },
  });
  const { verdict, refusal } = await conformTrace(trace, { scheme, ...logOf('i3') });
  expect(verdict).toBe('refused');
  // The model says so where such a page is mapped, before anybody can read it.
  expect(refusal?.reasons[0].words).toMatch(/^in the model something breaks at .*MAP_SHARED/);
});

it('a scheme that takes its sample by itself explains i3 like the one whose steps it takes', async () => {
  const scheme = defineScheme(v2HookEveryFault, {
    name: 'samples-itself',
    *faultinPfn(g, gfn, isPrivate) {
      yield* g.invalidateSeq.take();
      return (yield* g.isPrivate(gfn)) === isPrivate;
    },
    *invalidateEnd(g) {
      yield* g.invalidateSeq.bump();
      yield* g.invalidateInProgress.add(-1);
    },
  });
  expect((await conformTrace(trace, { scheme })).verdict).toBe('explained');
});
