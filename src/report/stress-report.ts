/**
 * Stress report: what a live run did, as tables for the terminal: throughput, latency by call, contention by lock,
 * actors and how fairly they came on, threads that died. Findings are told elsewhere. Used by the command line.
 */

import type { ActorSummary, LiveReport, UnfinishedEpochs } from '../live/live-report.js';
import type { PageTable } from '../trace/page-data.js';
import { fairnessOf } from './fairness.js';
import { locksText } from './locks-text.js';
import { tableLines } from './plain-table.js';
import { countText, plural, secondsText, shareText, timeText } from './quantities.js';
import type { StressWorld } from './stress-world.js';
import { wrapWords } from './wrap.js';

/** Widest line of the prose. */
const WIDTH = 75;
/** A sentence on one line. */
const UNBROKEN = Number.POSITIVE_INFINITY;
const FAULTS = '  (a fault is a call that entered a function; the others went straight through)';

/** The tables; lines that end in '\n'. */
export function stressReport(report: LiveReport, world: StressWorld): string {
  const sections = [
    summaryLines(report),
    [...tableLines(throughputTable(report, world)), FAULTS],
    ...[callTable(report), latencyTable(report), lockTable(report), actorTable(report)].map(tableLines),
    fairnessLines(report, world),
    deathLines(report),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** The same tables for a page. */
export function stressTables(report: LiveReport, world: StressWorld): readonly PageTable[] {
  const tables = [throughputTable(report, world), callTable(report), latencyTable(report)];
  return [...tables, lockTable(report), actorTable(report)].filter(({ rows }) => rows.length > 0);
}

/** What the tables leave to sentences: how evenly actors came on, and threads that died. */
export function stressSentences(report: LiveReport, world: StressWorld): readonly string[] {
  return [...fairnessLines(report, world, UNBROKEN), ...deathLines(report, UNBROKEN)];
}

/** What a live run says nothing about, in one sentence; lines of at most 75 characters that end in '\n'. */
export function stressNotCovered(report: LiveReport, { perturb, unchecked }: StressWorld): string {
  const { threads, actors } = report;
  const stalls = perturb > 0 ? `under perturbation ${perturb}` : 'without perturbation';
  const crowd = actors.length > threads ? `, at most ${threads} of the ${actors.length} actors at one instant` : '';
  const done = doneText(report);
  const finals =
    unchecked.length === 0 ? '' : `; actors looped, so finished runs were not checked (${unchecked.join(', ')})`;
  const sentence =
    `a live run samples: it took the interleavings that came up in ${done} ${stalls}${crowd}, every one ` +
    `sequentially consistent; what did not come up may still be there${finals}`;
  return `${wrapWords(`Not covered: ${sentence}.`, WIDTH, '  ').join('\n')}\n`;
}

/** What a live run did, in one quantity: worlds where calls are made once, else faults, or calls where none is a fault. */
export function doneText({ mode, finished, calls, faults }: LiveReport): string {
  if (mode === 'once') return plural(finished, 'world');
  return faults > 0 ? plural(faults, 'fault') : plural(calls, 'call');
}

function summaryLines(report: LiveReport): string[] {
  const { seconds, threads, epochs, audits, mode } = report;
  const counted = [
    plural(threads, 'thread'),
    plural(epochs, 'world'),
    `${plural(audits, 'audit')} at quiescent points`,
  ];
  const sentences = [
    `Ran ${secondsText(seconds)}: ${counted.join(', ')}.`,
    ...(mode === 'once' ? onceText(report) : []),
  ];
  return wrapWords(sentences.join(' '), WIDTH);
}

/** How worlds go in which each call is made once. */
function onceText({ threads, finished, alone, unfinished }: LiveReport): string[] {
  const ended = `Each actor made its calls once, and the world started over; ${countText(finished)} came to their end.`;
  const turns = `In ${countText(alone)} of the worlds one thread ran all actors, by turns.`;
  return [ended, ...(threads > 1 ? [turns] : []), ...(unfinished === undefined ? [] : [unfinishedText(unfinished)])];
}

function unfinishedText({ count, epoch, actors }: UnfinishedEpochs): string {
  const places = actors.map(({ actorName, at }) => `${actorName} was at ${at.function}: ${at.op}`);
  const first = count === 1 ? `world ${countText(epoch)}` : `the first of them, world ${countText(epoch)},`;
  const given = `${plural(count, 'world')} did not come to ${count === 1 ? 'its' : 'their'} end and ${count === 1 ? 'was' : 'were'} given up`;
  return `${given}: in ${first} ${places.join(', ')}. Whether they would have gone on for ever, verify tells.`;
}

/** Of each thing that is counted: how often, and how often in a second. */
function throughputTable(report: LiveReport, { invalidation }: StressWorld): PageTable {
  const { seconds, calls, faults, retries, steps } = report;
  const row = (name: string, total: number): [string, string, string] => [
    name,
    countText(total),
    seconds > 0 ? countText(total / seconds) : '',
  ];
  return {
    caption: 'Throughput',
    columns: ['', 'total', 'per s'],
    rows: [
      row('calls', calls),
      row('faults', faults),
      row('retries', retries),
      ...(invalidation === undefined ? [] : [row('invalidations', invalidationsOf(report, invalidation))]),
      row('steps', steps),
    ],
  };
}

/** How often a function was entered. */
export function invalidationsOf({ byFunction }: LiveReport, invalidation: string): number {
  return byFunction.find((each) => each.function === invalidation)?.visits ?? 0;
}

function callTable({ byCall }: LiveReport): PageTable {
  return {
    caption: 'Calls',
    columns: ['', 'completed', 'faults', 'failed'],
    rows: byCall
      .filter(({ completed }) => completed > 0)
      .map(({ name, completed, faults, results }) => {
        const failed = results.reduce((sum, { value, count }) => (value < 0 ? sum + count : sum), 0);
        return [name, ...[completed, faults, failed].map((count) => (count === 0 ? '' : countText(count)))];
      }),
  };
}

function latencyTable({ byCall }: LiveReport): PageTable {
  return {
    caption: 'Latency',
    columns: ['', 'timed', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    rows: byCall.flatMap(({ name, completed, latency }) => {
      if (completed === 0 || latency === undefined) return [];
      const { measured, p50Ns, p90Ns, p99Ns, p999Ns, maxNs } = latency;
      return [[name, countText(measured), ...[p50Ns, p90Ns, p99Ns, p999Ns, maxNs].map(timeText)]];
    }),
  };
}

function lockTable({ byLock }: LiveReport): PageTable {
  return {
    caption: 'Locks',
    columns: ['', 'acquired', 'contended', '', 'waited', 'mean wait'],
    rows: byLock
      .filter(({ acquisitions, contended }) => acquisitions + contended > 0)
      .map(({ name, acquisitions, contended, waitedMs }) => [
        name,
        countText(acquisitions),
        countText(contended),
        contended === 0 ? '' : shareText(contended, acquisitions),
        waitedMs === 0 ? '' : timeText(waitedMs * 1e6),
        contended === 0 ? '' : timeText((waitedMs * 1e6) / contended),
      ]),
  };
}

function actorTable({ actors, seconds }: LiveReport): PageTable {
  return {
    caption: 'Actors',
    columns: ['', 'thread', 'calls', 'faults', 'retries', 'lock wait'],
    rows: actors.map(({ name, thread, calls, faults, retries, waitedMs }) => [
      ...([name, String(thread), countText(calls), countText(faults), countText(retries)] as const),
      shareText(waitedMs, seconds * 1000),
    ]),
  };
}

function fairnessLines({ actors }: LiveReport, { peers }: StressWorld, width = WIDTH): string[] {
  return peers.flatMap((group) => {
    const members = group.map((actor) => actors[actor]);
    const fairness = fairnessOf(members.map(({ calls }) => calls));
    if (fairness === undefined) return [];
    const sorted = [...members].sort((one, other) => one.calls - other.calls);
    const { slowestToFastest, jain } = fairness;
    const [slowest, fastest] = [sorted[0], sorted[sorted.length - 1]];
    const share = `${slowest.name} made ${slowestToFastest.toFixed(2)} of the calls of ${fastest.name}`;
    return wrapWords(`Fairness, ${rangeText(members)}: ${share}; Jain's index ${jain.toFixed(3)}.`, width, '  ');
  });
}

function rangeText(members: readonly ActorSummary[]): string {
  return `${members[0].name} to ${members[members.length - 1].name}`;
}

function deathLines({ deaths }: LiveReport, width = WIDTH): string[] {
  return deaths.flatMap(({ thread, epoch, actors, held }) => {
    const locks = held.map(({ actor, lock, mode }) => `${actor} held ${locksText([{ name: lock, mode }])}`);
    const holding = locks.length === 0 ? 'no lock was held' : locks.join(', ');
    return wrapWords(
      `Thread ${thread} died in world ${countText(epoch)} with ${actors.join(', ')}; ${holding}.`,
      width,
      '  ',
    );
  });
}
