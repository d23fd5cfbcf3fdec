/**
 * Verify text: what a search of every interleaving came to. The verdict with its bound, so that nobody takes `verified`
 * for more than it is; when the search was given up, what was left. Used by the command line.
 */

import type { ReductionsUsed, ReductionUse } from '../space/plan.js';
import type { VerifyResult } from '../verify/verify.js';
import { NOT_MODELLED } from './not-modelled.js';
import { countText, plural } from './quantities.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** Items of a list that are printed; the JSON document holds them all. */
const SHOWN = 12;

/** Of so few states, the memory is the table's own. */
const FEW = 10_000;

/** The size of a scenario of guest_memfd. */
export interface GuestMemfdWorld {
  readonly frames: number;
  readonly vcpus: number;
}

/** The verdict in a sentence or two. */
export function outcomeText({ verdict, stoppedBy, interrupted, findings, left, states }: VerifyResult): string {
  const found = `${plural(findings.length, 'finding')}`;
  if (stoppedBy === undefined) {
    if (verdict === 'inconclusive') {
      const why = 'no run comes to its end, so what must hold there was never asked. Nothing else breaks.';
      return wrapWords(`No answer: ${why}`, WIDTH).join('\n');
    }
    return verdict === 'verified' ? 'Verified: no interleaving breaks anything.' : `Violation: ${found}.`;
  }
  const why = interrupted ? 'it was interrupted' : `it reached ${stoppedBy}`;
  const frontier = left?.frontier ?? 0;
  const waiting = countText(frontier);
  const were = frontier === 1 ? 'was' : 'were';
  const what =
    left?.phase === 'cycles and lock order'
      ? `Livelock, starvation and lock order were not examined to the end (${plural(frontier, 'state')} ${were} reached and not gone on from); everything else was.`
      : `Of ${plural(states, 'state')} that ${states === 1 ? 'was' : 'were'} reached, ${waiting} ${were} not gone on from; what lies behind is not known.`;
  const answer = verdict === 'violation' ? `Violation: ${found}; but the search` : 'No answer: the search';
  return wrapWords(`${answer} is not complete, because ${why}. ${what}`, WIDTH).join('\n');
}

/**
 * What was covered, under which bound, and what was not; lines of at most 75 characters that end in '\n'. `world` is
 * undefined for a model of the user's own.
 */
export function verifyText(result: VerifyResult, seconds: number, world?: GuestMemfdWorld): string {
  return [
    ...paragraph('Covered', coveredText(result, seconds)),
    ...(result.interleavings === undefined ? [] : paragraph('Interleavings', interleavingsText(result.interleavings))),
    ...paragraph('Bound', boundText(result, world)),
    ...(world ? paragraph('Not modelled', `${NOT_MODELLED}.`) : []),
    ...reductionLines(result.reductions),
    ...items('Not examined', [...result.bound.notChecked, ...beyond(result)]),
    ...coverageLines(result),
    '',
  ].join('\n');
}

function coveredText(result: VerifyResult, seconds: number): string {
  const { states, transitions, depth, completed, deadlocked, finalStates, finalStatesFolded, workersUsed } = result;
  const ends = [
    `${countText(completed)} of them complete`,
    ...(deadlocked > 0 ? [`${countText(deadlocked)} deadlocked`] : []),
  ];
  return (
    `${plural(states, 'distinct state')} (${ends.join(', ')}), ${plural(transitions, 'transition')}, depth ` +
    `${countText(depth)}; ${finalStatesFolded ? 'at least ' : ''}${plural(finalStates, 'distinct final state')}; ` +
    `${seconds.toFixed(2)} s, ${plural(workersUsed, 'thread')}${states < FEW ? '' : `, ${result.bytesPerState.toFixed(0)} bytes a state`}.`
  );
}

function interleavingsText(interleavings: NonNullable<VerifyResult['interleavings']>): string {
  return interleavings === 'unbounded'
    ? 'unbounded, because a run may go round.'
    : `${interleavings.toLocaleString('en')}.`;
}

function boundText({ bound, program }: VerifyResult, world: GuestMemfdWorld | undefined): string {
  const { memoryModel, actors, objects } = bound;
  const daemons = actors.filter(({ daemon }) => daemon).length;
  const calls = actors.map(({ name, calls: count }) => `${name}: ${plural(count, 'call')}`).join(', ');
  const who = `${plural(actors.length, 'actor')}${daemonsText(daemons)} (${calls})`;
  const locks = program.automaton.infos.some(({ op }) => op?.spec.lock !== undefined)
    ? ', any waiter may get a lock'
    : '';
  if (world === undefined) return `${memoryModel} memory${locks}; ${who}${objectsText(objects)}.`;
  const { frames, vcpus } = world;
  return `${memoryModel} memory, order-0 folios, ${plural(frames, 'frame')}, ${plural(vcpus, 'vCPU')}, one VM; ${who}.`;
}

function daemonsText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ', one of them a daemon' : `, ${countText(count)} of them daemons`;
}

function objectsText(objects: VerifyResult['bound']['objects']): string {
  return objects.map(({ name, count }) => `; ${plural(count, name)}`).join('');
}

function reductionLines({ merge, symmetry, por }: ReductionsUsed): string[] {
  const groups = symmetry.groups.map((group) => group.join(', ')).join('; ');
  return [
    ...paragraph('Merging', `${useText(merge, 'equivalent local states are one')}.`),
    ...paragraph('Symmetry', `${useText(symmetry, `interchangeable: ${groups}`)}.`),
    ...paragraph('Order reduction', `${useText(por, 'orders that make no difference are left out')}.`),
  ];
}

function useText({ used, reasons }: ReductionUse, what: string): string {
  if (!used)
    return reasons.length === 0 ? 'off' : reasons[0] === 'switched off' ? reasons[0] : `off: ${reasons.join('; ')}`;
  return reasons.length === 0 ? what : `${what}; but ${reasons.join('; ')}`;
}

/** The search goes on after a violation nowhere, and after the first not at all unless it was told to. */
function beyond(result: VerifyResult): string[] {
  const isStep = result.findings.some(({ kind }) => !['livelock', 'starvation', 'lock-order'].includes(kind));
  if (!isStep || result.stoppedBy !== undefined) return [];
  return [
    endedEarly(result)
      ? 'what comes after the first finding; --all goes on'
      : 'what comes after a step that broke something',
  ];
}

/** Whether the search ended with its first finding, and so did not go on to what needs all orders. */
function endedEarly({ findings, bound }: VerifyResult): boolean {
  return findings.length > 0 && bound.notChecked.includes('livelock and starvation');
}

function coverageLines(result: VerifyResult): string[] {
  const { coverage, stoppedBy } = result;
  if (coverage === undefined) return [];
  const early = endedEarly(result) ? ' before the first finding' : '';
  const until = stoppedBy === undefined ? early : ' so far';
  return [
    ...items(`Ops never executed${until}`, coverage.neverExecuted),
    ...items(`Machine events never sent${until}`, coverage.eventsNeverSent),
    ...items(`Tests that always went the same way${until}`, coverage.oneSided),
  ];
}

function paragraph(title: string, text: string): string[] {
  return wrapWords(`${title}: ${text}`, WIDTH, '  ');
}

function items(title: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const more = all.length - SHOWN;
  const shown = more > 0 ? [...all.slice(0, SHOWN), `and ${more} more`] : all;
  return [`${title}:`, ...shown.flatMap((item) => wrapWords(`- ${item}`, WIDTH - 2, '  ').map((line) => `  ${line}`))];
}
