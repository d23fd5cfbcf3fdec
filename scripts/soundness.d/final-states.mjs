/**
 * Final states of live runs, held against those that an exhaustive search reaches: test/live/trust.test.ts with as many
 * runs as asked for.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grouped, printTable } from './print-table.mjs';

const ROOT = join(import.meta.dirname, '../..');
/** Tests of models; the others of the file need no runs. */
const NAME = 'live runs reach only final states that the search reaches: ';

/** Prints what came of it; whether every model passed. */
export async function finalStates({ runs }) {
  process.stderr.write(`final states: ${grouped(runs)} runs of each model\n`);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-soundness-'));
  try {
    const report = join(folder, 'report.json');
    await runTests(runs, report);
    const tests = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap((file) => file.assertionResults);
    const models = tests.filter(({ title }) => title.startsWith(NAME));
    if (models.length === 0) throw new Error('no test of final states was run');
    printTable(`Final states of ${grouped(runs)} live runs`, [
      ['model', 'runs', 'to their end', 'broke', 'states seen', 'of', 'not among them', ''],
      ...models.map(rowOf),
    ]);
    return models.every(({ status, meta }) => status === 'passed' && meta.trust?.runs === runs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf({ title, status, meta, failureMessages }) {
  const { trust } = meta;
  const verdict = status === 'passed' ? 'ok' : `FAIL ${failureMessages[0]?.split('\n')[0] ?? status}`;
  const numbers =
    trust === undefined
      ? ['-', '-', '-', '-', '-', '-']
      : [trust.runs, trust.completed, trust.broken, trust.reached, trust.possible, trust.outside].map(grouped);
  return [title.slice(NAME.length), ...numbers, verdict];
}

function runTests(runs, report) {
  // A loaded machine is slow, and a run is one of thousands.
  const timeoutMs = 120_000 + 100 * runs;
  const vitest = spawn(
    join(ROOT, 'node_modules/.bin/vitest'),
    ['run', 'test/live/trust.test.ts', '--reporter=json', `--outputFile=${report}`, `--testTimeout=${timeoutMs}`],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, FAULTLINE_TRUST_RUNS: String(runs) } },
  );
  return new Promise((resolve, reject) => {
    vitest.once('error', reject);
    vitest.once('exit', resolve);
  });
}
