/**
 * Windows: cuts each recorded workload into disjoint windows of calls, explores every window under v1, v2, v3 and v2
 * without its sequence check, and prints how many windows break.
 *
 *   scripts/windows [--schedules N] [--calls N] [--first N] [--workers N] [--logs DIR]
 *
 * Defaults: 4000 schedules a window (PCT, depth 4, seed 1), windows of 17 calls (the i3 log has 880, so windows of 20
 * would be 44 and not fifty), all windows of each log, the logs in ../shared/traces beside the repository.
 *
 * The model starts every window with an empty page cache and every page shared; what the calls before the window had
 * mapped or allocated is not known to it. Within a window each actor keeps its order, and calls that did not overlap in
 * time keep theirs. A window can only break where a punched hole and a guest's access to one of its pages overlapped.
 *
 * Exit status: 0 when v1, v2 and v3 are clean in every window; 1 when one of them breaks; 2 for wrong input.
 */

import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { compare } from '../dist/src/explore/compare.js';
import { gmem } from '../dist/src/gmem/model.js';
import { readTrace } from '../dist/src/gmem/trace/read-trace.js';
import { scenarioOfWindow } from '../dist/src/gmem/trace/scenario-of-window.js';
import { scriptOptions } from './script-options.mjs';
import { tableLines } from './table.mjs';

const WHOLE = ['v1-uptodate-prepared', 'v2-hook-every-fault', 'v3-inplace'];
const MUTANT = 'v2-hook-every-fault+no-seq-check';

const options = readOptions();
const logs = readdirSync(options.logs).filter((name) => /\.txt(\.gz)?$/.test(name));
if (logs.length === 0) options.refuse(`there is no log in ${options.logs}`);

const header = ['log', 'windows', 'v1', 'v2', 'v3', 'v2+no-seq-check', 'of the first 50', 'breaks in windows'];
const rows = [];
let wholeBreaks = false;
for (const log of logs.sort()) rows.push(await rowOf(log));
process.stdout.write(`${tableLines([header, ...rows]).join('\n')}\n`);
process.exitCode = wholeBreaks ? 1 : 0;

async function rowOf(log) {
  const path = join(options.logs, log);
  const trace = readTrace(path);
  const count = Math.min(options.first, Math.floor(trace.calls.length / options.calls));
  const windows = Array.from({ length: count }, (_, window) => window);
  const broken = {};
  for (const scheme of [...WHOLE, MUTANT]) {
    process.stderr.write(`${log}: ${count} windows under ${scheme}\n`);
    const cells = windows.map((window) => {
      const scenario = scenarioOfWindow(trace, { from: window * options.calls, count: options.calls }, path);
      return { scenario: scenario.name, scheme, model: gmem(scenario, scheme) };
    });
    const { schedules, workers } = options;
    const answers = await compare(cells, { strategy: 'pct', depth: 4, schedules, workers });
    const open = answers.find(({ verdict }) => verdict === 'inconclusive');
    if (open !== undefined) throw new Error(`no schedule of ${open.scenario} under ${scheme} came to an end`);
    broken[scheme] = windows.filter((window) => answers[window].verdict === 'violation');
  }
  const answer = (scheme) => (broken[scheme].length === 0 ? 'clean' : `breaks in ${broken[scheme].join(' ')}`);
  if (WHOLE.some((scheme) => broken[scheme].length > 0)) wholeBreaks = true;
  const mutant = broken[MUTANT];
  const ofFirst = count < 50 ? '-' : `${mutant.filter((window) => window < 50).length}`;
  return [
    log.replace(/(\.user)?\.txt(\.gz)?$/, ''),
    `${count}`,
    ...WHOLE.map(answer),
    `${mutant.length}`,
    ofFirst,
    mutant.join(' '),
  ];
}

function readOptions() {
  const number = { type: 'string' };
  const names = { schedules: number, calls: number, first: number, workers: number, logs: { type: 'string' } };
  const { values, refuse, whole } = scriptOptions('windows', { options: names });
  const folder = values.logs ?? join(import.meta.dirname, '../../shared/traces');
  if (!existsSync(folder)) refuse(`there is no folder ${folder}; name the logs' with --logs DIR`);
  return {
    schedules: whole('--schedules', values.schedules, 4_000),
    calls: whole('--calls', values.calls, 17),
    first: whole('--first', values.first, Number.POSITIVE_INFINITY),
    workers: whole('--workers', values.workers, Math.min(8, availableParallelism())),
    logs: folder,
    refuse,
  };
}
