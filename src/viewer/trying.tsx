/**
 * "Try it": who can go on from the current step is a button, and the engine in the page takes the step.
 */

import { useEffect, useState } from 'preact/hooks';
import type { RunOnPage, TriedRun, TriedSchedule, TryEngine } from '../trace/page-data.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { CopyButton } from './copy-button.js';
import { hasFinished, stepText } from './rows.js';

type Follow = (schedule: TriedSchedule) => TriedRun;

interface TryingProps {
  readonly run: RunOnPage;
  /** What is shown: the run of the page, or what was tried. */
  readonly trace: TraceDocument;
  readonly taken: number;
  /** What was tried; undefined while it is the run of the page. */
  readonly tried: TriedRun | undefined;
  readonly show: (tried: TriedRun | undefined, taken: number) => void;
}

/** The bar below the scrubber. */
export function Trying({ run, trace, taken, tried, show }: TryingProps) {
  const { trying } = run;
  const follow = useEngine(run);
  const [asked, ask] = useState<number>();
  useEffect(() => ask(undefined), [trace, taken]);
  if (trying === undefined) return null;
  if (typeof trying === 'string') return <p class="trying quiet">{trying}</p>;
  if (follow === undefined) return <p class="trying quiet">The engine of this page is starting.</p>;
  if (typeof follow === 'string') return <p class="trying quiet">{follow}</p>;
  const path = takenSchedule(trace, taken);
  const { next } = follow(path);
  const go = (actor: number, choice: number | undefined) => {
    const steps = [...path.steps, actor];
    show(follow({ steps, choices: choice === undefined ? path.choices : [...path.choices, choice] }), steps.length);
  };
  const choosing = next.find(({ actor }) => actor === asked);
  const ended = taken === trace.steps.length ? trace.violation : undefined;
  return (
    <section class="trying" aria-label="Try it">
      <div class="choices">
        {next.length > 0 && <span class="label">{tried ? 'Go on with' : 'Try it: go on from here with'}</span>}
        {next.map(({ actor, outcomes }) => (
          <button
            key={actor}
            type="button"
            class={`actor hue${actor % 6}`}
            aria-expanded={outcomes > 0 ? asked === actor : undefined}
            onClick={() => (outcomes > 0 ? ask(actor) : go(actor, undefined))}
          >
            {trace.actors[actor].name}
            {outcomes > 0 && ' …'}
          </button>
        ))}
        {next.length === 0 && (
          <span>
            {ended
              ? `It breaks here: ${ended.kind}.`
              : hasFinished(trace)
                ? 'Everybody has finished.'
                : 'Nobody can go on.'}{' '}
            Go back some steps to try another way.
          </span>
        )}
      </div>
      {choosing && (
        <div class="choices">
          <span class="label">The environment decides</span>
          {Array.from({ length: choosing.outcomes }, (_, outcome) => (
            <button key={outcome} type="button" onClick={() => go(choosing.actor, outcome)}>
              {outcomeText(follow, path, choosing.actor, outcome)}
            </button>
          ))}
        </div>
      )}
      {tried && (
        <div class="own">
          <p>
            <strong>Your own path</strong>: {tried.trace.steps.length} steps,{' '}
            {tried.trace.violation ? `and it breaks: ${tried.trace.violation.kind}.` : 'and nothing has broken.'}
          </p>
          <CopyButton label="Copy its token" text={tried.token} />
          <button type="button" onClick={() => show(undefined, Math.min(taken, run.trace.steps.length))}>
            Back to the finding
          </button>
          <p class="token">
            <code>faultline replay {tried.token}</code>
          </p>
          {!trying.builtIn && (
            <p class="quiet">Its scenario is not built in: give the scenario's file, or the finding's, to --world.</p>
          )}
        </div>
      )}
    </section>
  );
}

/** The engine at the run's beginning, once it is there; a sentence where it cannot be had. */
function useEngine({ trying }: RunOnPage): Follow | string | undefined {
  const [follow, setFollow] = useState<{ readonly for: unknown; readonly found: Follow | string }>();
  useEffect(() => {
    if (trying === undefined || typeof trying === 'string') return;
    const engine = (globalThis as { faultlineTry?: TryEngine }).faultlineTry;
    const found = engine?.start(trying) ?? Promise.reject(new Error('this page carries no engine'));
    found.then(
      (ready) => setFollow({ for: trying, found: ready }),
      (error: Error) => setFollow({ for: trying, found: `There is no trying here: ${error.message}.` }),
    );
  }, [trying]);
  return follow?.for === trying ? follow?.found : undefined;
}

/** What the first `taken` steps of a run were scheduled by. */
export function takenSchedule({ steps }: TraceDocument, taken: number): TriedSchedule {
  const own = steps.slice(0, taken);
  return {
    steps: own.map(({ actor }) => actor),
    choices: own.flatMap(({ choice }) => (choice === undefined ? [] : [choice.outcome])),
  };
}

function outcomeText(follow: Follow, { steps, choices }: TriedSchedule, actor: number, outcome: number): string {
  const { trace } = follow({ steps: [...steps, actor], choices: [...choices, outcome] });
  const step = trace.steps.at(-1);
  return step === undefined ? `outcome ${outcome + 1}` : stepText(step);
}
