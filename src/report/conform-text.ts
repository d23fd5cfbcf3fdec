/**
 * Conform text: what came of holding a recording against the model, for people. Used by the command line.
 */

import { columnGrid } from './column-grid.js';
import type { ColumnRow } from './column-rows.js';
import { eventRows, withoutRepeated } from './conform-event.js';
import type { ConformDocument } from './conform-schema.js';
import { countText, plural } from './quantities.js';
import { widthOf } from './text-width.js';
import { onOneLine, paragraphsOf, wrapCode, wrapWords } from './wrap.js';

/** Widest line. */
const WIDTH = 78;
/** Events that are named of those that were not looked at. */
const NAMED = 6;

type Refusal = NonNullable<ConformDocument['refusal']>;

/** The whole text; lines end in '\n'. */
export function conformText(document: ConformDocument): string {
  const { refusal } = document;
  const lines = [...headLines(document), ...verdictLines(document)];
  if (refusal !== undefined) lines.push('', ...refusalLines(refusal), '');
  lines.push(...countLines(document));
  return `${lines.join('\n')}\n`;
}

/** The verdict in a sentence, and what was looked at in others. */
export function conformSentences(document: ConformDocument): {
  readonly verdict: string;
  readonly notes: readonly string[];
} {
  return {
    verdict: onOneLine(verdictLines(document).join('\n')),
    notes: paragraphsOf(countLines(document).join('\n')),
  };
}

/** The title of a refusal, in one line. */
export function conformTitle({ scheme, refusal }: ConformDocument): string {
  const start = 'REFUSED: faultline: ';
  if (refusal === undefined) return `${start}a trace under ${scheme}`;
  const { task, line } = refusal.event;
  return `${start}${eventName(refusal)} of ${task}, line ${line} of the ${fileOf(refusal.event)}, under ${scheme}`;
}

/** What a trace is called: its file, without the folder and what says of which form it is. */
export function traceName(path: string): string {
  if (path === '-') return 'standard input';
  const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return (
    file
      .replace(/\.gz$/, '')
      .replace(/\.(?:txt|log)$/, '')
      .replace(/\.trace$/, '') || file
  );
}

function headLines({ trace, kernel, cpus, clock, lost, tasks, pages }: ConformDocument): string[] {
  const recorder = [
    ...(kernel === undefined ? [] : [`Linux ${kernel}`]),
    ...(cpus === undefined ? [] : [plural(cpus, 'CPU')]),
    ...(clock === undefined ? [] : [clock]),
    lost === undefined ? 'losses unknown' : lost === 0 ? 'nothing lost' : `${plural(lost, 'event')} lost`,
  ];
  return wrapWords(
    `${traceName(trace)}: ${recorder.join(', ')}; ${tasks.join(', ')}; ${plural(pages, 'page')}`,
    WIDTH,
    '  ',
  );
}

function verdictLines(document: ConformDocument): string[] {
  const { verdict, events, explained, accesses, scheme, because, refusal } = document;
  const accessed = accesses === undefined ? '' : ` and ${plural(accesses.of, 'access')}`;
  if (verdict === 'explained') {
    return wrapWords(`Explained: all ${plural(events, 'kernel event')}${accessed} under ${scheme}.`, WIDTH, '  ');
  }
  const before = `${countText(explained)} of ${plural(events, 'kernel event')}`;
  if (verdict === 'undecided') {
    return wrapWords(
      `Undecided: ${before} were explained under ${scheme}; ${because ?? 'no reason is known'}.`,
      WIDTH,
      '  ',
    );
  }
  const what =
    refusal?.event.isInLog === true
      ? `line ${refusal.event.line} of the log, behind event ${countText(explained)} of ${countText(events)}`
      : `event ${countText(explained + 1)} of ${countText(events)}, line ${refusal?.event.line} of the trace`;
  return wrapWords(`Refused: no execution of ${scheme} explains ${what}.`, WIDTH, '  ');
}

function refusalLines(refusal: Refusal): string[] {
  return [...columnLines(refusal), '', ...reasonLines(refusal), '', ...nearestLines(refusal)];
}

/** The refused event's task, and who else was active last. */
function columnLines({ event, before }: Refusal): string[] {
  const other = before.findLast(({ task }) => task !== event.task)?.task;
  const tasks = [...new Set(before.map(({ task }) => task)), event.task].filter(
    (task, place, all) => (task === event.task || task === other) && all.indexOf(task) === place,
  );
  const shown = withoutRepeated([...before.filter(({ task }) => tasks.includes(task)), event]);
  const rows = eventRows(shown).map(
    (row, place): ColumnRow => ({
      ...{ actor: tasks.indexOf(shown[place].task), kind: 'step', ...row },
      breaks: place === shown.length - 1 ? 'recorded' : undefined,
    }),
  );
  return columnGrid(
    tasks.map((title, actor) => ({ actor, title })),
    rows,
  );
}

function reasonLines({ reasons, states }: Refusal): string[] {
  const [first, ...rest] = [...reasons].sort((one, other) => other.states - one.states);
  if (first === undefined) return ['The model allows nothing here.'];
  const told = ({ words, states: count }: Refusal['reasons'][number]) =>
    `${words}, in ${countText(count)} of ${countText(states)} states`;
  return [
    ...wrapWords(`The model allows here: ${told(first)}`, WIDTH, '  '),
    ...rest.flatMap((each) => wrapWords(`or: ${told(each)}`, WIDTH - 2, '    ').map((part) => `  ${part}`)),
  ];
}

function nearestLines({ nearest, event }: Refusal): string[] {
  const width = Math.max(0, ...nearest.map(({ line }) => String(line).length));
  const lines = nearest.flatMap(({ line, text }) => {
    const mark = line === event.line ? '>' : ' ';
    const room = WIDTH - width - 4;
    const [first, ...rest] = wrapCode(text, room, room - 4);
    const indent = ' '.repeat(width + 8);
    return [`${mark} ${String(line).padStart(width)}  ${first}`, ...rest.map((part) => indent + part)];
  });
  return [`The nearest lines of the ${fileOf(event)}:`, ...lines];
}

function countLines(document: ConformDocument): string[] {
  const { groups, ignored, notRecorded, states, clockError } = document;
  const lines = listLines(
    '',
    groups.map(({ group, events }) => `${group} ${countText(events)}`),
    ';',
  );
  const left = ignored.reduce((sum, each) => sum + each.lines, 0);
  if (left > 0) {
    const named = ignored.slice(0, NAMED).map(({ event, lines: count }) => `${event} ${countText(count)}`);
    const all = ignored.length > NAMED ? [...named, '...'] : named;
    const open = `not looked at: ${plural(left, 'line')} (`;
    lines.push(...listLines(open, [...all.slice(0, -1), `${all[all.length - 1]})`], ';'));
  }
  if (notRecorded.length > 0) lines.push(...listLines('not recorded, so left open: ', notRecorded, ';'));
  const kept = `${averageText(states.average)} on average, ${countText(states.most)} at most`;
  return [...lines, `  states kept: ${kept}; clock error ${countText(clockError)}`];
}

/** A list in lines that are broken between its items alone. */
function listLines(opening: string, items: readonly string[], separator: string): string[] {
  const lines: string[] = [];
  let line = `  ${opening}`;
  items.forEach((item, place) => {
    const piece = place === items.length - 1 ? item : `${item}${separator}`;
    const isFirst = line.trim() === '' || line.endsWith('(') || line.endsWith(': ');
    if (!isFirst && widthOf(`${line} ${piece}`) > WIDTH) {
      lines.push(line);
      line = `    ${piece}`;
    } else line += isFirst ? piece : ` ${piece}`;
  });
  return items.length === 0 ? [] : [...lines, line].flatMap((each) => wrapped(each));
}

/** An item of a list may be longer than a line. */
function wrapped(line: string): string[] {
  const indent = /^ */.exec(line)![0];
  return wrapWords(line.trim(), WIDTH - indent.length, '    ').map((part) => indent + part);
}

function averageText(average: number): string {
  return average < 10 ? average.toFixed(1) : countText(average);
}

function eventName({ event }: Refusal): string {
  return /^[^\s:(]+/.exec(event.text)?.[0] ?? event.text;
}

function fileOf({ isInLog }: Refusal['event']): string {
  return isInLog === true ? 'log' : 'trace';
}
