/**
 * Verify text: what a search of every interleaving came to. The verdict with its bound, so that nobody takes `verified`
 * for more than it is; when the search was given up, what was left. A yes takes ten lines; counts, reductions and what
 * was not reached are told where they are asked for. Used by the command line.
 */

import type { ReductionsUsed, ReductionUse } from '../space/plan.js';
import type { VerifyResult } from '../verify/verify.js';
import { growingText } from './growing-text.js';
import { NOT_MODELLED } from './not-modelled.js';
import { countText, plural } from './quantities.js';
import { coverageLines, withinReachLines } from './uncovered-lines.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** Lines that a yes takes, with its headline, the line below that and the verdict. */
const LINES = 10;
const LINES_ABOVE = 3;
/** Lines for what was not reached, of a search that ended otherwise. */
const FEW_LINES = 3;
/** Actors whose calls are told one by one. */
const FEW_ACTORS = 3;

/** Of so few states, the memory is the table's own. */
const FEW_STATES = 10_000;

/** The size of a scenario of guest_memfd. */
export interface GuestMemfdWorld {
  readonly frames: number;
  readonly vcpus: number;
  /** The order of its largest folios; left out: all have one page. */
  readonly maxOrder?: number;
  /** How many VMs there are; left out: one. */
  readonly vms?: number;
}

/** What is told. */
export interface VerifyTextOptions {
  /** Undefined for a model of the user's own. */
  readonly world?: GuestMemfdWorld | undefined;
  /** All counts, the calls of every actor, and the reductions. */
  readonly details?: boolean;
  /** All that was not reached. */
  readonly coverage?: boolean;
}

/** The verdict in a sentence or two. */
export function outcomeText(result: VerifyResult): string {
  const { verdict, stoppedBy, interrupted, findings, left, states, growing } = result;
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
  const grows = growing.length === 0 ? [] : wrapWords(growingText(growing), WIDTH);
  return [
    ...wrapWords(`${answer} is not complete, because ${why}. ${what}`, WIDTH),
    ...grows,
    ...resumeLines(result),
  ].join('\n');
}

/** How a search on disk is gone on with. */
function resumeLines({ folder }: VerifyResult): string[] {
  if (folder === undefined || folder.resumesAt < 0) return [];
  const { path, resumesAt, bytes } = folder;
  const kept = `${path} keeps the states up to level ${countText(resumesAt)} (${countText(bytes / 2 ** 20)} MiB)`;
  return wrapWords(`${kept}: the same command goes on from there.`, WIDTH);
}

/**
 * What was covered, under which bound, and what was not; lines of at most 75 characters that end in '\n'.
 */
export function verifyText(result: VerifyResult, seconds: number, options: VerifyTextOptions = {}): string {
  const { world, details = false, coverage = false } = options;
  const { interleavings, bound, verdict } = result;
  const lines = [
    ...paragraph('Covered', details ? wholeCoveredText(result, seconds) : coveredText(result, seconds)),
    ...(interleavings === undefined ? [] : paragraph('Interleavings', interleavingsText(interleavings))),
    ...boundLines(result, world, details),
    ...(details ? reductionLines(result.reductions) : problemLines(result)),
    ...listed('Not examined', [...bound.notChecked, ...beyond(result)]),
  ];
  const room = verdict === 'verified' ? Math.max(1, LINES - LINES_ABOVE - lines.length) : FEW_LINES;
  return [...lines, ...uncoveredLines(result, coverage, room), ''].join('\n');
}

function coveredText(result: VerifyResult, seconds: number): string {
  const { states, transitions, depth, completed, endsBesideDaemons } = result;
  const ends = completed > 0 ? '' : endsBesideDaemons > 0 ? ` (${besideText(result)})` : ' (none of them complete)';
  return (
    `${plural(states, 'distinct state')}${ends}, ${plural(transitions, 'transition')}, depth ${countText(depth)}, ` +
    `in ${seconds.toFixed(1)} s.`
  );
}

function wholeCoveredText(result: VerifyResult, seconds: number): string {
  const { states, transitions, depth, completed, deadlocked, finalStates, finalStatesFolded, workersUsed } = result;
  const ends = [
    `${countText(completed)} of them complete`,
    ...(result.endsBesideDaemons > 0 ? [besideText(result)] : []),
    ...(deadlocked > 0 ? [`${countText(deadlocked)} deadlocked`] : []),
  ];
  return (
    `${plural(states, 'distinct state')} (${ends.join(', ')}), ${plural(transitions, 'transition')}, depth ` +
    `${countText(depth)}; ${finalStatesFolded ? 'at least ' : ''}${plural(finalStates, 'distinct final state')}; ` +
    `in ${seconds.toFixed(1)} s, ${plural(workersUsed, 'thread')}` +
    `${states < FEW_STATES ? '' : `, ${result.bytesPerState.toFixed(0)} bytes a state${result.folder ? ' on disk' : ''}`}.`
  );
}

/** Where runs are at their end although somebody can go on. */
function besideText({ endsBesideDaemons }: VerifyResult): string {
  return `${countText(endsBesideDaemons)} complete beside daemons that go round for ever`;
}

function interleavingsText(interleavings: NonNullable<VerifyResult['interleavings']>): string {
  return interleavings === 'unbounded'
    ? 'unbounded, because a run may go round.'
    : `${interleavings.toLocaleString('en')}.`;
}

/** The bound under which every interleaving was searched, as lines that end in '\n'. */
export function boundLines(
  result: Pick<VerifyResult, 'bound' | 'program'>,
  world: GuestMemfdWorld | undefined,
  details: boolean,
): string[] {
  return [
    ...paragraph('Bound', boundText(result, world, details)),
    ...(world ? paragraph('Not modelled', `${NOT_MODELLED}.`) : []),
  ];
}

function boundText(
  { bound, program }: Pick<VerifyResult, 'bound' | 'program'>,
  world: GuestMemfdWorld | undefined,
  details: boolean,
): string {
  const { memoryModel, actors, objects, fair } = bound;
  const daemons = actors.filter(({ daemon }) => daemon).length;
  const who = `${plural(actors.length, 'actor')}${daemonsText(daemons)} (${callsText(actors, details)})`;
  const locks = program.automaton.infos.some(({ op }) => op?.spec.lock !== undefined)
    ? ', any waiter may get a lock'
    : '';
  const assumed = fair.length === 0 ? '' : `, fair: ${fair.join(', ')}`;
  if (world === undefined) return `${memoryModel} memory${locks}${assumed}; ${who}${objectsText(objects)}.`;
  const { frames, vcpus, maxOrder = 0, vms = 1 } = world;
  const folios = maxOrder === 0 ? 'order-0 folios' : `folios of order 0 and ${maxOrder}`;
  const ofVms = vms === 1 ? 'one VM' : plural(vms, 'VM');
  return `${memoryModel} memory, ${folios}, ${plural(frames, 'frame')}, ${plural(vcpus, 'vCPU')}, ${ofVms}; ${who}.`;
}

/** `vCPU0: 2 calls, puncher: 1 call`; of many actors only how many calls they have. */
function callsText(actors: VerifyResult['bound']['actors'], details: boolean): string {
  if (details || actors.length <= FEW_ACTORS)
    return actors.map(({ name, calls }) => `${name}: ${plural(calls, 'call')}`).join(', ');
  const [first] = actors;
  const total = actors.reduce((sum, { calls }) => sum + calls, 0);
  return actors.every(({ calls }) => calls === first.calls)
    ? `${plural(first.calls, 'call')} each`
    : `${plural(total, 'call')} in all`;
}

function daemonsText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ', one of them a daemon' : `, ${countText(count)} of them daemons`;
}

/** What users name things is not put in the plural. */
function objectsText(objects: VerifyResult['bound']['objects']): string {
  return objects.map(({ name, count }) => `; ${plural(count, 'object')} "${name}"`).join('');
}

function reductionLines({ problem, merge, symmetry, por }: ReductionsUsed): string[] {
  if (problem !== undefined) return paragraph('Nothing is reduced', `${problem}.`);
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

/** Why nothing could be reduced, if that is so: then the search takes long, and the model can help it. */
function problemLines({ reductions, stoppedBy }: VerifyResult): string[] {
  // Who was not answered may want to know what would make the space smaller, too.
  return reductions.problem === undefined && stoppedBy === undefined ? [] : reductionLines(reductions);
}

/** The search goes on after a violation nowhere, and after the first not at all unless it was told to. */
function beyond(result: VerifyResult): string[] {
  const isStep = result.findings.some(({ kind }) => !['livelock', 'starvation', 'lock-order'].includes(kind));
  if (!isStep || result.stoppedBy !== undefined) return [];
  return [
    endedEarly(result)
      ? 'what comes after the first finding (--all goes on)'
      : 'what comes after a step that broke something',
  ];
}

/** Whether the search ended with its first finding, and so did not go on to what needs all orders. */
function endedEarly({ findings, bound }: VerifyResult): boolean {
  return findings.length > 0 && bound.notChecked.includes('livelock and starvation');
}

function uncoveredLines(result: VerifyResult, all: boolean, room: number): string[] {
  const { coverage, stoppedBy } = result;
  if (coverage === undefined) return [];
  const early = endedEarly(result);
  if (all)
    return coverageLines(coverage, stoppedBy !== undefined ? ' so far' : early ? ' before the first finding' : '');
  // Who ends at the first finding has not reached much, and that says nothing.
  return early ? [] : withinReachLines(coverage, room);
}

function paragraph(title: string, text: string): string[] {
  return wrapWords(`${title}: ${text}`, WIDTH, '  ');
}

function listed(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : paragraph(title, `${items.join('; ')}.`);
}
