/** The recorded traces that tests hold, and forgeries of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root } from '../run-cli.js';

const fixture = (name: string): string => join(root, 'test/fixtures/traces', name);

/** Two vCPUs that read and write, and 80 punched holes. */
export const i3 = fixture('i3-icount-2vcpu-punch-d10.trace.txt.gz');
/** Two vCPUs that read and write the same pages. */
export const d2 = fixture('d2-same-nopunch.trace.txt.gz');

/** The text of a trace. */
export const textOf = (path: string): string => gunzipSync(readFileSync(path)).toString('utf8');

/** Line of i3 that ends the first hole, and what the forgery says there. */
export const FORGED_LINE = 1426;

/** i3 with the sequence one too high where the first hole ends, in a folder. */
export function forged(folder: string, name = 'forged.trace.txt'): string {
  const lines = textOf(i3).split('\n');
  const line = lines[FORGED_LINE - 1];
  lines[FORGED_LINE - 1] = line.replace(' seq=5 ', ' seq=6 ');
  if (lines[FORGED_LINE - 1] === line) throw new Error(`line ${FORGED_LINE} of the trace is another one: ${line}`);
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}
