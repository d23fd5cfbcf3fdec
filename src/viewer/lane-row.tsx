/**
 * A row of the lanes: a step in its lane, or several that are folded.
 */

import { Component, type ComponentChildren } from 'preact';
import type { DocumentStep, TraceDocument } from '../trace/trace-schema.js';
import { type Fold, type LaneRow, stepText, waitText } from './rows.js';

/** Functions deeper than this are not indented further: a lane has no more places. */
const DEEPEST = 6;

interface StepRowProps {
  readonly trace: TraceDocument;
  readonly row: LaneRow;
  /** The actors that have a column; undefined where there is one lane for all. */
  readonly lanes: readonly number[] | undefined;
  readonly place: 'done' | 'now' | 'later';
  /** The cells that the current step touches and that this one wrote last. */
  readonly wrote: string;
  readonly go: (taken: number) => void;
}

/** One step. */
export class StepRow extends Component<StepRowProps> {
  // Hundreds of rows, of which a key changes a few.
  override shouldComponentUpdate(next: StepRowProps): boolean {
    const { trace, lanes, place, wrote } = this.props;
    return next.trace !== trace || next.lanes?.length !== lanes?.length || next.place !== place || next.wrote !== wrote;
  }

  render() {
    const { trace, row, lanes, place, wrote } = this.props;
    const { at, step, switches, call, enters } = row;
    const names = ['step', place, wrote && 'wrote', step.violation && 'breaks'];
    const hasHead = call !== undefined || enters.length > 0 || trace.loopFrom === at;
    if (switches && !hasHead) names.push('switches');
    return (
      <>
        {hasHead && (
          <tr class={`heads ${place}${switches ? ' switches' : ''}`}>
            <td class="number" />
            <Cells trace={trace} row={row} lanes={lanes} isHead>
              <Heads trace={trace} row={row} />
            </Cells>
          </tr>
        )}
        <tr class={names.filter(Boolean).join(' ')} data-at={at}>
          <th scope="row" class="number">
            {at + 1}
          </th>
          <Cells trace={trace} row={row} lanes={lanes}>
            <StepCell {...this.props} />
          </Cells>
        </tr>
      </>
    );
  }
}

/** The call that begins and the functions that are entered with a step; above it. */
function Heads({ trace, row: { at, call, enters } }: Pick<StepRowProps, 'trace' | 'row'>) {
  return (
    <>
      {call !== undefined && <p class="call">{call}</p>}
      {enters.map(({ name, depth }) => (
        <p key={`${name} ${depth}`} class={`function in${Math.min(depth, DEEPEST)}`}>
          {name}()
        </p>
      ))}
      {trace.loopFrom === at && <p class="said">from here it goes round</p>}
    </>
  );
}

interface FoldRowProps {
  readonly trace: TraceDocument;
  readonly fold: Fold;
  readonly row: LaneRow;
  readonly lanes: readonly number[] | undefined;
  readonly open: () => void;
}

/** Steps of one actor that no other actor notices, in one line. */
export function FoldRow({ trace, fold, row, lanes, open }: FoldRowProps) {
  const { from, to } = fold;
  const name = trace.actors[row.step.actor].name;
  const hasHead = row.enters.length > 0;
  const switches = row.switches ? ' switches' : '';
  return (
    <>
      {hasHead && (
        <tr class={`heads${switches}`}>
          <td class="number" />
          <Cells trace={trace} row={row} lanes={lanes} isHead>
            <Heads trace={trace} row={row} />
          </Cells>
        </tr>
      )}
      <tr class={`step folded${hasHead ? '' : switches}`} data-at={from} data-to={to}>
        <th scope="row" class="number">
          {from + 1}–{to + 1}
        </th>
        <Cells trace={trace} row={row} lanes={lanes}>
          <button type="button" class="unfold" onClick={open}>
            {to - from + 1} steps that nobody but {name} notices
          </button>
        </Cells>
      </tr>
    </>
  );
}

interface CellsProps extends Pick<StepRowProps, 'trace' | 'row' | 'lanes'> {
  readonly children: ComponentChildren;
  /** They stand above those of the step. */
  readonly isHead?: boolean;
}

/** The cells of a row, with its content in the lane of its actor. */
function Cells({ trace, row, lanes, children, isHead = false }: CellsProps) {
  const { step, waiting } = row;
  const beginsToWait = isHead ? [] : row.beginsToWait;
  if (lanes === undefined) {
    return (
      <>
        <td class={`who hue${step.actor % 6}${row.switches || row.at === 0 ? '' : ' again'}`}>
          {isHead ? '' : trace.actors[step.actor].name}
        </td>
        <td class="what">
          {children}
          {beginsToWait.map((wait) => (
            <p key={wait.actor} class="waits">
              {trace.actors[wait.actor].name} {waitText(trace, wait)}
            </p>
          ))}
        </td>
      </>
    );
  }
  return (
    <>
      {lanes.map((actor) => {
        const wait = beginsToWait.find((each) => each.actor === actor);
        const waits = waiting.includes(actor) && actor !== step.actor;
        return (
          <td key={actor} class={waits ? `lane waiting hue${actor % 6}` : `lane hue${actor % 6}`}>
            {actor === step.actor && children}
            {wait && <p class="waits">{waitText(trace, wait)}</p>}
          </td>
        );
      })}
    </>
  );
}

function StepCell({ row, place, wrote, go }: StepRowProps) {
  const { at, step, depth } = row;
  const isNow = place === 'now';
  return (
    <>
      <button
        type="button"
        class={`do in${Math.min(depth, DEEPEST)}`}
        tabIndex={isNow ? 0 : -1}
        aria-current={isNow ? 'step' : undefined}
        onClick={() => go(at + 1)}
      >
        {step.section && <span class="atomic">atomic </span>}
        {stepText(step)}
      </button>
      {wrote && <p class={`chip in${Math.min(depth, DEEPEST)}`}>wrote {wrote}</p>}
      {(isNow || step.violation) && step.section && <Section step={step} depth={depth} />}
      <Remarks step={step} depth={depth} />
    </>
  );
}

/** The ops of an atomic section. */
function Section({ step, depth }: { readonly step: DocumentStep; readonly depth: number }) {
  return (
    <ol class={`ops in${Math.min(depth, DEEPEST)}`}>
      {step.ops?.map((op, place) => (
        <li key={place}>{stepText(op)}</li>
      ))}
    </ol>
  );
}

function Remarks({ step, depth }: { readonly step: DocumentStep; readonly depth: number }) {
  const { choice, again, effect, left = [], endsCall, violation } = step;
  const remarks = [
    ...(choice ? [`the environment decides: outcome ${choice.outcome + 1} of ${choice.of}`] : []),
    ...(effect === undefined ? [] : [`cannot be undone: ${effect}`]),
    ...(again ? ['tries again'] : []),
  ];
  return (
    <>
      {remarks.map((words) => (
        <p key={words} class={`said in${Math.min(depth, DEEPEST)}`}>
          {words}
        </p>
      ))}
      {left.map(({ depth: around, returned }) => (
        <p key={around} class={`said in${Math.min(around, DEEPEST)}`}>
          returns {returned}
        </p>
      ))}
      {violation && <p class="violation">✕ {violation.kind}</p>}
      {endsCall && !violation && <p class="said ends">done</p>}
    </>
  );
}
