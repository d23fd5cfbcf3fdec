/**
 * Counts the schedules up to and with the first that shows a bug, for every cell of test/expected.yaml that breaks, for
 * SCTBench and for other small famous programs: mean and median over the seeds 1, 2, 3, ... and how many seeds missed
 * within the bound, for each strategy; beside it the distinct states that verify stored, breadth first, until the level of
 * the first bug was done (it has no seeds). Prints Markdown on stdout, progress on stderr.
 *
 * `mixed` runs as `explore` runs it, for what a schedule's number is, the engine decides there; the others run schedule by
 * schedule, which are those of `explore --seed`: blocks of 256, each with a random stream of its own. PCT has the depth that
 * the command line has by default. Any bug counts, not only the kind that the cell is named for. A seed that missed counts
 * with the bound in the mean, which is then a lower bound. The bounds are in schedules, and the first table holds no times,
 * so it is the same on every machine. A second one compares what the strategies cost.
 *
 * Arguments: number of seeds (default 20); `--reversed` before it measures `mixed` alone with the actors of every program
 * declared in the reverse order, which its stream depends on; `--costs` measures nothing but what a schedule of the stream
 * and of the mix costs alone (schedule-costs.mjs). Exit status: 1 when one of these costs is above its bar.
 */
import { readFileSync } from 'node:fs';
import { applySettings, builtinScenario, compileModel, explore, gmem, verify } from 'faultline';
import { createJiti } from 'jiti';
import { usualStrategy } from '../../dist/src/cli/options/engine-options.js';
import { Random } from '../../dist/src/core/random.js';
import { makeStrategy } from '../../dist/src/explore/make-strategy.js';
import { profileOf } from '../../dist/src/explore/profile.js';
import { RunEnd, Runner } from '../../dist/src/explore/runner.js';
import { BLOCK } from '../../dist/src/explore/shard.js';
import { strategyNames } from '../../dist/src/explore/strategy.js';
import { parseExpectations, scenarioName } from '../../dist/src/gmem/expectations.js';
import * as famous from './famous-programs.mjs';
import { reversed } from './reversed.mjs';
import { printScheduleCosts } from './schedule-costs.mjs';
import { earlierPorts, ports } from './sctbench/ports.mjs';
import { wholeArgument } from './whole-argument.mjs';

const IS_REVERSED = process.argv[2] === '--reversed';
if (IS_REVERSED) process.argv.splice(2, 1);
const IS_COSTS = process.argv[2] === '--costs';
if (IS_COSTS) process.argv.splice(2, 1);
const SEEDS = wholeArgument('bench find', 'seeds', 20);
const STRATEGIES = IS_REVERSED ? ['mixed'] : strategyNames;
/** Schedules of a run; programs with so many tasks have fewer, for their schedules are long. */
const SCHEDULES = 10_000;
const FEWER_SCHEDULES = 300;
const LARGE = 50;
/** Schedules, found or not, over which the cost of one is measured. */
const COST_SCHEDULES = 1_000;
/** As compare's: the longest run of a built-in scenario is a tenth of that. */
const STEP_BOUND = 5_000;
const ENDS = new Set([RunEnd.Violating, RunEnd.Deadlocked, RunEnd.Livelocked]);

const rows = [...famousRows(await treiberStack()), ...portRows(), ...expectedRows()].map((row) =>
  IS_REVERSED ? { ...row, model: reversed(row.model) } : row,
);
if (IS_COSTS) process.exit((await printScheduleCosts(rows, STEP_BOUND)) ? 0 : 1);
const results = new Map(STRATEGIES.map((strategy) => [strategy, { missed: 0, rows: [] }]));

// The first program runs twice, for what is compiled just in time is nobody's cost.
for (const strategy of STRATEGIES) await measured(rows[0], strategy);
printRow('program', 'what breaks', STRATEGIES.map(headOf), 'verify, states');
printRow(
  '---',
  '---',
  STRATEGIES.map(() => '---'),
  '---',
);
for (const [place, row] of rows.entries()) {
  const cells = [];
  for (const strategy of STRATEGIES) {
    const result = await measured(row, strategy);
    results.get(strategy).rows.push(result);
    results.get(strategy).missed += result.missed;
    cells.push(result.text);
    console.error(`${place + 1} of ${rows.length}: ${row.name}: ${strategy}: ${result.text}`);
  }
  const { kind, states } = await verified(row);
  printRow(row.name, row.kind ?? kind, cells, states);
}
printSums();
if (!IS_REVERSED) {
  printCosts();
  if (!(await printScheduleCosts(rows, STEP_BOUND))) process.exitCode = 1;
}

function expectedRows() {
  const path = new URL('../../test/expected.yaml', import.meta.url);
  const broken = parseExpectations(readFileSync(path, 'utf8'), 'test/expected.yaml').filter(
    ({ expect }) => expect !== 'clean',
  );
  const isMutant = ({ scheme }) => scheme.includes('+');
  return [...broken.filter((row) => !isMutant(row)), ...broken.filter(isMutant)].map(
    ({ scenario, scheme, set, expect }) => ({
      name: `${scheme} in ${scenarioName(scenario, set)}`,
      kind: expect,
      isCell: true,
      model: gmem(applySettings(builtinScenario(scenario), set), scheme),
    }),
  );
}

function famousRows(stack) {
  const { account, twostage, reorder, wronglock, lostWakeUp, checkThenAct } = famous;
  const many = [1, 4, 16];
  return [
    { name: 'account', model: account },
    ...many.map((writers) => ({ name: `twostage ${writers}`, model: twostage.with({ writers }) })),
    ...sctBenchRows('twostage', (writers, readers, oneByOne) => twostage.with({ writers, readers, oneByOne })),
    ...[1, 2, 3, 4, 9, 16].map((setters) => ({ name: `reorder ${setters}`, model: reorder.with({ setters }) })),
    ...sctBenchRows('reorder', (setters, checkers, oneByOne) => reorder.with({ setters, checkers, oneByOne })),
    ...[1, 3, 4, 7, 16, 20].map((others) => ({ name: `wronglock ${others}`, model: wronglock.with({ others }) })),
    { name: 'wronglock 50', model: wronglock.with({ others: 50 }), schedules: FEWER_SCHEDULES },
    { name: 'lost wake-up', model: lostWakeUp },
    { name: 'check-then-act', model: checkThenAct },
    { name: 'ABA stack', model: stack },
  ].map((row) => ({ ...row, isPort: earlierPorts.some((port) => port.row === row.name) }));
}

/** The programs of SCTBench whose threads main() starts. */
function portRows() {
  return ports.map(({ name, model, kind, isLarge }) => ({
    name,
    model,
    isPort: true,
    ...(isLarge ? { isUnsearched: true, kind } : {}),
  }));
}

/**
 * With the numbers of tasks that SCTBench has under these names, there from the start and started one by one. verify would
 * be at the latter for too long: no two of their tasks are interchangeable.
 */
function sctBenchRows(name, modelOf) {
  const sizes = [
    [10, 10],
    [40, 10],
    [99, 1],
  ];
  return sizes.flatMap(([first, second]) =>
    [false, true].map((oneByOne) => {
      const how = oneByOne ? ', one by one' : '';
      return {
        name: `${name}_${first + second} (${first} + ${second})${how}`,
        model: modelOf(first, second, oneByOne),
        schedules: first + second >= LARGE ? FEWER_SCHEDULES : SCHEDULES,
        ...(oneByOne ? { isUnsearched: true, kind: 'assertion' } : {}),
      };
    }),
  );
}

/** The tests' own; it is handed the library that is being measured. */
async function treiberStack() {
  const library = await import('faultline');
  const jiti = createJiti(import.meta.url, { virtualModules: { '../../../src/index.js': library } });
  return (await jiti.import('../../test/oracles/classic/treiber-stack.ts')).treiberStack.with({ broken: true });
}

/** What one strategy needs for one program, over all seeds. */
async function measured({ model, schedules = SCHEDULES, name }, strategy) {
  const first = strategy === 'mixed' ? firstByEngine : firstByRunner;
  const found = [];
  let toFirst = 0;
  for (let seed = 1n; seed <= SEEDS; seed++) {
    const { number, spent } = await first(model, strategy, seed, schedules);
    found.push(number);
    toFirst += spent / SEEDS;
  }
  const missed = found.filter((number) => number === undefined).length;
  const mean = found.reduce((sum, number) => sum + (number ?? schedules), 0) / SEEDS;
  return {
    name,
    missed,
    mean,
    text: textOf(found, mean, missed, schedules),
    toFirst,
    ...(await costOf(model, strategy, schedules)),
  };
}

/**
 * Number of the schedule that shows a bug first, from 1, and undefined when none does; and the CPU time up to there, with
 * what comes before the first schedule and without what is made of a finding.
 */
async function firstByEngine(model, strategy, seed, schedules) {
  const start = process.cpuUsage();
  let spent;
  const onProgress = (progress) => {
    if (progress.findings > 0) spent ??= milliseconds(start);
  };
  const { findings } = await explore(model, { ...optionsOf(strategy), seed, schedules, onProgress });
  return { number: findings.length === 0 ? undefined : findings[0].foundAt + 1, spent: spent ?? milliseconds(start) };
}

/** The same, of schedules that are drawn. */
async function firstByRunner(model, strategy, seed, schedules) {
  const start = process.cpuUsage();
  const program = await compileModel(model);
  const profile = profileOf(program, STEP_BOUND);
  const picks = makeStrategy(strategy, program, usualStrategy.depth, profile);
  const runner = new Runner(program, picks, STEP_BOUND, profile.racing);
  let random;
  for (let run = 0; run < schedules; run++) {
    if (run % BLOCK === 0) {
      random = new Random(seed, run / BLOCK);
      runner.newBlock();
    }
    if (ENDS.has(runner.run(random, run % BLOCK))) return { number: run + 1, spent: milliseconds(start) };
  }
  return { number: undefined, spent: milliseconds(start) };
}

/** Milliseconds and steps of a schedule, over schedules of the engine that find what they find. */
async function costOf(model, strategy, most) {
  const schedules = Math.min(most, COST_SCHEDULES);
  const start = process.cpuUsage();
  const { stats } = await explore(model, { ...optionsOf(strategy), schedules, keepGoing: true });
  return { perSchedule: milliseconds(start) / stats.schedules, steps: stats.steps / stats.schedules };
}

function optionsOf(strategy) {
  return { strategy, depth: usualStrategy.depth, stepBound: STEP_BOUND, workers: 1, shrink: false, coverage: false };
}

function milliseconds(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** What verify says. */
async function verified({ model, name, kind, isUnsearched }) {
  if (IS_REVERSED || isUnsearched) return { kind, states: 'not searched' };
  const { states, findings } = await verify(model, { coverage: false, liveness: false, lockOrder: false });
  if (findings.length === 0) throw new Error(`${name}: verify finds nothing`);
  return { kind: findings[0].kind, states: states.toLocaleString('en') };
}

/** `12.5 / 8`: mean and median; what was missed. */
function textOf(found, mean, missed, schedules) {
  if (missed === SEEDS) return schedules === SCHEDULES ? 'all missed' : `all missed in ${countText(schedules)}`;
  const sorted = found.map((number) => number ?? Number.POSITIVE_INFINITY).sort((left, right) => left - right);
  const median = (sorted[(SEEDS - 1) >> 1] + sorted[SEEDS >> 1]) / 2;
  const medianText = median === Number.POSITIVE_INFINITY ? `> ${countText(schedules)}` : countText(median);
  return `${missed > 0 ? '≥ ' : ''}${countText(mean)} / ${medianText}${missed > 0 ? `, ${missed} missed` : ''}`;
}

/** The last lines of the first table. */
function printSums() {
  const runs = countText(rows.length * SEEDS);
  const line = (what, cellOf) =>
    printRow(
      what,
      '',
      STRATEGIES.map((strategy) => cellOf(results.get(strategy))),
      '',
    );
  const meansOf = (result, isAsked) => result.rows.filter((_, place) => isAsked(rows[place])).map(({ mean }) => mean);
  const geometric = (isAsked) => (result) => {
    const isBound = result.rows.some(({ missed }, place) => missed > 0 && isAsked(rows[place]));
    return `${isBound ? '≥ ' : ''}${countText(geometricMean(meansOf(result, isAsked)))}`;
  };
  const cells = rows.filter(({ isCell }) => isCell).length;
  const sctBench = rows.filter(({ isPort }) => isPort).length;
  line(`missed, of ${runs} runs`, ({ missed }) => countText(missed));
  line(
    `geometric mean of the means, ${rows.length} rows`,
    geometric(() => true),
  );
  line(
    `the same, ${rows.length - cells} famous programs`,
    geometric(({ isCell }) => !isCell),
  );
  line(
    `the same, those ${sctBench} of them that are SCTBench's`,
    geometric(({ isPort }) => isPort === true),
  );
  line(
    `the same, ${cells} cells of expected.yaml`,
    geometric(({ isCell }) => isCell === true),
  );
  line('worst mean', (result) => {
    const worst = result.rows.reduce((left, right) => (right.mean > left.mean ? right : left));
    return `${worst.missed > 0 ? '≥ ' : ''}${countText(worst.mean)} (${worst.name})`;
  });
  line('rows with a mean above 100', (result) => countText(result.rows.filter(({ mean }) => mean > 100).length));
}

/** The second table. */
function printCosts() {
  console.log('\nCPU time, measured on one machine, as a ratio to `random` in the same run:\n');
  print(['', ...STRATEGIES, '`random`, ms']);
  print(['---', ...STRATEGIES.map(() => '---'), '---']);
  const line = (what, cellOf) => {
    const values = STRATEGIES.map((strategy) => cellOf(results.get(strategy).rows));
    const base = values[STRATEGIES.indexOf('random')];
    print([what, ...values.map((value) => ratioText(value / base)), ratioText(base)]);
  };
  line('to the first bug, geometric mean', (each) => geometricMean(each.map(({ toFirst }) => toFirst)));
  line('to the first bug, arithmetic mean', (each) => arithmeticMean(each.map(({ toFirst }) => toFirst)));
  line('per schedule, geometric mean', (each) => geometricMean(each.map(({ perSchedule }) => perSchedule)));
  const steps = STRATEGIES.map((strategy) => geometricMean(results.get(strategy).rows.map((row) => row.steps)));
  console.log('\nSteps per schedule, geometric mean over the rows, the same on every machine:');
  console.log(`${STRATEGIES.map((strategy, place) => `\`${strategy}\` ${countText(steps[place])}`).join(', ')}.`);
}

function geometricMean(numbers) {
  return Math.exp(arithmeticMean(numbers.map(Math.log)));
}

function arithmeticMean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function countText(number) {
  return number.toLocaleString('en', { maximumFractionDigits: number < 10 ? 1 : 0 });
}

function ratioText(number) {
  return number.toLocaleString('en', { maximumSignificantDigits: 2 });
}

function headOf(strategy) {
  return strategy === 'pct' ? `pct, depth ${usualStrategy.depth}` : strategy;
}

/** A line of the first table. */
function printRow(program, breaks, cells, states) {
  print(IS_REVERSED ? [program, ...cells] : [program, breaks, ...cells, states]);
}

function print(cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
