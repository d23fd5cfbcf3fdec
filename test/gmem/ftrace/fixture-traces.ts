/** The recorded traces of test/fixtures, as the reader of traces has them. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readTraceText, type TraceText } from '../../../src/gmem/ftrace/trace-lines.js';

const NAMES = {
  d2: 'd2-same-nopunch',
  i3: 'i3-icount-2vcpu-punch-d10',
  f2: 'f2-start-together-punch',
  f4: 'f4-4vcpu-punch-umap-alloc',
  r2: 'r2-rebind',
  t2: 't2-page-comes-back',
};
export type FixtureName = keyof typeof NAMES;

const pathOf = (name: FixtureName, what: string) =>
  new URL(`../../fixtures/traces/${NAMES[name]}.${what}.txt.gz`, import.meta.url);

/** The text of a trace, or of the log beside it. */
export const textOf = (name: FixtureName, what: 'trace' | 'user'): string =>
  gunzipSync(readFileSync(pathOf(name, what))).toString();

/** A trace. */
export const traceOf = (name: FixtureName): TraceText => readTraceText(textOf(name, 'trace'));

/** The log of accesses beside it, as an option of `conformTrace`; nothing where there is none. */
export const logOf = (name: FixtureName): { userLog?: string } =>
  existsSync(pathOf(name, 'user')) ? { userLog: textOf(name, 'user') } : {};

/** A trace as if some probes had not been there. */
export function without(trace: TraceText, ...events: readonly string[]): TraceText {
  return { ...trace, lines: trace.lines.filter(({ event }) => !events.includes(event)) };
}
