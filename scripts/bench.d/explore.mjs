/**
 * Measures the controlled engine on the preparedness benchmark, N = 2, 3, 4, with one worker, beside (a) the same random
 * walk written by hand and (b) fast-check's scheduler. The three take turns, round by round, and ratios are taken within
 * a round, so that a machine that is busy for a while is busy for all of them; printed are medians per second of CPU
 * time. Argument: number of rounds (default 15).
 *
 * What made the difference at N = 2, in the order of the tries (Node 20, busy machine): a waiting actor is looked at
 * again only when a word it waits on changes, and ops that record stay on the short way (30 to 37 M steps/s together);
 * constants are a module's own, because imported ones are looked up at every use (5 to 9 %); random bounds are drawn in
 * integers, not doubles (12 %, by hand as well); runnable actors are a bit set with a table for the n-th, not a list
 * kept up to date (7 %); a step is short enough to be compiled into the walk (4 %). Of some 23 ns a step the random
 * number takes 3.5, and 13 are left when the same schedule is run again and again, so that no branch is mispredicted.
 *
 * Since then nearly all steps are remembered and taken by a WebAssembly kernel (src/kernels/walk.ts). What made the difference
 * there: what every step looks at lies at fixed addresses, and what few steps come to is a function of its own, because
 * registers are few (20 %); a memory that begins small, because a large one makes the garbage collector run (30 % of a
 * short run); branches, not arithmetic, where who can run depends on what was just read, so that the next step begins before
 * that is known (15 %).
 *
 * Bars: at least 0.95 of (a) in steps, at least 10 times (b) in schedules, the oracle's frequencies of V, a random walk by
 * remembered steps at least 2.5 times as fast as by the interpreter on guest_memfd, and a heap that does not grow between the first and the last tenth of a run's schedules.
 */
import { compileModel, defineModel, explore } from 'faultline';
import { createJiti } from 'jiti';
import { Random } from '../../dist/src/core/random.js';
import { raceRememberedWalks } from './remembered-walks.mjs';
import { walkerByFastCheck } from './walk-by-fast-check.mjs';
import { walkByHand } from './walk-by-hand.mjs';
import { wholeArgument } from './whole-argument.mjs';

const ROUNDS = wholeArgument('bench explore', 'rounds', 15);
/** Schedules a round: a tenth to a third of a second each. */
const SCHEDULES = { explore: 600_000, hand: 300_000, fastCheck: 15_000 };
const FREQUENCY_SCHEDULES = 400_000;
const HEAP_SCHEDULES = 3_000_000;
const HEAP_BAR_BYTES = 256 * 1024;
/** Per cent of runs that end with V = 0, 1, 2, 3: ../shared/design/oracles.md, 1.6 M runs. */
const ORACLE = { 2: [21.9, 75.3, 0.03, 2.7], 3: [9.3, 84.6, 0.02, 6.0] };

const preparedness = await benchmarkModel();
let missed = 0;

for (const faults of [2, 3, 4]) {
  console.log(`\nN = ${faults}`);
  const { explored, hand, fastCheck } = await race(faults);
  print('explore', explored);
  print('(a) by hand', hand);
  print('(b) fast-check', fastCheck);
  const ratio = (of, to, what) => median(of.map((each, round) => each[what] / to[round][what]));
  bar('explore / (a), steps', ratio(explored, hand, 'stepsPerSecond'), 0.95);
  bar('explore / (b), schedules', ratio(explored, fastCheck, 'schedulesPerSecond'), 10);
  await frequencies(faults, { '(a)': total(hand), '(b)': total(fastCheck) });
}
await raceRememberedWalks(preparedness, ROUNDS, median, bar);
await heap();
console.log(missed === 0 ? '\nevery bar holds' : `\n${missed} missed`);
process.exitCode = missed === 0 ? 0 : 1;

/** The model is the tests' own; it is handed the library that is being measured. */
async function benchmarkModel() {
  const library = await import('faultline');
  const jiti = createJiti(import.meta.url, { virtualModules: { '../../src/index.js': library } });
  return (await jiti.import('../../test/oracles/preparedness.ts')).preparedness;
}

async function race(faults) {
  const model = preparedness.with({ faults });
  const walkFastCheck = walkerByFastCheck(faults);
  const random = new Random(1n);
  const contenders = {
    explored: async (_ends, schedules = SCHEDULES.explore) =>
      (await explore(model, { strategy: 'random', schedules, seed: BigInt(explored.length) })).stats.steps,
    hand: (ends, schedules = SCHEDULES.hand) => walkByHand(faults, schedules, random, ends),
    fastCheck: (ends, schedules = SCHEDULES.fastCheck) => walkFastCheck(schedules, ends),
  };
  const explored = [];
  const hand = [];
  const fastCheck = [];
  for (const walk of Object.values(contenders)) await walk(new Array(8).fill(0), 5_000);
  for (let round = 0; round < ROUNDS; round++) {
    explored.push(await timed(contenders.explored, SCHEDULES.explore));
    hand.push(await timed(contenders.hand, SCHEDULES.hand));
    fastCheck.push(await timed(contenders.fastCheck, SCHEDULES.fastCheck));
  }
  return { explored, hand, fastCheck };
}

async function timed(walk, schedules) {
  const ends = new Array(8).fill(0);
  const start = process.cpuUsage();
  const steps = await walk(ends);
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  return { stepsPerSecond: steps / seconds, schedulesPerSecond: schedules / seconds, ends };
}

/** How often V ends as 0, 1, 2, 3: by explore's own count of runs that fail a check of finished runs. */
async function frequencies(faults, others) {
  const counted = [];
  for (let value = 0; value < 4; value++) {
    const { stats } = await explore(endingOtherThan(faults, value), {
      ...{ strategy: 'random', schedules: FREQUENCY_SCHEDULES, keepGoing: true, shrink: false },
    });
    counted.push(stats.violating);
  }
  const rows = { explore: { ends: counted, runs: FREQUENCY_SCHEDULES }, ...others };
  console.log('  V = 0 / 1 / 2 / 3, %');
  const oracle = ORACLE[faults];
  if (oracle !== undefined) console.log(`    ${'oracle'.padEnd(10)} ${oracle.join(' / ')}`);
  for (const [name, { ends, runs }] of Object.entries(rows)) {
    console.log(
      `    ${name.padEnd(10)} ${percent(ends, runs)
        .map((part) => part.toFixed(2))
        .join(' / ')}`,
    );
  }
  if (oracle === undefined) return;
  // The oracle's rounding, and five standard deviations of the two samples.
  const off = (part, i) => {
    const p = oracle[i] / 100;
    return Math.abs(part - oracle[i]) / (0.05 + 500 * Math.sqrt(p * (1 - p) * (1 / FREQUENCY_SCHEDULES + 1 / 1.6e6)));
  };
  bar('frequencies, worst deviation / tolerance', Math.max(...percent(counted, FREQUENCY_SCHEDULES).map(off)), 1, true);
}

/** The benchmark with a check of finished runs that V does not end as `value`. */
function endingOtherThan(faults, value) {
  const { definition } = preparedness;
  return defineModel({
    ...{ name: 'preparedness-ends', parameters: { ...definition.parameters, faults }, registers: 0 },
    build(m, parameters) {
      definition.build(m, parameters);
      const region = m.layout.regions.find(({ name }) => name === 'V');
      m.finally(`V is not ${value}`, [{ region }], (v) => v !== value);
    },
  });
}

/** What is live on the heap early and late in one run. */
async function heap() {
  const samples = [];
  await compileModel(preparedness);
  await explore(preparedness, {
    strategy: 'random',
    schedules: HEAP_SCHEDULES,
    onProgress({ schedules }) {
      const tenth = Math.floor((schedules / HEAP_SCHEDULES) * 10);
      if (tenth !== 1 && tenth !== 9) return;
      globalThis.gc();
      samples.push({ tenth, bytes: process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers });
    },
  });
  const of = (which) => median(samples.filter(({ tenth }) => tenth === which).map(({ bytes }) => bytes));
  console.log(`\nheap in a run of ${HEAP_SCHEDULES.toLocaleString('en')} schedules`);
  bar('growth from the first tenth to the last, kB', (of(9) - of(1)) / 1024, HEAP_BAR_BYTES / 1024, true);
}

function print(name, rounds) {
  const steps = median(rounds.map(({ stepsPerSecond }) => stepsPerSecond)) / 1e6;
  const schedules = median(rounds.map(({ schedulesPerSecond }) => schedulesPerSecond)) / 1e6;
  console.log(`  ${name.padEnd(15)} ${steps.toFixed(2).padStart(6)} M steps/s  ${schedules.toFixed(3)} M schedules/s`);
}

function bar(what, value, limit, most = false) {
  const holds = most ? value <= limit : value >= limit;
  if (!holds) missed++;
  console.log(`  ${holds ? 'PASS' : 'MISS'} ${what}: ${value.toFixed(2)} (${most ? 'at most' : 'at least'} ${limit})`);
}

function total(rounds) {
  const ends = new Array(8).fill(0);
  for (const round of rounds) for (const [value, count] of round.ends.entries()) ends[value] += count;
  return { ends, runs: ends.reduce((sum, count) => sum + count) };
}

function percent(ends, runs) {
  return ends.slice(0, 4).map((count) => (count / runs) * 100);
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}
