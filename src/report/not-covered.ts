/**
 * Not covered: what a run of explore did, and what it says nothing about. Printed under every result, so that nobody
 * takes "nothing found" for "nothing there". Used by the command line.
 */

import type { ExploreStats } from '../explore/stats.js';
import { growingText } from './growing-text.js';
import { countText, plural } from './quantities.js';
import { coverageLines, withinReachLines } from './uncovered-lines.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** Lines for ops that never ran; the JSON document holds them all, and so does the text where that is asked for. */
const FEW_LINES = 3;
/** A guarantee that a bug is missed less often than that is worth a line. */
const MOST_MISSED = 0.5;

/**
 * The statement of what was covered and what was not; lines of at most 75 characters that end in '\n'. `coverage`: with
 * all ops, events and outcomes of tests that were not reached.
 */
export function notCovered(stats: ExploreStats, coverage = false): string {
  const left = [
    ...(stats.stream?.exhausted ? [] : [preemptions(stats), pairs(stats), finalStates(stats), depthBound(stats)]),
    ...(stats.stream?.exhausted ? [BEYOND_EVERY_INTERLEAVING] : []),
    ...[...bounded(stats), ...growing(stats), ...broken(stats)],
  ].filter((item) => item !== undefined);
  return [
    ...wrapWords(`Covered: ${covered(stats)}`, WIDTH, '  '),
    'Not covered:',
    ...left.flatMap((item) => wrapWords(`- ${item}`, WIDTH - 2, '  ').map((line) => `  ${line}`)),
    ...(coverage ? coverageLines(stats) : withinReachLines(stats, FEW_LINES)),
    '',
  ].join('\n');
}

function covered(stats: ExploreStats): string {
  const strategy = stats.depth === undefined ? stats.strategy : `${stats.strategy}, depth ${stats.depth}`;
  const states = `${stats.finalStatesCapped ? 'at least ' : ''}${plural(stats.distinctFinalStates, 'distinct final state')}`;
  const interrupted = stats.interrupted ? '; it was interrupted' : '';
  return (
    `${plural(stats.schedules, 'schedule')} (${strategy}${sharesText(stats)}) with ${plural(stats.steps, 'step')}, ` +
    `the longest of ${countText(stats.longestRun)}; ${states}${interrupted}.`
  );
}

/** `: 960 of the stream, 64 drawn` */
function sharesText({ stream, drawnSchedules }: ExploreStats): string {
  return stream === undefined
    ? ''
    : `: ${countText(stream.schedules)} of the stream, ${countText(drawnSchedules)} drawn`;
}

/** What verify looks for besides. That an end can be reached from everywhere the stream has seen to. */
const BEYOND_EVERY_INTERLEAVING =
  'starvation that no schedule came round to, and the order of locks: faultline verify looks for both';

/** What the stream has tried to the end, and what it has not. */
function preemptions({ stream }: ExploreStats): string | undefined {
  if (stream === undefined) return undefined;
  const { preemptions: most } = stream;
  if (most === undefined) return undefined;
  return (
    `more than ${plural(most, 'preemption')}: every schedule with at most ${countText(most)} was tried (equal states ` +
    'merged; to switch is free where an actor waits, ends or goes round a loop; a choice answered otherwise counts as one)'
  );
}

function pairs({ racingPairs }: ExploreStats): string | undefined {
  if (racingPairs === undefined || racingPairs.all === 0) return undefined;
  const { seen, all } = racingPairs;
  if (seen === all) return undefined;
  return (
    `of ${countText(all)} ordered pairs of ops that may race, the ${countText(all - seen)} that did not come one right ` +
    'before the other in the stream; some may be unable to (--json names them)'
  );
}

/** Good and Turing: the chance of something new is the share of samples that were seen once; else the rule of three. */
function finalStates(stats: ExploreStats): string | undefined {
  const { drawnSchedules: schedules, singletonFinalStates: singletons } = stats;
  if (stats.schedules === 0) return 'everything: no schedule was run';
  if (schedules === 0) return undefined;
  if (stats.finalStatesCapped)
    return 'final states: there are more than were counted, so nothing is said about new ones';
  const seen = `seen once in ${plural(schedules, stats.stream === undefined ? 'schedule' : 'drawn schedule')}`;
  if (singletons > 0) {
    return `final states: the chance that one more schedule shows a new one is about ${percent(singletons / schedules)} (${plural(singletons, 'final state')} ${seen})`;
  }
  return `final states: the chance that one more schedule shows a new one is at most ${percent(Math.min(1, 3 / schedules))} at 95 % confidence (no final state was ${seen})`;
}

/** Said only where it says something: a chance of missing a bug that is as good as certain is none. */
function depthBound({ pctBound, depth, schedules }: ExploreStats): string | undefined {
  if (pctBound === undefined || depth === undefined) return undefined;
  // Below that it is as good as nothing, but it is not nothing.
  const missed = Math.max((1 - pctBound) ** schedules, LEAST_SHARE);
  if (missed > MOST_MISSED) return undefined;
  return (
    `bugs of depth above ${depth}; one of at most that depth is found by a schedule with a chance of at least ` +
    `${percent(pctBound)}, and missed by all of them with a chance of at most ${percent(missed)}`
  );
}

function bounded({ boundedBy }: ExploreStats): string[] {
  return boundedBy.map(
    ({ actor, loop, count: times }) => `${plural(times, 'schedule')} given up: ${actor} kept retrying in ${loop}`,
  );
}

function growing({ growing: cells }: ExploreStats): string[] {
  return cells.length === 0 ? [] : [growingText(cells).replace(/\.$/, '')];
}

function broken({ violating, deadlocked, livelocked }: ExploreStats): string[] {
  return [
    ...(violating > 0 ? [`what comes after a violation (${plural(violating, 'schedule')} ended in one)`] : []),
    ...(deadlocked > 0 ? [`what comes after a deadlock (${plural(deadlocked, 'schedule')} ended in one)`] : []),
    ...(livelocked > 0 ? [`what comes after a livelock (${plural(livelocked, 'schedule')} ended in one)`] : []),
  ];
}

/** The smallest share that is told. */
const LEAST_SHARE = 1e-10;

/** Two significant digits: `0.02 %`, `12 %`, `0.000031 %`. */
function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value >= 99.5) return `${Math.round(value)} %`;
  const digits = Math.max(0, 1 - Math.floor(Math.log10(value)));
  return `${value.toFixed(Math.min(digits, 12))} %`;
}
