/**
 * Measures verify on the preparedness benchmark, N = 2 to 6, V being data, so that the whole space is searched: with
 * reductions off and merging on, and with all of them on, beside a hand-written JavaScript search and beside SPIN (full
 * search: -DNOREDUCE -DSAFETY -O3). The clock runs from the start of the search to its end; what comes before it (the
 * automaton completed and merged) is printed apart. Every contender must store the states of the design's oracle sheet.
 * Each configuration runs in a process of its own, as a user would run it, several times; SPIN's is compiled once and run
 * as often. Printed is the median, wall and CPU time, which is that of warm code, and beside it the first run, with what
 * the just-in-time compiler takes. The bars are held by the medians. Argument: number of rounds (default 7).
 *
 * Bars at N = 5 and 6: reductions off, at least 1.5 times SPIN's states/s; reductions on, at most a tenth of SPIN's time
 * at N = 5 and a fiftieth at N = 6; at most 32 bytes a state. Where SPIN is not installed its bars are not decided, and
 * the numbers of one busy core elsewhere (1.1 and 0.5 M states/s, 0.62 and 13.8 s) are printed for orientation.
 *
 * Merging only is measured with the kernel and without it. Behind these, large worlds of guest_memfd (large-worlds.mjs).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileModel } from 'faultline';
import { createJiti } from 'jiti';
import { Groundwork } from '../../dist/src/space/groundwork.js';
import { Met } from '../../dist/src/space/met.js';
import { planOf } from '../../dist/src/space/plan.js';
import { Walks } from '../../dist/src/space/walks.js';
import { Search } from '../../dist/src/verify/search.js';
import { measureLargeWorlds } from './large-worlds.mjs';
import { searchByHand } from './verify-by-hand.mjs';
import { wholeArgument } from './whole-argument.mjs';

const ROUNDS = wholeArgument('bench verify', 'rounds', 7);
/** What a child process is told to measure. */
const CONTENDER = process.env.FAULTLINE_CONTENDER;
const REDUCTIONS = {
  off: { merge: true, symmetry: false, por: false },
  without: { merge: true, symmetry: false, por: false },
  on: { merge: true, symmetry: true, por: true },
};
const ORACLE = {
  2: { states: 489, transitions: 856 },
  3: { states: 5_927, transitions: 14_091 },
  4: { states: 65_429, transitions: 205_748 },
  5: { states: 684_119, transitions: 2_722_367 },
  6: { states: 6_901_445, transitions: 33_416_056 },
};
const FINAL_STATES = { 2: 14, 3: 21, 4: 28, 5: 35, 6: 42 };
/** SPIN on one busy core: states/s and seconds. */
const ELSEWHERE = { 5: { rate: 1.1e6, seconds: 0.62 }, 6: { rate: 0.5e6, seconds: 13.8 } };
const PARTS_OF_SPIN = { 5: 10, 6: 50 };

let missed = 0;
/** The search before: when the last object of a shape is collected, the code that was compiled for it goes, too. */
const alive = [];
const spin = findSpin();
if (CONTENDER === undefined) await measureAll();
else await measureOne(...CONTENDER.split(' '));

/** A child's work: all rounds of one configuration, as JSON. */
async function measureOne(name, count) {
  if (name === 'worlds') return await measureWorlds();
  const faults = Number(count);
  const model = name === 'hand' ? undefined : await benchmarkModel();
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(name === 'hand' ? timed(() => searchByHand(faults)) : await ours(model, faults, name));
  }
  console.log(JSON.stringify(rounds));
}

/** What is to be printed and judged of the large worlds, as JSON. */
async function measureWorlds() {
  const lines = [];
  await measureLargeWorlds(
    Math.min(ROUNDS, 3),
    (...judged) => lines.push({ judged }),
    (text) => lines.push({ text }),
  );
  console.log(JSON.stringify(lines));
}

/** The rounds of one configuration, in a process of its own. */
function inOwnProcess(name, faults) {
  const env = { ...process.env, FAULTLINE_CONTENDER: `${name} ${faults}` };
  const args = ['--expose-gc', fileURLToPath(import.meta.url), String(ROUNDS)];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 1 << 24 }));
}

async function measureAll() {
  if (spin === undefined) console.log('spin is not installed: its column is left out and its bars are not decided');
  for (const faults of [2, 3, 4, 5, 6]) measure(faults);
  const lines = inOwnProcess('worlds', 0);
  for (const { text, judged } of lines) judged === undefined ? console.log(text) : bar(...judged);
  console.log(missed === 0 ? '\nno bar is missed' : `\n${missed} missed`);
  process.exitCode = missed === 0 ? 0 : 1;
}

function measure(faults) {
  const rounds = {
    off: inOwnProcess('off', faults),
    without: inOwnProcess('without', faults),
    on: inOwnProcess('on', faults),
    hand: inOwnProcess('hand', faults),
    spin: spin === undefined ? [] : runSpin(faults),
  };
  console.log(`\nN = ${faults}`);
  const {
    off,
    without,
    on,
    hand,
    spin: theirs,
  } = Object.fromEntries(Object.entries(rounds).map(([name, each]) => [name, middle(each)]));
  row(
    'verify, merging only',
    off,
    `first run ${ms(rounds.off[0].seconds)}; ${off.bytesPerState.toFixed(1)} bytes/state, ${ms(off.setup)} before it`,
  );
  row('the same, no kernel', without, '');
  row('verify, reduced', on, `first run ${ms(rounds.on[0].seconds)}; ${ms(on.setup)} before it`);
  row('by hand', hand, '');
  if (theirs !== undefined) row('SPIN', theirs, '');
  expectEqual('states', [off, without, hand, ...(theirs === undefined ? [] : [theirs])], ORACLE[faults].states);
  expectEqual('transitions', [off, without, hand], ORACLE[faults].transitions);
  expectEqual('finalStates', [off, without, on], FINAL_STATES[faults]);
  if (faults >= 4) bar('bytes/state', off.bytesPerState, 32, true);
  if (faults < 5) return;
  const rival =
    theirs === undefined ? ELSEWHERE[faults] : { rate: theirs.states / theirs.seconds, seconds: theirs.seconds };
  const decided = theirs !== undefined;
  bar('states/s, times SPIN', off.states / off.seconds / rival.rate, 1.5, false, decided);
  bar(
    `time reduced, times 1/${PARTS_OF_SPIN[faults]} of SPIN`,
    (on.seconds * PARTS_OF_SPIN[faults]) / rival.seconds,
    1,
    true,
    decided,
  );
}
/** The model is the tests' own; it is handed the library that is being measured. */
async function benchmarkModel() {
  const library = await import('faultline');
  const jiti = createJiti(import.meta.url, { virtualModules: { '../../src/index.js': library } });
  return (await jiti.import('../../test/oracles/preparedness-symmetric.ts')).preparednessSymmetric;
}

async function ours(model, faults, name) {
  const before = process.hrtime.bigint();
  const program = await compileModel(model.with({ faults }));
  const met = new Met(program.automaton);
  new Walks(program, met).fromStart();
  const { system, canonical, reduction } = planOf(new Groundwork(program, met), REDUCTIONS[name]);
  const setup = Number(process.hrtime.bigint() - before) / 1e9;
  return {
    setup,
    ...timed(() => {
      const kernelFrom = name === 'without' ? Number.POSITIVE_INFINITY : undefined;
      const settings = { order: 'breadth-first', all: true, canonical, reduction, kernelFrom };
      const search = new Search(system, settings, met);
      while (!search.over) search.run(2048);
      alive[0] = { search, program };
      const { table, transitions, sightings } = search;
      const finalStates = sightings.finalStates.size;
      return { states: table.size, transitions, finalStates, bytesPerState: table.bytes / table.size };
    }),
  };
}

function timed(work) {
  globalThis.gc();
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const result = work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { ...result, seconds, cpuSeconds: (user + system) / 1e6 };
}

function findSpin() {
  try {
    execFileSync('spin', ['-V'], { stdio: 'ignore' });
    return 'spin';
  } catch {
    return undefined;
  }
}

/** SPIN's own counts and clock, round by round. */
function runSpin(faults) {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-spin-'));
  try {
    const promela = fileURLToPath(new URL('preparedness.pml', import.meta.url));
    const run = (command, args) =>
      execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    run(spin, [`-DN=${faults}`, '-a', promela]);
    run('cc', ['-O3', '-DSAFETY', '-DNOREDUCE', '-DMEMLIM=8192', '-o', 'pan', 'pan.c']);
    // A hash table of the size that the states ask for.
    const slots = `-w${Math.max(20, Math.ceil(Math.log2(ORACLE[faults].states)) + 1)}`;
    return Array.from({ length: ROUNDS }, () => {
      const text = run('./pan', ['-m1000', slots]);
      const states = Number(/^\s*(\d+) states, stored/m.exec(text)?.[1]);
      const seconds = Number(/elapsed time ([\d.]+) seconds/.exec(text)?.[1]);
      return { states, seconds: Math.max(seconds, 0.01), cpuSeconds: seconds };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The round of median time. */
function middle(rounds) {
  return [...rounds].sort((left, right) => left.seconds - right.seconds)[rounds.length >> 1];
}

function row(name, { states, seconds, cpuSeconds }, more) {
  const rate = `${(states / seconds / 1e6).toFixed(2)} M states/s`;
  const numbers = `${String(states).padStart(8)} states ${ms(seconds).padStart(9)} (CPU ${ms(cpuSeconds)}) ${rate}`;
  console.log(`  ${name.padEnd(22)}${numbers}${more === '' ? '' : `; ${more}`}`);
}

function ms(seconds) {
  return `${(seconds * 1000).toFixed(0)} ms`;
}

function expectEqual(what, results, expected) {
  for (const result of results) {
    if (result[what] === expected) continue;
    missed++;
    console.log(`  MISS ${what}: ${result[what]} where the oracle has ${expected}`);
  }
}

function bar(name, value, least, atMost = false, decided = true) {
  const holds = atMost ? value <= least : value >= least;
  if (decided && !holds) missed++;
  const verdict = decided ? (holds ? 'PASS' : 'MISS') : `not decided (${holds ? 'would pass' : 'would miss'})`;
  console.log(`  ${verdict} ${name}: ${value.toFixed(2)} (${atMost ? 'at most' : 'at least'} ${least})`);
}
