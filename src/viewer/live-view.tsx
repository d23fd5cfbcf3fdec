/**
 * The live page: how fast a run goes, where it waits, how evenly its actors come on, and what it finds, as it happens.
 */

import { useEffect, useState } from 'preact/hooks';
import type { LiveBeat, LiveEnd } from '../trace/live-beat.js';
import { LiveChart, numberText } from './live-chart.js';
import { Table } from './report-view.js';

/** Beats that the charts show: at four a second some two minutes. */
const SHOWN = 500;

/** The page. */
export function LiveView({ title }: { readonly title: string }) {
  const [beats, setBeats] = useState<readonly LiveBeat[]>([]);
  const [end, setEnd] = useState<string>();
  useEffect(() => {
    const source = new EventSource('/events');
    source.addEventListener('beat', ({ data }) => {
      const beat: LiveBeat = JSON.parse(data);
      setBeats((before) => [...(before.at(-1)?.step === beat.step ? before : []), beat].slice(-SHOWN));
    });
    source.addEventListener('end', ({ data }) => {
      const { words }: LiveEnd = JSON.parse(data);
      setEnd(words);
      source.close();
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) setEnd('The run has ended, or cannot be reached any more.');
    });
    return () => source.close();
  }, []);
  const last = beats.at(-1);
  return (
    <>
      <header class="head">
        <h1>{title}</h1>
        <p class="lead" role="status">
          {end ?? (last === undefined ? 'Waiting for the first numbers.' : `Running. ${last.world}`)}
        </p>
        {last && <Facts beat={last} />}
      </header>
      {last && <Findings findings={last.findings} />}
      {last && <Charts beats={beats} last={last} />}
      {last && <Locks beat={last} />}
      {last && <Actors beat={last} />}
    </>
  );
}

function Facts({ beat }: { readonly beat: LiveBeat }) {
  const { seconds, step, findings, memoryBytes, nextCheckpointSeconds } = beat;
  const facts = [
    ['running for', `${seconds.toFixed(1)} s`],
    ...(step === undefined ? [] : [['step', String(step)]]),
    ['findings', String(findings.length)],
    ['memory', `${(memoryBytes / 2 ** 20).toFixed(0)} MiB`],
    ...(nextCheckpointSeconds === undefined ? [] : [['next checkpoint in', `${nextCheckpointSeconds.toFixed(0)} s`]]),
  ];
  return (
    <dl class="about">
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Findings({ findings }: Pick<LiveBeat, 'findings'>) {
  if (findings.length === 0) return null;
  return (
    <section aria-labelledby="found">
      <h2 id="found">Findings</h2>
      <ol class="index" aria-live="polite">
        {findings.map(({ title, words, seconds }) => (
          <li key={title}>
            <strong>{title}</strong>
            <span class="of">
              When this happens, {words}. First seen after {seconds.toFixed(1)} s.
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Charts({ beats, last }: { readonly beats: readonly LiveBeat[]; readonly last: LiveBeat }) {
  const seconds = beats.map((beat) => beat.seconds);
  const rates = last.rates.map(({ name }) => ({
    name: `${name} per second`,
    values: beats.map((beat) => beat.rates.find((rate) => rate.name === name)?.perSecond ?? 0),
  }));
  const waits = [{ name: 'per cent of the time of all actors', values: beats.map(({ lockWait }) => 100 * lockWait) }];
  return (
    <div class="charts">
      <LiveChart title="Rates" seconds={seconds} lines={rates} />
      <LiveChart title="Time that actors wait for locks" seconds={seconds} lines={waits} />
    </div>
  );
}

function Locks({ beat: { locks } }: { readonly beat: LiveBeat }) {
  const rows = [...locks]
    .sort((one, other) => other.waitedMs - one.waitedMs)
    .map(({ name, acquisitions, contended, waitedMs }) => [
      ...[name, acquisitions.toLocaleString('en'), contended.toLocaleString('en')],
      `${numberText(acquisitions === 0 ? 0 : (100 * contended) / acquisitions)} %`,
      `${numberText(waitedMs)} ms`,
    ]);
  if (rows.length === 0) return null;
  return <Table table={{ caption: 'Locks', columns: ['', 'acquired', 'contended', '', 'waited'], rows }} />;
}

/** Fairness is seen by the share that each actor has of all calls. */
function Actors({ beat: { actors } }: { readonly beat: LiveBeat }) {
  const all = actors.reduce((sum, { calls }) => sum + calls, 0);
  const rows = actors.map(({ name, calls, retries, waitedMs }) => [
    ...[name, calls.toLocaleString('en'), `${numberText(all === 0 ? 0 : (100 * calls) / all)} %`],
    ...[retries.toLocaleString('en'), `${numberText(waitedMs)} ms`],
  ]);
  return <Table table={{ caption: 'Actors', columns: ['', 'calls', 'of all', 'retries', 'waited'], rows }} />;
}
