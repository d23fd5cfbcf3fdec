/** Every cell of test/expected.yaml that breaks, tried live: after how many faults, with perturbation and without. */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { say } from '../../dist/src/cli/terminal/terminal.js';
import { explore } from '../../dist/src/explore/explore.js';
import { parseExpectations } from '../../dist/src/gmem/expectations.js';
import { searchReproducer } from '../../dist/src/kept/reproducer.js';
import { resolveSubject } from '../../dist/src/subject/subject.js';
import { walkBeyondChecks } from './beyond-checks.mjs';
import { grouped, printTable } from './print-table.mjs';
import { cellName, runWorlds, worldsOf } from './worlds.mjs';

const EXPECTED = join(import.meta.dirname, '../../test/expected.yaml');
const RATE = 0.05;
/** What is explored of a cell before a kind counts as not seen there. */
const EXPLORED = [
  { strategy: 'pct', depth: 4, schedules: 32_768 },
  { strategy: 'pos', schedules: 8_192 },
];
/** Schedules of each scenario around a finding, in rounds. */
const ROUNDS = [2_000, 20_000];
/** Random walks that go on after a failed check. */
const WALKS = 400_000;

/** Prints what came of it; whether there was no alarm. */
export async function breakingCells({ cellSeconds, only }) {
  const cells = parseExpectations(readFileSync(EXPECTED, 'utf8'), EXPECTED).filter(
    (cell) => cell.expect !== 'clean' && cellName(cell).includes(only),
  );
  const rows = [['cell', 'expected', 'faults, perturbed', 'faults, not perturbed', 'kinds seen live']];
  const notes = [];
  const founds = { perturbed: 0, plain: 0 };
  let alarms = 0;
  for (const [number, cell] of cells.entries()) {
    process.stderr.write(`cells: ${number + 1} of ${cells.length}, ${cellName(cell)}\n`);
    const worlds = await worldsOf(cell);
    const isEnough = (found) => found.some(({ kind }) => cell.expect === 'broken' || kind === cell.expect);
    const perturbed = await runWorlds(worlds, { seconds: cellSeconds, perturb: [RATE], isEnough });
    const plain = await runWorlds(worlds, { seconds: cellSeconds, perturb: [0], isEnough });
    if (perturbed.found.length > 0) founds.perturbed++;
    if (plain.found.length > 0) founds.plain++;
    const found = [...perturbed.found, ...plain.found];
    const kinds = [...new Set(found.map(({ kind }) => kind))];
    rows.push([cellName(cell), cell.expect, firstOf(perturbed), firstOf(plain), kinds.join(', ') || '-']);
    for (const kind of kinds.filter((each) => each !== cell.expect)) {
      const origin = await originOf(cell, kind, found);
      if (origin === undefined) alarms++;
      notes.push([cellName(cell), kind, origin ?? 'ALARM: nobody']);
    }
  }
  const title = `Cells that break, at most ${cellSeconds} s each with perturbation ${RATE} and without`;
  printTable(`${title}: faults until the first finding`, rows);
  console.log(
    `  found: ${founds.perturbed} of ${cells.length} with perturbation, ${founds.plain} without; alarms: ${alarms}`,
  );
  if (notes.length > 0) printTable('Kinds other than the expected one', [['cell', 'kind', 'seen by'], ...notes]);
  return alarms === 0;
}

function firstOf({ found, faults }) {
  if (found.length === 0) return `not found in ${grouped(faults)}`;
  return grouped(found[0].after);
}

/**
 * Who else shows a kind: the exploration of the cell; walks that go on where it stops, at a check that spans words and
 * that a live run sees too late; or a search around what was found. Undefined: nobody.
 */
async function originOf(cell, kind, found) {
  const { scenario, scheme, set } = cell;
  const { model } = await resolveSubject({ scenario, scheme, settings: set }, say);
  for (const options of EXPLORED) {
    const { findings } = await explore(model, { ...options, keepGoing: true, shrink: false });
    if (findings.some((finding) => finding.kind === kind)) return `explore, ${options.strategy}`;
  }
  const walk = await walkBeyondChecks(model, kind, WALKS);
  if (walk !== undefined) return `a walk that goes on after a failed check, the ${grouped(walk)}th`;
  const { world, finding } = found.find((each) => each.kind === kind);
  const options = { seed: 1n, workers: availableParallelism(), rounds: ROUNDS };
  const { reproducer, schedules } = await searchReproducer(world, finding, options);
  if (reproducer === undefined) return undefined;
  return `the search for a reproducer, after ${grouped(schedules)} schedules: ${reproducer.finding.title}`;
}
