/**
 * Counts the schedules up to and with the first that shows a bug, for every cell of test/expected.yaml that breaks and
 * for small famous programs: mean and median over the seeds 1, 2, 3, ... and how many seeds missed within the bound,
 * for each strategy; beside it the distinct states that verify stored, breadth first, until the level of the first bug
 * was done (it has no seeds). Prints one Markdown table on stdout, progress on stderr.
 *
 * Schedules are those of `explore --seed`: blocks of 256, each with a random stream of its own. PCT has the depth that
 * explore has by default. Any bug counts, not only the kind that the cell is named for. A seed that missed counts with
 * the bound in the mean, which is then a lower bound. The bounds are in schedules and the table holds no times, so it is
 * the same on every machine. Argument: number of seeds (default 20).
 */
import { readFileSync } from 'node:fs';
import { applySettings, builtinScenario, compileModel, gmem, verify } from 'faultline';
import { createJiti } from 'jiti';
import { usualStrategy } from '../../dist/src/cli/options/engine-options.js';
import { Random } from '../../dist/src/core/random.js';
import { makeStrategy, needsProfile } from '../../dist/src/explore/make-strategy.js';
import { profileOf } from '../../dist/src/explore/profile.js';
import { RunEnd, Runner } from '../../dist/src/explore/runner.js';
import { BLOCK } from '../../dist/src/explore/shard.js';
import { strategyNames } from '../../dist/src/explore/strategy.js';
import { parseExpectations, scenarioName } from '../../dist/src/gmem/expectations.js';
import * as famous from './famous-programs.mjs';
import { wholeArgument } from './whole-argument.mjs';

const SEEDS = wholeArgument('bench find', 'seeds', 20);
const SCHEDULES = 10_000;
/** As compare's: the longest run of a built-in scenario is a tenth of that. */
const STEP_BOUND = 5_000;
const ENDS = new Set([RunEnd.Violating, RunEnd.Deadlocked]);

const rows = [...famousRows(await treiberStack()), ...expectedRows()];
print(['program', 'what breaks', ...strategyNames.map(headOf), 'verify, states']);
print(['---', '---', ...strategyNames.map(() => '---'), '---']);
const missed = new Map(strategyNames.map((strategy) => [strategy, 0]));
for (const [place, { name, kind, model }] of rows.entries()) {
  const program = await compileModel(model);
  const cells = strategyNames.map((strategy) => {
    const found = Array.from({ length: SEEDS }, (_, seed) => firstBug(program, strategy, BigInt(seed + 1)));
    missed.set(strategy, missed.get(strategy) + found.filter((number) => number === undefined).length);
    console.error(`${place + 1} of ${rows.length}: ${name}: ${strategy}: ${textOf(found)}`);
    return textOf(found);
  });
  const { states, findings } = await verify(model, { coverage: false, liveness: false, lockOrder: false });
  if (findings.length === 0) throw new Error(`${name}: verify finds nothing`);
  print([name, kind ?? findings[0].kind, ...cells, states.toLocaleString('en')]);
}
const all = countText(rows.length * SEEDS);
print([`missed, of ${all} runs`, '', ...strategyNames.map((strategy) => countText(missed.get(strategy))), '0']);

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
    ...many.map((setters) => ({ name: `reorder ${setters}`, model: reorder.with({ setters }) })),
    ...many.map((others) => ({ name: `wronglock ${others}`, model: wronglock.with({ others }) })),
    { name: 'lost wake-up', model: lostWakeUp },
    { name: 'check-then-act', model: checkThenAct },
    { name: 'ABA stack', model: stack },
  ];
}

/** The tests' own; it is handed the library that is being measured. */
async function treiberStack() {
  const library = await import('faultline');
  const jiti = createJiti(import.meta.url, { virtualModules: { '../../../src/index.js': library } });
  return (await jiti.import('../../test/oracles/classic/treiber-stack.ts')).treiberStack.with({ broken: true });
}

/** Number of the schedule that shows a bug first, from 1; undefined when none does. */
function firstBug(program, strategy, seed) {
  const profile = needsProfile(strategy) ? profileOf(program, seed, STEP_BOUND) : undefined;
  const runner = new Runner(program, makeStrategy(strategy, program, usualStrategy.depth, profile), STEP_BOUND);
  let random;
  for (let run = 0; run < SCHEDULES; run++) {
    if (run % BLOCK === 0) random = new Random(seed, run / BLOCK);
    if (ENDS.has(runner.run(random))) return run + 1;
  }
  return undefined;
}

/** `12.5 / 8`: mean and median; what was missed. */
function textOf(found) {
  const missed = found.filter((number) => number === undefined).length;
  const sorted = found.map((number) => number ?? Number.POSITIVE_INFINITY).sort((left, right) => left - right);
  const mean = found.reduce((sum, number) => sum + (number ?? SCHEDULES), 0) / found.length;
  const median = (sorted[(SEEDS - 1) >> 1] + sorted[SEEDS >> 1]) / 2;
  if (missed === SEEDS) return 'all missed';
  const medianText = median === Number.POSITIVE_INFINITY ? `> ${countText(SCHEDULES)}` : countText(median);
  return `${missed > 0 ? '≥ ' : ''}${countText(mean)} / ${medianText}${missed > 0 ? `, ${missed} missed` : ''}`;
}

function countText(number) {
  return number.toLocaleString('en', { maximumFractionDigits: number < 10 ? 1 : 0 });
}

function headOf(strategy) {
  return strategy === 'pct' ? `pct, depth ${usualStrategy.depth}` : strategy;
}

function print(cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
