/**
 * The panel of the actors: their calls, and where each stands.
 */

import type { TraceDocument } from '../trace/trace-schema.js';
import { stepText, waitText } from './rows.js';
import { Panel, type PanelProps } from './step-panel.js';

/** One entry an actor. */
export function ActorsPanel({ trace, taken }: PanelProps) {
  // Of a live or a recorded run the last steps are known, and not how far each call came with every one of them.
  const isWhole = trace.source.engine === 'controlled';
  return (
    <Panel title="Actors">
      <ul class="actors">
        {trace.actors.map(({ name, calls, bystander }, actor) => (
          <li key={name} class={`hue${actor % 6}`}>
            <strong>{name}</strong>
            {bystander && <span class="kind"> the end does not depend on it</span>}
            <ol>
              {calls.map((call, place) => {
                const state = isWhole ? callState(trace, actor, place, taken) : '';
                return (
                  <li key={place} class={state}>
                    {call} <span class="kind">{state}</span>
                  </li>
                );
              })}
            </ol>
            {isWhole && <p class="stands">{standing(trace, actor, taken)}</p>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function callState(trace: TraceDocument, actor: number, call: number, taken: number): string {
  const own = trace.steps.slice(0, taken).filter((step) => step.actor === actor && step.call === call);
  if (own.some(({ endsCall }) => endsCall)) return 'done';
  return own.length > 0 ? 'under way' : 'to come';
}

/** Where an actor stands behind the first `taken` steps. */
function standing(trace: TraceDocument, actor: number, taken: number): string {
  const { start, steps, actors } = trace;
  if (actors[actor].calls.length === 0) return 'makes no call in this run';
  const waits = (taken === 0 ? start?.waits : steps[taken - 1].waits) ?? [];
  const wait = waits.find((each) => each.actor === actor);
  if (wait !== undefined) return waitText(trace, wait);
  const next = steps.slice(taken).find((step) => step.actor === actor);
  if (next !== undefined) {
    const inside = next.frames.at(-1);
    return `next: ${stepText({ text: next.text })}${inside === undefined ? '' : ` in ${inside.name}()`}`;
  }
  const ended = steps.filter((step) => step.actor === actor && step.endsCall).length;
  if (ended === actors[actor].calls.length) return 'has finished';
  return taken === steps.length ? 'could go on; the run ends here' : 'takes no more steps in this run';
}
