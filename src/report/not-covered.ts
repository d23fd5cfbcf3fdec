/**
 * Not covered: what a run of explore did, and what it says nothing about. Printed under every result, so that nobody
 * takes "nothing found" for "nothing there". Used by the command line.
 */

import type { ExploreStats } from '../explore/stats.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** Items of a list that are printed; the JSON document holds them all. */
const SHOWN = 12;

/** The statement of what was covered and what was not; lines of at most 75 characters that end in '\n'. */
export function notCovered(stats: ExploreStats): string {
  const left = [
    finalStates(stats),
    depthBound(stats),
    ...bounded(stats),
    ...broken(stats),
    list('ops never executed', stats.neverExecuted),
    list('machine events never sent', stats.eventsNeverSent),
    list('tests that always went the same way', stats.oneSided),
  ].filter((item) => item !== undefined);
  return [
    ...wrapWords(`Covered: ${covered(stats)}`, WIDTH, '  '),
    'Not covered:',
    ...left.flatMap((item) => wrapWords(`- ${item}`, WIDTH - 2, '  ').map((line) => `  ${line}`)),
    '',
  ].join('\n');
}

function covered(stats: ExploreStats): string {
  const strategy = stats.depth === undefined ? stats.strategy : `${stats.strategy}, depth ${stats.depth}`;
  const states = `${stats.finalStatesCapped ? 'at least ' : ''}${count(stats.distinctFinalStates, 'distinct final state')}`;
  const interrupted = stats.interrupted ? '; it was interrupted' : '';
  return (
    `${count(stats.schedules, 'schedule')} (${strategy}) with ${count(stats.steps, 'step')}, ` +
    `the longest of ${stats.longestRun}; ${states}${interrupted}.`
  );
}

/** Good and Turing: the chance of something new is the share of samples that were seen once; else the rule of three. */
function finalStates(stats: ExploreStats): string | undefined {
  const { schedules, singletonFinalStates: singletons } = stats;
  if (schedules === 0) return 'everything: no schedule was run';
  if (stats.finalStatesCapped)
    return 'final states: there are more than were counted, so nothing is said about new ones';
  const seen = `seen once in ${count(schedules, 'schedule')}`;
  if (singletons > 0) {
    return `final states: the chance that one more schedule shows a new one is about ${percent(singletons / schedules)} (${count(singletons, 'final state')} ${seen})`;
  }
  return `final states: the chance that one more schedule shows a new one is at most ${percent(Math.min(1, 3 / schedules))} at 95 % confidence (no final state was ${seen})`;
}

function depthBound({ pctBound, depth, schedules }: ExploreStats): string | undefined {
  if (pctBound === undefined || depth === undefined) return undefined;
  const missed = (1 - pctBound) ** schedules;
  return (
    `bugs of depth above ${depth}; one of at most that depth is found by a schedule with a chance of at least ` +
    `${percent(pctBound)}, and missed by all of them with a chance of at most ${percent(missed)}`
  );
}

function bounded({ boundedBy }: ExploreStats): string[] {
  return boundedBy.map(
    ({ actor, loop, count: times }) =>
      `${count(times, 'schedule')} given up at the step bound: ${actor} kept retrying in ${loop}`,
  );
}

function broken({ violating, deadlocked }: ExploreStats): string[] {
  return [
    ...(violating > 0 ? [`what comes after a violation (${count(violating, 'schedule')} ended in one)`] : []),
    ...(deadlocked > 0 ? [`what comes after a deadlock (${count(deadlocked, 'schedule')} ended in one)`] : []),
  ];
}

function list(title: string, items: readonly string[]): string | undefined {
  if (items.length === 0) return undefined;
  const more = items.length > SHOWN ? `; and ${items.length - SHOWN} more (--json names all)` : '';
  return `${title} (${items.length}): ${items.slice(0, SHOWN).join('; ')}${more}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Two significant digits: `0.02 %`, `12 %`, `0.000031 %`. */
function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value >= 99.5) return `${Math.round(value)} %`;
  const digits = Math.max(0, 1 - Math.floor(Math.log10(value)));
  return `${value.toFixed(Math.min(digits, 12))} %`;
}
