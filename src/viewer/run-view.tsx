/**
 * A finding: what happens, how to see it again, and its run to be stepped through.
 */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RunOnPage, TriedRun } from '../trace/page-data.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { ActorsPanel } from './actors-panel.js';
import { pagePlaceOf } from './address.js';
import { CopyButton } from './copy-button.js';
import { HelpDialog } from './help-dialog.js';
import { takenAfterKey } from './keys.js';
import { SwimLanes } from './lanes.js';
import { switchesOf } from './rows.js';
import { MarkLegend, placeWords, Scrubber } from './scrubber.js';
import { differenceOf, SideBySide } from './side-by-side.js';
import { CellsPanel, LocksPanel, ObjectsPanel, useStates } from './state-panels.js';
import { StepPanel } from './step-panel.js';
import { Trying } from './trying.js';

interface RunViewProps {
  readonly run: RunOnPage;
  readonly taken: number;
  readonly go: (taken: number) => void;
}

/** A finding, or a run in which nothing breaks. */
export function RunView({ run, taken: wanted, go }: RunViewProps) {
  const [tried, setTried] = useState<TriedRun>();
  const [view, setView] = useState<'run' | 'nearest' | 'other'>('run');
  const dialog = useRef<HTMLDialogElement>(null);
  const filter = useRef<HTMLInputElement>(null);
  const trace = tried?.trace ?? run.trace;
  const taken = Math.min(wanted, trace.steps.length);
  const states = useStates(trace, taken);
  useKeys(
    trace,
    taken,
    go,
    () => filter.current?.focus(),
    () => dialog.current?.showModal(),
  );
  const bar = useHeight();
  const isFirst = useRef(true);
  // Who opens a page sees its head, unless the address names a step.
  useEffect(() => {
    const stays = isFirst.current && pagePlaceOf(location.hash).taken === undefined;
    isFirst.current = false;
    if (!stays) document.querySelector('[aria-current=step]')?.scrollIntoView({ block: 'nearest' });
  }, [taken, tried]);
  const show = (next: TriedRun | undefined, at: number) => {
    setTried(next);
    go(at);
  };
  const panel = { trace, taken, go };
  return (
    <>
      <Head trace={run.trace} />
      <Views run={run} view={view} setView={setView} />
      {view === 'nearest' && run.nearest && (
        <SideBySide
          trace={run.trace}
          beside={run.nearest.trace}
          title="The nearest run that passes"
          {...wordsOf(run.nearest)}
        />
      )}
      {view === 'other' && run.other && (
        <SideBySide
          trace={run.trace}
          beside={run.other.trace}
          title={`Under ${run.other.scheme}`}
          words={run.other.words}
          firstDifference={differenceOf(run.trace, run.other.trace)}
        />
      )}
      {view === 'run' && (
        <section aria-label="The run">
          <div class="bar" ref={bar}>
            <Scrubber {...panel} />
            <MarkLegend trace={trace} />
            <Trying run={run} trace={trace} taken={taken} tried={tried} show={show} />
            <p class="hidden" role="status">
              {placeWords(trace, taken)}
            </p>
          </div>
          <div class="stage">
            <SwimLanes {...panel} />
            <aside aria-label="The state">
              <StepPanel {...panel} />
              <ObjectsPanel {...panel} states={states} />
              <LocksPanel {...panel} states={states} />
              <CellsPanel {...panel} states={states} filter={filter} />
              <ActorsPanel {...panel} />
            </aside>
          </div>
        </section>
      )}
      <HelpDialog dialog={dialog} />
    </>
  );
}

function wordsOf({ words, firstDifference }: NonNullable<RunOnPage['nearest']>) {
  return { words, firstDifference };
}

function Head({ trace }: { readonly trace: TraceDocument }) {
  const { violation, source, steps, initially, cutShort, notes = [], order, title, columns } = trace;
  const switches = useMemo(() => switchesOf(trace).length, [trace]);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['scenario', source.scenario],
    ['scheme', source.scheme],
    ['architecture', source.arch],
    ['model', source.scenario === undefined ? source.model : undefined],
    ['steps', `${steps.length}, with ${switches} ${switches === 1 ? 'switch' : 'switches'}`],
    ['finding', source.id],
  ];
  const [, kind, where] = /^BUG: faultline: ([\w-]+) in (.*)$/s.exec(title) ?? [];
  return (
    <header class="head">
      <h1>
        {kind === undefined ? title : <span class="kind">{kind}</span>}
        {where !== undefined && <code>{where}</code>}
      </h1>
      {violation && <p class="lead">When this happens, {violation.words}.</p>}
      {initially && <p>It does not hold in the initial state, before any step.</p>}
      {cutShort !== undefined && <p>The schedule could not be followed further: {cutShort}.</p>}
      {order === 'by actor' && <p>Only the order of each actor's own steps is certain.</p>}
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <dl class="about">
        {facts.map(([name, text]) =>
          text === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ),
        )}
      </dl>
      <div class="copies">
        {source.replay !== undefined && <CopyButton label="Copy the replay line" text={source.replay} />}
        <CopyButton label="Copy the columns" text={columns} />
      </div>
    </header>
  );
}

interface ViewsProps {
  readonly run: RunOnPage;
  readonly view: 'run' | 'nearest' | 'other';
  readonly setView: (view: 'run' | 'nearest' | 'other') => void;
}

function Views({ run: { nearest, other }, view, setView }: ViewsProps) {
  if (nearest === undefined && other === undefined) return null;
  const views = [
    ['run', 'The run'],
    ...(nearest ? [['nearest', 'The nearest run that passes'] as const] : []),
    ...(other ? [['other', `The same under ${other.scheme}`] as const] : []),
  ] as const;
  return (
    <nav class="views" aria-label="Views">
      {views.map(([name, words]) => (
        <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
          {words}
        </button>
      ))}
    </nav>
  );
}

/** An element whose height the style sheet knows, as `--bar`: what stays in sight stays below it. */
function useHeight() {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = () => document.documentElement.style.setProperty('--bar', `${current.offsetHeight}px`);
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  });
  return element;
}

/** Listens to keys; not while somebody types, and not to those that are the browser's. */
function useKeys(trace: TraceDocument, taken: number, go: (taken: number) => void, find: () => void, help: () => void) {
  const now = useRef({ trace, taken, go, find, help });
  now.current = { trace, taken, go, find, help };
  // Before the first paint: a key that is pressed meanwhile is none to be lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { current } = now;
      if (!isOurs(event)) return;
      if (event.key === '/') current.find();
      else if (event.key === '?') current.help();
      else {
        const to = takenAfterKey(event.key, current.trace, current.taken);
        if (to === undefined) return;
        // The next key may come before this one is drawn.
        current.taken = to;
        current.go(to);
      }
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** In the slider letters are ours, and arrows its own. */
function isOurs({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || document.querySelector('dialog[open]')) return false;
  const field = target instanceof HTMLElement ? target.closest('input, textarea, select') : null;
  return field === null || (field instanceof HTMLInputElement && field.type === 'range' && key.length === 1);
}
