/**
 * Claim columns: findings that say more than their run shows. A round is drawn in two parts, the way there and once
 * round; an order of locks in the form of the kernel's lock debugging (kernel/locking/lockdep.c,
 * print_circular_bug()), with the run to where the last lock is wanted. Used by the command line.
 */

import { type Spin, spinsOf } from '../core/story/spins.js';
import type { Trace, TraceStep } from '../core/story/trace.js';
import type { Claim, ClaimedEdge } from '../verify/claim.js';
import { columnGrid } from './column-grid.js';
import { columnHeads } from './column-heads.js';
import { type ColumnRow, columnRows, type RowStep, rowsOf, type Unfold, unfoldedSections } from './column-rows.js';
import { type ColumnOptions, columnsOf } from './columns.js';
import { spinLines, waitingLines } from './deadlock-lines.js';
import { locksText } from './locks-text.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
const SCENARIO_INDENT = '  ';

/** The run of a finding in columns, with its claim if it has one; `words` end "When this happens, ...". */
export function claimColumns(
  trace: Trace,
  claim: Claim | undefined,
  words: string,
  options: ColumnOptions = {},
): string {
  if (claim === undefined) return columnsOf(trace, options);
  const { unfold = 'broken' } = options;
  const lines =
    claim.kind === 'lock-order'
      ? lockOrderLines(trace, claim.edges, unfold)
      : roundLines(trace, claim.loopFrom, unfold);
  return `${[...lines, '', ...wrapWords(`When this happens, ${words}.`, WIDTH)].join('\n')}\n`;
}

function roundLines(trace: Trace, loopFrom: number, unfold: Unfold): string[] {
  const sections = unfold === 'all' ? unfoldedSections(trace, unfold) : undefined;
  const { steps } = trace;
  const round = steps.slice(loopFrom);
  const going = new Set(round.map(({ actor }) => actor));
  const starved = starvedSteps(trace, going);
  const heads = columnHeads(trace, starved);
  const rowsTo = (part: readonly RowStep[]): readonly ColumnRow[] => rowsOf(part, new Set(), sections);
  const [before, within] = [rowsTo(steps.slice(0, loopFrom)), rowsTo([...starved, ...round])];
  const way = columnGrid(heads, before, { besides: within });
  const once = columnGrid(heads, within, { besides: before });
  const from = loopFrom === 0 ? [] : [...way, '', 'From here it goes round:', ''];
  const end = ['', 'and all is as it was when the round began.'];
  return [...from, ...once, ...end, ...blockedLines(trace, going, spinsOf(trace, loopFrom))];
}

/** The ops of those that have to finish and take no step of the round: each waits, now and then or all the time. */
function starvedSteps({ actors, mayWait }: Trace, going: ReadonlySet<number>): readonly RowStep[] {
  return mayWait
    .filter(({ actor }) => !actors[actor].daemon && !going.has(actor))
    .map(({ actor, call, callName, frames, text }) => ({ actor, call, callName, frames, text, result: 'waits' }));
}

/** Who holds locks and goes round, who waits meanwhile, and for what; in no ring of locks, which would be told as a deadlock. */
function blockedLines(trace: Trace, going: ReadonlySet<number>, spins: readonly Spin[]): string[] {
  const { waiters, othersRun } = trace.blocked;
  const idle = waiters.filter(({ actor }) => !going.has(actor));
  const polls = spins.filter(({ polls }) => polls).flatMap((spin) => spinLines(trace, spin));
  const cycle = spins.find(({ ring }) => ring.length > 0)?.ring ?? [];
  const lines = [...polls, ...waitingLines(trace, { waiters: idle, cycle, othersRun })];
  return lines.length === 0 ? [] : ['', ...lines];
}

function lockOrderLines(trace: Trace, edges: readonly ClaimedEdge[], unfold: Unfold): string[] {
  const nameOf = ({ actor }: ClaimedEdge): string => trace.actors[actor]?.name ?? `actor ${actor}`;
  const last = edges[edges.length - 1];
  const text = (name: string, mode: ClaimedEdge['heldAs']): string =>
    locksText([{ name, mode: isReadBySome(edges, name) ? mode : undefined }]);
  const chain = edges
    .slice(0, -1)
    .flatMap((edge, place) =>
      wrapWords(
        `-> #${edges.length - 1 - place}: ${text(edge.wanted, edge.wantedAs)} is wanted in ${edge.function}() ` +
          `by ${nameOf(edge)}, which holds ${text(edge.held, edge.heldAs)}`,
        WIDTH,
        '       ',
      ),
    );
  return [
    ...wrapWords('WARNING: possible circular locking dependency', WIDTH),
    '',
    ...wrapWords(`${nameOf(last)} wants in ${last.function}():`, WIDTH),
    `  ${text(last.wanted, last.wantedAs)}`,
    'while it holds:',
    ...[...last.others, { name: last.held, as: last.heldAs }].map(({ name, as }) => `  ${text(name, as)}`),
    ...wrapWords('on which the wanted lock already depends, by this chain (in reverse order):', WIDTH),
    ...['', ...chain, ''],
    ' Possible unsafe locking scenario:',
    '',
    ...scenarioLines(edges),
    ...['', ' *** DEADLOCK ***', ''],
    ...wrapWords(`The run to where ${last.wanted} is wanted:`, WIDTH),
    '',
    ...columnGrid(columnHeads(trace), columnRows(trace, { unfold, keep: isOnLock })),
  ];
}

/** What an order of locks is about never folds, not even where one task alone is on the lock. */
function isOnLock({ ops }: TraceStep): boolean {
  return ops.some(({ lock }) => lock !== undefined);
}

/** Whether a lock of the ring tells readers from writers, as far as the ring shows. */
function isReadBySome(edges: readonly ClaimedEdge[], name: string): boolean {
  return edges.some(
    ({ held, heldAs, wanted, wantedAs, others }) =>
      (held === name && heldAs === 'read') ||
      (wanted === name && wantedAs === 'read') ||
      others.some((other) => other.name === name && other.as === 'read'),
  );
}

/**
 * One CPU for each edge, and one for each writer that stands between two readers: first all take what they hold, then the
 * writers queue, then all want what the next one holds.
 */
function scenarioLines(edges: readonly ClaimedEdge[]): string[] {
  const between = edges.filter(
    (edge, place) => edge.wantedAs === 'read' && edges[(place + 1) % edges.length].heldAs === 'read',
  );
  const heads = [...edges, ...between].map((_, actor) => ({ actor, title: `CPU${actor}` }));
  const row = (actor: number, name: string, mode: ClaimedEdge['heldAs']) => ({
    ...{ actor, kind: 'step' as const, depth: 0, breaks: undefined },
    text: `${mode === 'read' ? 'rlock' : 'lock'}(${name});`,
  });
  const takes = edges.map(({ held, heldAs }, cpu) => row(cpu, held, heldAs));
  const queues = between.map(({ wanted }, i) => row(edges.length + i, wanted, 'write'));
  const wants = edges.map(({ wanted, wantedAs }, cpu) => row(cpu, wanted, wantedAs));
  const lines = columnGrid(heads, [...takes, ...queues, ...wants], { indent: SCENARIO_INDENT.length });
  return lines.map((line) => `${SCENARIO_INDENT}${line}`.trimEnd());
}
