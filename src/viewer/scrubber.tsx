/**
 * The scrubber: a slider over the steps, with marks where the schedule switches, at the cause and where it breaks. The
 * marks have shapes of their own, and each is said in words by the step that it stands at.
 */

import type { TraceDocument } from '../trace/trace-schema.js';
import { brokenStep, stepText, switchesOf } from './rows.js';

interface ScrubberProps {
  readonly trace: TraceDocument;
  readonly taken: number;
  readonly go: (taken: number) => void;
}

/** The slider with its buttons. */
export function Scrubber({ trace, taken, go }: ScrubberProps) {
  const last = trace.steps.length;
  const words = placeWords(trace, taken);
  return (
    <div class="scrubber">
      <div class="moves">
        <button type="button" aria-label="One step back (k)" disabled={taken === 0} onClick={() => go(taken - 1)}>
          ‹
        </button>
        <button type="button" aria-label="One step on (j)" disabled={taken === last} onClick={() => go(taken + 1)}>
          ›
        </button>
      </div>
      <div class="track">
        <Marks trace={trace} />
        <input
          type="range"
          min={0}
          max={last}
          value={taken}
          aria-label="Step"
          aria-valuetext={words}
          onInput={(event) => go(Number(event.currentTarget.value))}
        />
      </div>
      <output class="where">
        {taken === 0 ? 'start' : taken}
        <span class="of"> of {last}</span>
      </output>
    </div>
  );
}

function Marks({ trace }: Pick<ScrubberProps, 'trace'>) {
  const { steps, blame, violation } = trace;
  const broken = violation === undefined ? undefined : brokenStep(trace);
  const cause = blame?.cause;
  const place = (at: number) => ({ left: `calc(8px + (100% - 16px) * ${(at + 1) / Math.max(1, steps.length)})` });
  return (
    <div class="marks" aria-hidden="true">
      {switchesOf(trace).map((at) => (
        <i key={at} class="switch" style={place(at)} />
      ))}
      {cause !== undefined && <i class="cause" style={place(cause)} title="cause" />}
      {broken !== undefined && <i class="broken" style={place(broken)} title="it breaks" />}
    </div>
  );
}

/** What the marks mean; below the slider. */
export function MarkLegend({ trace }: Pick<ScrubberProps, 'trace'>) {
  return (
    <p class="legend" aria-hidden="true">
      {switchesOf(trace).length > 0 && (
        <span>
          <i class="switch" /> another actor
        </span>
      )}
      {trace.blame?.cause !== undefined && (
        <span>
          <i class="cause" /> the cause
        </span>
      )}
      {trace.violation && (
        <span>
          <i class="broken" /> it breaks
        </span>
      )}
      <span>
        <kbd>j</kbd> <kbd>k</kbd> step, <kbd>?</kbd> all keys
      </span>
    </p>
  );
}

/** `Step 3 of 12: vCPU0, down_read(mmap_lock)` */
export function placeWords(trace: TraceDocument, taken: number): string {
  if (taken === 0) return `The initial state, before ${trace.steps.length} steps`;
  const step = trace.steps[taken - 1];
  return `Step ${taken} of ${trace.steps.length}: ${trace.actors[step.actor].name}, ${stepText(step)}`;
}
