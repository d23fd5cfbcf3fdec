/**
 * The lanes of a run: a table with a row a step and a column an actor. Where the lanes do not fit beside each other, one
 * lane with the actor's name in front. Conflicts are arcs at the margin.
 */

import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lastWriterOf, touchedCells } from '../trace/trace-reading.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { Arcs } from './arcs.js';
import { FoldRow, StepRow } from './lane-row.js';
import { type Fold, foldsOf, laneRowsOf, leftOpenBy } from './rows.js';

/** A lane is not readable with fewer places. */
const LANE_REM = 16;
const MARGIN_REM = 7;

interface LanesProps {
  readonly trace: TraceDocument;
  readonly taken: number;
  readonly go: (taken: number) => void;
}

/** The table with its arcs. */
export function SwimLanes({ trace, taken, go }: LanesProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [inLanes, setInLanes] = useState(true);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => laneRowsOf(trace), [trace]);
  const folds = useMemo(() => foldsOf(trace), [trace]);
  const wrote = useMemo(() => writersOf(trace, taken), [trace, taken]);
  const shown = useMemo(() => actorsInLanes(trace), [trace]);
  const actors = shown.length;
  useLayoutEffect(() => {
    const element = frame.current!;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const measure = () => setInLanes(element.clientWidth >= (MARGIN_REM + actors * LANE_REM) * rem);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [actors]);
  const isOpen = ({ from, to }: Fold): boolean => opened.has(from) || (taken > from && taken <= to + 1);
  const toggle = (from: number) => {
    const next = new Set(opened);
    if (!next.delete(from)) next.add(from);
    setOpened(next);
  };
  const lanes = inLanes ? shown : undefined;
  const shape = `${inLanes}${[...opened].join()}${taken}`;
  return (
    <div class={inLanes ? 'lanes wide' : 'lanes one'} ref={frame}>
      <Arcs trace={trace} taken={taken} frame={frame} shape={shape} />
      <table>
        <caption class="hidden">The steps in their order{inLanes ? ', a column for each actor' : ''}</caption>
        <LaneHeads trace={trace} lanes={lanes} />
        <tbody>
          {rows.map((row) => {
            const fold = folds.find(({ from, to }) => row.at >= from && row.at <= to);
            const folded = fold !== undefined && !isOpen(fold);
            if (folded && row.at > fold.from) return null;
            if (folded) {
              const open = () => toggle(fold.from);
              const shown = { ...row, enters: leftOpenBy(rows, fold) };
              return <FoldRow key={`fold ${row.at}`} trace={trace} fold={fold} row={shown} lanes={lanes} open={open} />;
            }
            const place = row.at + 1 === taken ? 'now' : row.at < taken ? 'done' : 'later';
            return (
              <StepRow
                key={row.at}
                trace={trace}
                row={row}
                lanes={lanes}
                place={place}
                wrote={wrote.get(row.at) ?? ''}
                go={go}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function LaneHeads({ trace, lanes }: { readonly trace: TraceDocument; readonly lanes: readonly number[] | undefined }) {
  return (
    <thead>
      <tr>
        <th class="number" scope="col">
          <span class="hidden">Step</span>
        </th>
        {lanes !== undefined ? (
          lanes.map((actor) => {
            const { name, calls, daemon } = trace.actors[actor];
            return (
              <th key={name} scope="col" class={`lane hue${actor % 6}`}>
                <strong>{name}</strong>
                <span class="calls">{calls.join(', ')}</span>
                {daemon && <span class="calls">may wait for ever</span>}
              </th>
            );
          })
        ) : (
          <>
            <th scope="col" class="who">
              Actor
            </th>
            <th scope="col" class="what">
              What it does
            </th>
          </>
        )}
      </tr>
    </thead>
  );
}

/** Who takes a step or waits; others have a place in the panel of actors only. */
function actorsInLanes({ actors, steps, start }: TraceDocument): readonly number[] {
  const seen = new Set(steps.flatMap(({ actor, waits = [] }) => [actor, ...waits.map((wait) => wait.actor)]));
  for (const { actor } of start?.waits ?? []) seen.add(actor);
  return actors.flatMap((_, actor) => (seen.has(actor) ? [actor] : []));
}

/** The steps that wrote last what the current step touches, with the names of these cells. */
function writersOf(trace: TraceDocument, taken: number): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (taken === 0) return found;
  const { reads, writes } = touchedCells(trace.steps[taken - 1]);
  for (const cell of [...reads, ...writes]) {
    const writer = lastWriterOf(trace, cell, taken - 1);
    if (writer === undefined) continue;
    const { name } = trace.cells[cell];
    found.set(writer, found.has(writer) ? `${found.get(writer)}, ${name}` : name);
  }
  return found;
}
