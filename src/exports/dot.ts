/**
 * DOT export: a run as a graph for Graphviz. A lane an actor, steps downwards in the order in which they happened, an
 * edge for each pair of steps that touch the same cell.
 */

import type { DocumentStep, TraceDocument } from '../trace/trace-schema.js';
import { manyLines, oneLine } from './export-text.js';
import { cellNames, happensText, innermostFunction, stepWithResult } from './step-text.js';

/** Longest text of a step in its box. */
const MOST_IN_BOX = 80;

/** The digraph; the text ends in '\n'. */
export function dotOf(document: TraceDocument): string {
  const { steps, order, violation, title } = document;
  const heading = [title, ...(violation === undefined ? [] : [happensText(violation.words)])].map((line) =>
    oneLine(line),
  );
  return [
    'digraph faultline {',
    `  graph [label=${quoted(heading.join('\n'))}, labelloc=t, newrank=true, fontname="monospace"];`,
    '  node [shape=box, fontname="monospace", fontsize=10];',
    '  edge [fontname="monospace", fontsize=9];',
    ...document.actors.flatMap((_, actor) => lane(document, actor)),
    // What is certain is the order of each actor's own steps; where there is more, steps stand on rows of their own.
    ...(order === 'total' ? rows(steps.length) : []),
    ...document.conflicts.map(
      ({ from, to, cells }) =>
        `  s${from} -> s${to} [style=dashed, constraint=false, label=${quoted(oneLine(cellNames(document, cells), MOST_IN_BOX))}];`,
    ),
    '}',
    '',
  ].join('\n');
}

function lane(document: TraceDocument, actor: number): string[] {
  const { steps, actors } = document;
  const own = steps.map((step, at) => ({ step, at })).filter(({ step }) => step.actor === actor);
  if (own.length === 0) return [];
  return [
    `  subgraph cluster_a${actor} {`,
    `    label=${quoted(oneLine(actors[actor].name))};`,
    ...own.map(({ step, at }) => `    s${at} [${box(document, step, at)}];`),
    ...(own.length > 1 ? [`    ${own.map(({ at }) => `s${at}`).join(' -> ')} [weight=10];`] : []),
    '  }',
  ];
}

/** What breaks has two lines around it and says so; colour alone says nothing. */
function box(document: TraceDocument, step: DocumentStep, at: number): string {
  const broken = step.violation ?? (document.blame?.step === at ? document.violation : undefined);
  const name = innermostFunction(step);
  const lines = [
    ...(name === undefined ? [] : [oneLine(name, MOST_IN_BOX)]),
    `${at + 1}. ${oneLine(stepWithResult(step), MOST_IN_BOX)}`,
    ...(broken === undefined ? [] : [`*** ${broken.kind} ***`]),
  ];
  return `label=${quoted(lines.join('\n'))}${broken === undefined ? '' : ', peripheries=2, penwidth=2'}`;
}

function rows(count: number): string[] {
  if (count < 2) return [];
  const places = [...Array(count).keys()];
  return [
    '  node [shape=plaintext, label="", width=0, height=0];',
    `  ${places.map((at) => `t${at}`).join(' -> ')} [style=invis];`,
    ...places.map((at) => `  { rank=same; t${at}; s${at}; }`),
  ];
}

/** A string of DOT: a backslash would begin one of its own escapes, `\N` for the name of the node. */
function quoted(text: string): string {
  return `"${manyLines(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
