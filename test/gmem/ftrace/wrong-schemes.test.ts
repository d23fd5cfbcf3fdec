/**
 * Kernels that i3 was not recorded on: what their steps would show is not what the trace shows.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { conformTrace } from '../../../src/gmem/ftrace/conform-trace.js';
import { readTraceText } from '../../../src/gmem/ftrace/trace-lines.js';
import { loadScheme } from '../../../src/gmem/scheme-lookup.js';

const FILE = new URL('../../fixtures/traces/i3-icount-2vcpu-punch-d10.trace.txt.gz', import.meta.url);
const trace = readTraceText(gunzipSync(readFileSync(FILE)).toString());

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
