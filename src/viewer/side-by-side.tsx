/**
 * Two runs beside each other, from shortly before their first difference: the finding, and the nearest run that passes or
 * the same schedule under another scheme.
 */

import type { TraceDocument } from '../trace/trace-schema.js';
import { hasFinished, stepText, waitsBefore, waitText } from './rows.js';

/** Common steps that are shown before the first difference. */
const BEFORE = 2;

interface SideBySideProps {
  readonly trace: TraceDocument;
  readonly beside: TraceDocument;
  /** What stands over the other run. */
  readonly title: string;
  readonly words: string;
  /** From 0. */
  readonly firstDifference: number;
}

/** The table of both. */
export function SideBySide({ trace, beside, title, words, firstDifference }: SideBySideProps) {
  const from = Math.max(0, firstDifference - BEFORE);
  const count = Math.max(trace.steps.length, beside.steps.length) - from;
  const places = Array.from({ length: Math.max(0, count) }, (_, place) => from + place);
  return (
    <div class="beside">
      <p class="lead">{words}</p>
      {from > 0 && <p class="quiet">The first {from} steps are the same and are left out.</p>}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th class="number" scope="col">
                <span class="hidden">Step</span>
              </th>
              <th scope="col">This run</th>
              <th scope="col">{title}</th>
            </tr>
          </thead>
          <tbody>
            {places.map((at) => (
              <tr key={at} class={at === firstDifference ? 'first' : at < firstDifference ? 'same' : ''}>
                <th scope="row" class="number">
                  {at + 1}
                  {at === firstDifference && <span class="chip">first difference</span>}
                </th>
                <BesideCell trace={trace} at={at} other={beside} isFirst={at === from} />
                <BesideCell trace={beside} at={at} other={trace} isFirst={at === from} />
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td />
              <Outcome trace={trace} />
              <Outcome trace={beside} />
            </tr>
          </tfoot>
        </table>
      </div>
    </div>
  );
}

interface BesideCellProps {
  readonly trace: TraceDocument;
  readonly at: number;
  readonly other: TraceDocument;
  /** It is in the first row. */
  readonly isFirst: boolean;
}

function BesideCell({ trace, at, other, isFirst }: BesideCellProps) {
  const step = trace.steps[at];
  if (step === undefined) return <td class="none">{at === trace.steps.length ? endText(trace, other) : ''}</td>;
  const frame = step.frames.at(-1);
  const goesOn = !isFirst && trace.steps[at - 1]?.actor === step.actor;
  return (
    <td class={`hue${step.actor % 6}`}>
      <span class={goesOn ? 'who again' : 'who'}>{trace.actors[step.actor].name}</span>
      <span class="code">{stepText(step)}</span>
      {frame && <span class="within"> in {frame.name}()</span>}
      {step.violation && <span class="violation"> ✕ {step.violation.kind}</span>}
    </td>
  );
}

/** Why a run has no more steps while the other goes on: who takes the other's next step waits in this one, say. */
function endText(trace: TraceDocument, other: TraceDocument): string {
  const at = trace.steps.length;
  if (trace.violation !== undefined || hasFinished(trace)) return 'the run is over';
  const { actor } = other.steps[at];
  const wait = waitsBefore(trace, at).find((each) => each.actor === actor);
  const { name } = trace.actors[actor];
  return wait === undefined ? `${name} has no step to take here` : `${name} ${waitText(trace, wait)}`;
}

function Outcome({ trace }: { readonly trace: TraceDocument }) {
  const { violation, cutShort } = trace;
  if (violation !== undefined) {
    return (
      <td class="violation">
        ✕ {violation.kind}: {violation.words}
      </td>
    );
  }
  if (cutShort !== undefined) return <td>ends here: {cutShort}</td>;
  return hasFinished(trace) ? <td class="passes">✓ nothing breaks</td> : <td>nothing has broken, as far as it goes</td>;
}

/** The first step, from 0, that is another one in the other run. */
export function differenceOf(trace: TraceDocument, other: TraceDocument): number {
  const place = trace.steps.findIndex((step, at) => other.steps[at] === undefined || !isSame(step, other.steps[at]));
  return place < 0 ? trace.steps.length : place;
}

type Step = TraceDocument['steps'][number];

function isSame(one: Step, other: Step): boolean {
  return one.actor === other.actor && one.text === other.text && one.result === other.result;
}
