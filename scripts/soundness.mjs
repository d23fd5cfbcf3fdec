/**
 * Soundness: what the live engine finds is there, and what is there it finds. Prints tables that can go into a note.
 *
 *   scripts/soundness [SECONDS] [--runs N] [--cell SECONDS] [--parts final-states,clean,cells] [--only TEXT]
 *
 * final-states  N live runs (default 10,000) of each model of test/live/trust.test.ts end in states that the exhaustive
 *               search reaches.
 * clean         v3-inplace in every built-in scenario, v2-hook-every-fault in fault-vs-punch, and v2-hook-every-fault
 *               with the VM's own attributes stay clean under stress with perturbation, SECONDS (default 120) each.
 * cells         every cell of test/expected.yaml that breaks is tried live, with perturbation and then without, until its
 *               kind is seen, at most SECONDS (default 20) each: after how many faults it broke first, or that it did
 *               not. A kind that no controlled run shows (explore of the cell; walks that go on after a failed check; a
               search around the finding) is an alarm.
 *
 * `--only` keeps the worlds and cells whose name holds the text. Exit status: 0; 1 when a final state is not among those
 * that can be, when a clean world breaks, or on an alarm; 2 for wrong input. That a cell is not found is no failure.
 */

import { availableParallelism, loadavg } from 'node:os';
import { scriptOptions } from './script-options.mjs';
import { breakingCells } from './soundness.d/breaking-cells.mjs';
import { cleanWorlds } from './soundness.d/clean-worlds.mjs';
import { finalStates } from './soundness.d/final-states.mjs';

/** Of a number of seconds or runs, at most. */
const DIGITS = 7;
const PARTS = { 'final-states': finalStates, clean: cleanWorlds, cells: breakingCells };

const options = readOptions();
console.log(`Node ${process.version}, ${availableParallelism()} cores, load ${load()} at the start`);
let sound = true;
for (const part of options.parts) {
  if (!(await PARTS[part](options))) sound = false;
  console.log(`load ${load()} at the end`);
}
console.log(sound ? '\nsound' : '\nNOT SOUND');
process.exitCode = sound ? 0 : 1;

/** Processes that run or want to: over the last minute. */
function load() {
  return loadavg()[0].toFixed(1);
}

function readOptions() {
  const text = { type: 'string' };
  const options = { runs: text, cell: text, parts: text, only: text };
  const { values, positionals, refuse, whole } = scriptOptions('soundness', { allowPositionals: true, options });
  if (positionals.length > 1) refuse(`there is one argument, the seconds, and not "${positionals.join(' ')}"`);
  const parts = values.parts?.split(',') ?? Object.keys(PARTS);
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown !== undefined)
    refuse(`--parts: there is no part "${unknown}"; allowed: ${Object.keys(PARTS).join(', ')}`);
  return {
    parts,
    only: values.only ?? '',
    seconds: whole('SECONDS', positionals[0], 120, DIGITS),
    runs: whole('--runs', values.runs, 10_000, DIGITS),
    cellSeconds: whole('--cell', values.cell, 20, DIGITS),
  };
}
