/**
 * The panels of the state behind the current step: objects region by region, locks with their queues and the ring of a
 * deadlock, cells with a filter.
 */

import type { RefObject } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { cellsAt, documentValueText, lastWriterOf } from '../trace/trace-reading.js';
import type { DocumentValue, TraceDocument } from '../trace/trace-schema.js';
import { waitText } from './rows.js';
import { Panel, type PanelProps, StepLink } from './step-panel.js';

/** What the cells hold before and behind the current step. */
interface States {
  readonly before: readonly (DocumentValue | undefined)[];
  readonly after: readonly (DocumentValue | undefined)[];
}

/** What the cells hold before and behind the current step; before the first one, twice the same. */
export function useStates(trace: TraceDocument, taken: number): States {
  return useMemo(
    () => ({ before: cellsAt(trace, Math.max(0, taken - 1)), after: cellsAt(trace, taken) }),
    [trace, taken],
  );
}

type StateProps = PanelProps & { readonly states: States };

/** Folios and other objects, region by region. */
export function ObjectsPanel({ trace, taken, states }: StateProps) {
  const objects = trace.cells.flatMap((cell, at) => (cell.kind === 'object' ? [{ ...cell, at }] : []));
  if (objects.length === 0) return null;
  const violation = taken > 0 ? trace.steps[taken - 1].violation : undefined;
  return (
    <Panel title="Objects">
      {objects.map(({ name, machine = 0, at }) => {
        const [before, after] = [states.before[at], states.after[at]];
        return (
          <table key={at} class="object">
            <caption>{name}</caption>
            <tbody>
              {trace.machines[machine].regions.map((region, place) => (
                <RegionRow
                  key={region}
                  region={region}
                  before={Array.isArray(before) ? before[place] : undefined}
                  after={Array.isArray(after) ? after[place] : undefined}
                  refuses={violation?.rule.startsWith(`${region}.`) ? violation.rule : undefined}
                />
              ))}
            </tbody>
          </table>
        );
      })}
    </Panel>
  );
}

interface RegionRowProps {
  readonly region: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The rule that breaks in the current step, if it is one of this region. */
  readonly refuses: string | undefined;
}

function RegionRow({ region, before = '?', after = '?', refuses }: RegionRowProps) {
  const breaks = refuses === `${region}.${after}`;
  const names = [before !== after && 'changed', breaks && 'refuses'].filter(Boolean).join(' ');
  return (
    <tr class={names}>
      <th scope="row">{region}</th>
      <td>
        {before !== after && (
          <>
            <span class="was">{before}</span> <span class="to">becomes</span>{' '}
          </>
        )}
        <span class="is">{after}</span>
        {breaks && <span class="mark"> ✕ must never be</span>}
      </td>
    </tr>
  );
}

/** Locks with holders and queues, and who is in whose way. */
export function LocksPanel({ trace, taken, states }: StateProps) {
  const locks = trace.cells.flatMap((cell, at) => (cell.kind === 'lock' ? [{ ...cell, at }] : []));
  const waits = (taken === 0 ? trace.start?.waits : trace.steps[taken - 1].waits) ?? [];
  const isEnd = taken === trace.steps.length;
  if (locks.length === 0 && waits.length === 0 && !trace.deadlock) return null;
  return (
    <Panel title="Locks and waits">
      <ul class="facts">
        {locks.map(({ name, at }) => {
          const text = documentValueText(trace, at, states.after[at]);
          const changed = JSON.stringify(states.before[at]) !== JSON.stringify(states.after[at]);
          return (
            <li key={at} class={text === 'free' ? 'quiet' : ''}>
              <b>{name}</b>
              <span class="is">{text}</span>
              {changed && <span class="mark"> now</span>}
            </li>
          );
        })}
        {waits.map((wait) => (
          <li key={`wait ${wait.actor}`}>
            <b>{trace.actors[wait.actor].name}</b>
            {waitText(trace, wait)}
          </li>
        ))}
      </ul>
      {isEnd && trace.deadlock && <Ring trace={trace} />}
    </Panel>
  );
}

/** The ring of a deadlock: drawn, and in words. */
function Ring({ trace }: { readonly trace: TraceDocument }) {
  const { ring, waits, core, othersRun } = trace.deadlock!;
  const places = ring.map((actor, place) => {
    const angle = (place / ring.length) * 2 * Math.PI - Math.PI / 2;
    return { actor, x: 120 + 78 * Math.cos(angle), y: 100 + 66 * Math.sin(angle) };
  });
  return (
    <>
      <h3>{ring.length > 0 ? 'The ring' : 'Who is stuck'}</h3>
      {ring.length > 1 && (
        <svg class="ring" aria-hidden="true" viewBox="0 0 240 200">
          {places.map(({ actor, x, y }, place) => {
            const next = places[(place + 1) % places.length];
            return <path key={actor} d={arrowOf(x, y, next.x, next.y)} />;
          })}
          {places.map(({ actor, x, y }) => (
            <g key={actor}>
              <circle cx={x} cy={y} r={33} />
              <text x={x} y={y + 4}>
                {shortName(trace.actors[actor].name)}
              </text>
            </g>
          ))}
        </svg>
      )}
      <ul class="facts">
        {(ring.length > 0 ? ring : core).map((actor) => {
          const wait = waits.find((each) => each.actor === actor);
          return (
            <li key={actor}>
              <b>{trace.actors[actor].name}</b>
              {wait === undefined ? 'cannot go on' : waitText(trace, wait)}
            </li>
          );
        })}
      </ul>
      <p>{othersRun ? 'Whatever the others do, these cannot go on.' : 'Nobody can go on.'}</p>
    </>
  );
}

function shortName(name: string): string {
  return name.length > 10 ? `${name.slice(0, 9)}…` : name;
}

/** A line between two circles with a head before the second; bent, so that two between the same circles are apart. */
function arrowOf(x: number, y: number, toX: number, toY: number): string {
  const [dx, dy] = [toX - x, toY - y];
  const length = Math.hypot(dx, dy);
  const [ux, uy] = [dx / length, dy / length];
  const [bendX, bendY] = [(x + toX) / 2 + uy * 24, (y + toY) / 2 - ux * 24];
  const [startX, startY] = [x + ux * 31 + uy * 12, y + uy * 31 - ux * 12];
  const [endX, endY] = [toX - ux * 33 + uy * 12, toY - uy * 33 - ux * 12];
  const head = (side: number) => `M${endX} ${endY} L${endX - ux * 9 + uy * side * 5} ${endY - uy * 9 - ux * side * 5}`;
  return `M${startX} ${startY} Q${bendX} ${bendY} ${endX} ${endY} ${head(1)} ${head(-1)}`;
}

/** All other cells, with a filter. */
export function CellsPanel({
  trace,
  taken,
  go,
  states,
  filter,
}: StateProps & { readonly filter: RefObject<HTMLInputElement> }) {
  const [wanted, setWanted] = useState('');
  const cells = trace.cells.flatMap((cell, at) =>
    cell.kind === 'object' || cell.kind === 'lock' ? [] : [{ ...cell, at }],
  );
  if (cells.length === 0) return null;
  const shown = cells.filter(({ name, at }) => {
    const text = `${name} ${documentValueText(trace, at, states.after[at])}`.toLowerCase();
    return wanted
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word));
  });
  return (
    <Panel title="Cells">
      <label class="filter">
        <span>Filter</span>
        <input
          ref={filter}
          type="search"
          value={wanted}
          placeholder="a name or a value"
          onInput={(event) => setWanted(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        <span role="status">{wanted === '' ? '' : `${shown.length} of ${cells.length}`}</span>
      </label>
      <table class="cells">
        <thead class="hidden">
          <tr>
            <th scope="col">Cell</th>
            <th scope="col">Holds</th>
            <th scope="col">Written by</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ name, kind, at }) => {
            const writer = lastWriterOf(trace, at, taken);
            const changed = JSON.stringify(states.before[at]) !== JSON.stringify(states.after[at]);
            return (
              <tr key={at} class={changed ? 'changed' : ''}>
                <th scope="row">
                  {name}
                  {kind !== 'cell' && <span class="kind"> {kind}</span>}
                </th>
                <td>
                  {changed && (
                    <>
                      <span class="was">{documentValueText(trace, at, states.before[at])}</span>{' '}
                      <span class="to">becomes</span>{' '}
                    </>
                  )}
                  <span class="is">{documentValueText(trace, at, states.after[at])}</span>
                </td>
                <td>{writer === undefined ? '' : <StepLink trace={trace} at={writer} go={go} isShort />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}
