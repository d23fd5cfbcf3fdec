/** Over random runs: what is written is what the format asks for, whatever happened. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ajv from 'ajv-draft-04';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { itfOf } from '../../src/exports/itf.js';
import { perfettoOf } from '../../src/exports/perfetto.js';
import { resultOfRuns } from '../../src/exports/run-result.js';
import { sarifOf } from '../../src/exports/sarif.js';
import { compileModel } from '../../src/index.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { traceDocument } from '../../src/report/trace-document.js';
import type { TraceDocument } from '../../src/trace/trace-schema.js';
import { randomTrace } from '../report/random-run.js';
import { counter, folios, lockOrder } from '../report/toy-models.js';

const schema = JSON.parse(readFileSync(new URL('../fixtures/schemas/sarif-2.1.0.json', import.meta.url), 'utf8'));
const isSarif = new ajv.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
const trace = protobuf.loadSync(fileURLToPath(new URL('perfetto.proto', import.meta.url))).lookupType('Trace');

it('SARIF is valid, slices of Perfetto nest and end, every state of ITF has every variable', async () => {
  const programs = await Promise.all([counter, lockOrder, folios, folios.with({ vcpus: 3 })].map(compileModel));
  const runs = fc.record({ program: fc.nat({ max: programs.length - 1 }), seed: fc.nat() });
  fc.assert(
    fc.property(runs, ({ program, seed }) => {
      const run = traceDocument(randomTrace(programs[program], seed), { source: { id: '0badcafe' } });
      expectSarif(run);
      expectSlices(run);
      const { vars, states } = JSON.parse(itfOf(run));
      expect(states).toHaveLength(run.steps.length + 1);
      for (const { '#meta': _, ...values } of states) expect(Object.keys(values)).toEqual(vars);
    }),
    { numRuns: 12 },
  );
});

function expectSarif(run: TraceDocument): void {
  const result = resultSchema.parse(resultOfRuns('show', [run]));
  isSarif(JSON.parse(sarifOf(result, [run])));
  expect(isSarif.errors ?? []).toEqual([]);
}

function expectSlices(run: TraceDocument): void {
  const { packet } = trace.toObject(trace.decode(perfettoOf(run)), { longs: Number });
  const open = new Map<number, number>();
  const flows = new Map<number, number>();
  let now = 0;
  for (const { timestamp, trackEvent } of packet) {
    if (trackEvent === undefined) continue;
    expect(timestamp).toBeGreaterThanOrEqual(now);
    now = timestamp;
    const { type, trackUuid, flowIds = [], terminatingFlowIds = [] } = trackEvent;
    const depth = (open.get(trackUuid) ?? 0) + (type === 1 ? 1 : type === 2 ? -1 : 0);
    expect(depth).toBeGreaterThanOrEqual(0);
    open.set(trackUuid, depth);
    for (const flow of flowIds) flows.set(flow, (flows.get(flow) ?? 0) + 1);
    for (const flow of terminatingFlowIds) flows.set(flow, (flows.get(flow) ?? 0) + 2);
  }
  expect(new Set(open.values()).size === 0 || Math.max(...open.values()) === 0).toBe(true);
  // Each begins once and ends once, and does so first.
  expect([...flows.values()].every((ends) => ends === 3)).toBe(true);
  expect(flows.size).toBe(run.conflicts.length);
}
