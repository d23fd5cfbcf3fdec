/**
 * What one more schedule costs, of the stream and of the mix, beside one of a random walk: CPU time of picks and steps, without
 * what comes before the first schedule and what is made of one that has ended. Issue 10's bars: the stream at most once a
 * random walk, the mix at most three times, in the geometric mean over the programs. Used by scripts/bench find.
 *
 * Each runs the same program, of which walks and a first pass have derived what it comes to, in this process, taking turns
 * with the others; a ratio is the median of those within the rounds.
 */
import { compileModel } from 'faultline';
import { usualStrategy } from '../../dist/src/cli/options/engine-options.js';
import { Random } from '../../dist/src/core/random.js';
import { makeStrategy } from '../../dist/src/explore/make-strategy.js';
import { profileOf } from '../../dist/src/explore/profile.js';
import { RunEnd, Runner } from '../../dist/src/explore/runner.js';
import { BLOCK } from '../../dist/src/explore/shard.js';
import { Sharing } from '../../dist/src/explore/sharing.js';
import { StreamShard } from '../../dist/src/explore/stream/stream-shard.js';

const ROUNDS = 5;
/** Schedules that a pass has at most. */
const SCHEDULES = 1_000;
/** Milliseconds for which passes are repeated: at first, for what is compiled just in time is nobody's cost; then in a round. */
const WARM_MS = 30;
const LEAST_MS = 6;
/** Passes that are made ready before the time is taken, of those that take next to none: to ask the time takes some as well. */
const MOST_READY = 128;
const READY_MS = 1;
/** The most that a schedule may cost, in the geometric mean, as a ratio to the random walk's. */
const BARS = { stream: 1, mixed: 3 };

/** Prints a table of what schedules cost; whether every bar holds. */
export async function printScheduleCosts(rows, stepBound) {
  const ratios = { stream: [], mixed: [] };
  // The first program runs twice, for the same reason.
  await costsOf(rows[0], stepBound);
  for (const [place, row] of rows.entries()) {
    const costs = await costsOf(row, stepBound);
    for (const name of Object.keys(BARS)) {
      ratios[name].push({
        name: row.name,
        ratio: median(costs[name].map((cost, round) => cost / costs.random[round])),
      });
    }
    const told = Object.entries(ratios).map(([name, all]) => `${name} ${all.at(-1).ratio.toFixed(2)}`);
    console.error(`${place + 1} of ${rows.length}: ${row.name}: a schedule costs ${told.join(', ')} times random's`);
  }
  console.log('\nCPU time of a schedule alone, as a ratio to `random`, by row:\n');
  console.log('|  | geometric mean | at most | rows above that | worst |');
  console.log('| --- | --- | --- | --- | --- |');
  let holds = true;
  for (const [name, all] of Object.entries(ratios)) {
    const mean = Math.exp(all.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / all.length);
    holds &&= mean <= BARS[name];
    const worst = all.reduce((left, right) => (right.ratio > left.ratio ? right : left));
    const above = all.filter(({ ratio }) => ratio > BARS[name]).length;
    const what = name === 'mixed' ? 'the mix' : `the ${name}`;
    const cells = [
      what,
      textOf(mean),
      BARS[name],
      `${above} of ${all.length}`,
      `${textOf(worst.ratio)} (${worst.name})`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  return holds;
}

async function costsOf({ model, schedules: most = SCHEDULES }, stepBound) {
  const program = await compileModel(model);
  const sharing = new Sharing(program);
  const profile = profileOf(program, stepBound, sharing);
  const schedules = Math.min(most, SCHEDULES);
  const drawn = (strategy) => () => {
    const picks = makeStrategy(strategy, program, usualStrategy.depth, profile);
    return () => draw(new Runner(program, picks, stepBound, profile.racing), schedules);
  };
  const stream = () => {
    const settings = { stepBound, keepGoing: true, mostVisible: profile.mostVisible };
    const shard = new StreamShard(program, settings, sharing);
    return () => depart(shard.stream, schedules);
  };
  const passes = { random: drawn('random'), stream, mixed: drawn('mixed') };
  const costs = { random: [], stream: [], mixed: [] };
  const counts = { random: 1, stream: 1, mixed: 1 };
  for (const [name, pass] of Object.entries(passes)) {
    const { each } = costOf(pass, 1, WARM_MS);
    counts[name] = Math.max(1, Math.min(MOST_READY, Math.ceil(READY_MS / each)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, pass] of Object.entries(passes)) {
      costs[name].push(costOf(pass, counts[name], LEAST_MS).perSchedule);
    }
  }
  return costs;
}

function draw(runner, schedules) {
  let random;
  for (let run = 0; run < schedules; run++) {
    if (run % BLOCK === 0) {
      random = new Random(1n, run / BLOCK);
      runner.newBlock();
    }
    runner.run(random, run % BLOCK);
  }
  return schedules;
}

function depart(stream, schedules) {
  let run = 0;
  for (; run < schedules && stream.begin(); run++) while (stream.goOn(Number.POSITIVE_INFINITY) === RunEnd.Stands);
  return run;
}

/** Milliseconds of a pass and of a schedule, over passes of which some are made ready before the time is taken. */
function costOf(pass, count, least) {
  let spent = 0;
  let passes = 0;
  let schedules = 0;
  for (; spent < least; passes += count) {
    const ready = Array.from({ length: count }, pass);
    const start = process.cpuUsage();
    for (const go of ready) schedules += go();
    const { user, system } = process.cpuUsage(start);
    spent += (user + system) / 1000;
  }
  return { each: spent / passes, perSchedule: spent / schedules };
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

function textOf(ratio) {
  return ratio.toLocaleString('en', { maximumSignificantDigits: 2 });
}
