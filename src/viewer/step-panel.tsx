/**
 * The panel of the current step: where it lies, what it read and who wrote that, what it changed, whom it conflicts with.
 */

import type { ComponentChildren } from 'preact';
import { cellChangesOf, documentValueText, lastWriterOf, touchedCells } from '../trace/trace-reading.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { callOf, stepText } from './rows.js';

/** What panels are drawn of. */
export interface PanelProps {
  readonly trace: TraceDocument;
  readonly taken: number;
  readonly go: (taken: number) => void;
}

/** A panel that folds. */
export function Panel({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <details class="panel" open>
      <summary>
        <h2>{title}</h2>
      </summary>
      {children}
    </details>
  );
}

interface StepLinkProps extends Pick<PanelProps, 'trace' | 'go'> {
  readonly at: number;
  /** The actor is not shown. */
  readonly isShort?: boolean;
}

/** `step 12 (vCPU1)`, which goes there. */
export function StepLink({ trace, at, go, isShort = false }: StepLinkProps) {
  return (
    <button type="button" class="link" onClick={() => go(at + 1)}>
      step {at + 1}
      <span class={isShort ? 'hidden' : ''}> ({trace.actors[trace.steps[at].actor].name})</span>
    </button>
  );
}

/** The current step. */
export function StepPanel({ trace, taken, go }: PanelProps) {
  if (taken === 0) {
    return (
      <Panel title="The initial state">
        <p>Nothing has happened yet.</p>
      </Panel>
    );
  }
  const at = taken - 1;
  const step = trace.steps[at];
  const { actor, frames, violation, line, time } = step;

  return (
    <Panel title={`Step ${taken}`}>
      <p class="who">
        <strong>{trace.actors[actor].name}</strong> {callOf(trace, step)}
      </p>
      {frames.length > 0 && (
        <p class="path">
          {frames.map(({ name, version, visit }) => (
            <span key={visit}>
              {name}(){version !== undefined && ` (${version})`}
            </span>
          ))}
        </p>
      )}
      <p class="code">{stepText(step)}</p>
      {line !== undefined && (
        <p>
          Line {line} of the recording{time === undefined ? '' : `, time ${time}`}.
        </p>
      )}
      {violation && (
        <p class="violation">
          ✕ {violation.kind}: {violation.words}
        </p>
      )}
      <Changes trace={trace} taken={taken} go={go} />
      <Reads trace={trace} taken={taken} go={go} />
      <Conflicts trace={trace} taken={taken} go={go} />
    </Panel>
  );
}

function Changes({ trace, taken }: PanelProps) {
  const changes = cellChangesOf(trace.steps[taken - 1]);
  if (changes.length === 0) return null;
  return (
    <>
      <h3>Changed</h3>
      <ul class="facts">
        {changes.map(({ cell, before, after }) => (
          <li key={cell}>
            <b>{trace.cells[cell].name}</b>
            {Array.isArray(before) && Array.isArray(after) ? (
              regionChanges(trace, cell, before, after).map((each) => <Becomes key={each.region} {...each} />)
            ) : (
              <Becomes before={documentValueText(trace, cell, before)} after={documentValueText(trace, cell, after)} />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

interface BecomesProps {
  readonly region?: string;
  readonly before: string;
  readonly after: string;
}

function Becomes({ region, before, after }: BecomesProps) {
  return (
    <span class="change">
      {region !== undefined && `${region} `}
      <span class="was">{before}</span>
      <span class="to"> becomes </span>
      <span class="is">{after}</span>
    </span>
  );
}

/** The regions of an object that are in another state. */
function regionChanges(
  { cells, machines }: TraceDocument,
  cell: number,
  before: readonly string[],
  after: readonly string[],
): (BecomesProps & { readonly region: string })[] {
  const { regions } = machines[cells[cell].machine!];
  return regions
    .map((region, place) => ({ region, before: before[place], after: after[place] }))
    .filter((each) => each.before !== each.after);
}

function Reads({ trace, taken, go }: PanelProps) {
  const { reads } = touchedCells(trace.steps[taken - 1]);
  if (reads.length === 0) return null;
  return (
    <>
      <h3>Read</h3>
      <ul class="facts">
        {reads.map((cell) => {
          const writer = lastWriterOf(trace, cell, taken - 1);
          return (
            <li key={cell}>
              <b>{trace.cells[cell].name}</b>
              {writer === undefined ? 'as it was initially' : 'written by '}
              {writer !== undefined && <StepLink trace={trace} at={writer} go={go} />}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Conflicts({ trace, taken, go }: PanelProps) {
  const at = taken - 1;
  const found = trace.conflicts.filter(({ from, to }) => from === at || to === at);
  if (found.length === 0) return null;
  return (
    <>
      <h3>Conflicts with</h3>
      <ul class="facts">
        {found.map(({ from, to, cells }) => (
          <li key={`${from} ${to}`}>
            <StepLink trace={trace} at={from === at ? to : from} go={go} /> about{' '}
            {cells.map((cell) => trace.cells[cell].name).join(', ')}
          </li>
        ))}
      </ul>
    </>
  );
}
