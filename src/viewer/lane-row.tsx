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
    const { at, step, switches } = row;
    const names = ['step', place, switches && 'switches', wrote && 'wrote', step.violation && 'breaks'];
    return (
      <tr class={names.filter(Boolean).join(' ')} data-at={at}>
        <th scope="row" class="number">
          {at + 1}
        </th>
        <Cells trace={trace} row={row} lanes={lanes}>
          <StepCell {...this.props} />
        </Cells>
      </tr>
    );
  }
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
  return (
    <tr class={row.switches ? 'step folded switches' : 'step folded'} data-at={from} data-to={to}>
      <th scope="row" class="number">
        {from + 1}–{to + 1}
      </th>
      <Cells trace={trace} row={row} lanes={lanes}>
        <button type="button" class="unfold" onClick={open}>
          {to - from + 1} steps that nobody but {name} notices
        </button>
      </Cells>
    </tr>
  );
}

interface CellsProps extends Pick<StepRowProps, 'trace' | 'row' | 'lanes'> {
  readonly children: ComponentChildren;
}

/** The cells of a row, with its content in the lane of its actor. */
function Cells({ trace, row, lanes, children }: CellsProps) {
  const { step, waiting, beginsToWait } = row;
  if (lanes === undefined) {
    return (
      <>
        <td class={`who hue${step.actor % 6}${row.switches || row.at === 0 ? '' : ' again'}`}>
          {trace.actors[step.actor].name}
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

function StepCell({ trace, row, place, wrote, go }: StepRowProps) {
  const { at, step, call, enters, depth } = row;
  const isNow = place === 'now';
  const loops = trace.loopFrom === at;
  return (
    <>
      {call !== undefined && <p class="call">{call}</p>}
      {enters.map(({ name, depth: level }) => (
        <p key={`${name} ${level}`} class={`function in${Math.min(level, DEEPEST)}`}>
          {name}()
        </p>
      ))}
      {loops && <p class="said">from here it goes round</p>}
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
