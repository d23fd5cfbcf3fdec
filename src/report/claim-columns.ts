/**
 * Claim columns: findings that say more than their run shows. A round is drawn in two parts, the way there and once
 * round; an order of locks in the form of the kernel's lock debugging (kernel/locking/lockdep.c,
 * print_circular_bug()), with the run to where the last lock is wanted. Used by the command line.
 */

import type { Trace, TraceStep } from '../core/trace.js';
import type { Claim, ClaimedEdge } from '../verify/claim.js';
import { columnGrid } from './column-grid.js';
import { columnHeads } from './column-heads.js';
import { columnRows, rowsOf } from './column-rows.js';
import { columnsOf } from './columns.js';
import { locksText } from './locks-text.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;

/** The run of a finding in columns, with its claim if it has one; `words` end "When this happens, ...". */
export function claimColumns(trace: Trace, claim: Claim | undefined, words: string): string {
  if (claim === undefined) return columnsOf(trace);
  const lines = claim.kind === 'lock-order' ? lockOrderLines(trace, claim.edges) : roundLines(trace, claim.loopFrom);
  return `${[...lines, '', ...wrapWords(`When this happens, ${words}.`, WIDTH)].join('\n')}\n`;
}

function roundLines(trace: Trace, loopFrom: number): string[] {
  const heads = columnHeads(trace);
  const part = (steps: readonly TraceStep[]): string[] => columnGrid(heads, rowsOf(steps));
  const { steps } = trace;
  const way = loopFrom === 0 ? [] : [...part(steps.slice(0, loopFrom)), '', 'From here it goes round:', ''];
  return [...way, ...part(steps.slice(loopFrom)), '', 'and all is as it was when the round began.'];
}

function lockOrderLines(trace: Trace, edges: readonly ClaimedEdge[]): string[] {
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
    `  ${text(last.held, last.heldAs)}`,
    ...wrapWords('on which the wanted lock already depends, by this chain (in reverse order):', WIDTH),
    ...['', ...chain, ''],
    ' Possible unsafe locking scenario:',
    '',
    ...scenarioLines(edges),
    ...['', ' *** DEADLOCK ***', ''],
    ...wrapWords(`The run to where ${last.wanted} is wanted:`, WIDTH),
    '',
    ...columnGrid(columnHeads(trace), columnRows(trace)),
  ];
}

/** Whether a lock of the ring tells readers from writers, as far as the ring shows. */
function isReadBySome(edges: readonly ClaimedEdge[], name: string): boolean {
  return edges.some(
    ({ held, heldAs, wanted, wantedAs }) =>
      (held === name && heldAs === 'read') || (wanted === name && wantedAs === 'read'),
  );
}

/** One CPU for each edge: first all take what they hold, then all want what the next one holds. */
function scenarioLines(edges: readonly ClaimedEdge[]): string[] {
  const heads = edges.map((_, actor) => ({ actor, title: `CPU${actor}` }));
  const row = (actor: number, name: string, mode: ClaimedEdge['heldAs']) => ({
    ...{ actor, kind: 'step' as const, depth: 0, breaks: undefined },
    text: `${mode === 'read' ? 'rlock' : 'lock'}(${name});`,
  });
  const takes = edges.map(({ held, heldAs }, cpu) => row(cpu, held, heldAs));
  const wants = edges.map(({ wanted, wantedAs }, cpu) => row(cpu, wanted, wantedAs));
  return columnGrid(heads, [...takes, ...wants]).map((line) => `  ${line}`.trimEnd());
}
