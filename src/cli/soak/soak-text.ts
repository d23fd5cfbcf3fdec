/**
 * The summary of a soak: what ran, what was found in which world, how often and when, and what it took. Imported by
 * run-soak.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import colors from 'picocolors';
import type { SessionResult } from '../../campaign/campaign.js';
import type { CampaignFinding, CampaignSnapshot } from '../../campaign/campaign-snapshot.js';
import type { CampaignStore } from '../../campaign/campaign-store.js';
import type { MemoryTrendSummary } from '../../campaign/memory-trend.js';
import { signatureText } from '../../core/story/signature.js';
import { commandOf, replayCommandOf, replayLines } from '../../kept/story.js';
import { liveHistory, liveTitle, unconfirmedText } from '../../report/live-history.js';
import { countText, plural, rateText } from '../../report/quantities.js';
import { wrapWords } from '../../report/wrap.js';
import { schedulesText, worldName } from '../explore/explore-text.js';
import type { UnwrittenFinding } from './soak-unwritten.js';

/** Widest line of prose. */
const WIDTH = 75;
const MEGABYTE = 1e6;

const NOT_COVERED =
  'Not covered: a live run samples the interleavings that this machine happens to make, perturbed or not; one that ' +
  'was not seen may exist. Sequentially consistent memory, one VM.';

const ENDS: Readonly<Record<SessionResult['end'], string>> = {
  budget: 'The budget is spent.',
  interrupted: 'Interrupted.',
  flood: 'It ended early: more different findings than anybody looks at.',
  failed: 'It failed.',
  disk: 'It stopped: the disk takes no more.',
};

/** The title of a finding: that of its reproducer, which knows what the step conflicts with, else what is known. */
export function soakTitle({ examined, kind, function: name }: CampaignFinding): string {
  const unconfirmed = examined !== undefined && examined.refusal === undefined;
  return examined?.reproducer?.title ?? liveTitle({ kind, function: name }, unconfirmed);
}

/** Why a session ended, and what ran so far, in lines. */
export function soakHead(store: CampaignStore, result: SessionResult): { readonly end: string; readonly text: string } {
  const text = [...headLines(store, result).slice(1), ...wrapWords(NOT_COVERED, WIDTH, '  ')].join('\n');
  return { end: ENDS[result.end], text: text.replace(ENDS[result.end], '') };
}

/** Bytes of all files in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name)).size || 0), 0);
}

/** The whole summary. */
export function soakText(store: CampaignStore, result: SessionResult, unwritten: readonly UnwrittenFinding[]): string {
  const { parameters, snapshot, folder } = store;
  const findings = Object.values(snapshot.findings);
  const worlds = parameters.worlds.flatMap((world, place) => [
    ...worldHeadline(store, place, worldName(world)),
    ...findings.filter((each) => each.world === place).flatMap((each) => [...findingLines(each, folder), '']),
  ]);
  const lines = [
    ...headLines(store, result),
    '',
    ...worlds,
    ...(worlds.at(-1) === '' ? [] : ['']),
    ...unwrittenLines(store, unwritten),
    ...memoryLines(result.memory),
    `Disk: ${megabytes(bytesIn(folder))} in ${folder}`,
    '',
    ...wrapWords(NOT_COVERED, WIDTH, '  '),
    ...(result.end === 'failed' ? [] : [`Go on: ${commandOf(`soak --resume ${folder}`)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function headLines({ parameters, snapshot }: CampaignStore, { end }: SessionResult): string[] {
  const { finished, sessions, totals, activeMs } = snapshot;
  const steps = `${plural(finished, 'step')} in ${durationText(activeMs / 1000)}`;
  const session = sessions === 1 ? '' : `, ${sessions} sessions`;
  const rate = totals.seconds > 0 ? ` (${rateText(totals.faults / totals.seconds)}/s)` : '';
  const counted = [
    `${plural(totals.faults, 'fault')}${rate}, ${plural(totals.calls, 'call')}`,
    `${plural(totals.retries, 'retry')}, ${plural(totals.epochs, 'start')} of a world, ${plural(totals.deaths, 'dead thread')}`,
  ];
  return [
    ...wrapWords(
      `Soak of ${plural(parameters.worlds.length, 'world')}, seed ${parameters.seed}: ${steps}${session}`,
      WIDTH,
    ).map((line) => colors.bold(line)),
    ENDS[end],
    '',
    ...stepLines(snapshot),
    ...wrapWords(`Live runs of ${durationText(totals.seconds)}: ${counted.join(', ')}.`, WIDTH),
  ];
}

/** Where every step, and so every seed, has gone. */
function stepLines({ finished, cutOff, early, running }: CampaignSnapshot): string[] {
  const over = [
    'No step is over',
    'Step 0 is over',
    `Steps 0 to ${finished - 1} are over, each with a seed of its own`,
  ];
  const again =
    cutOff === 0 ? 'none was cut off' : `${plural(cutOff, 'attempt')} cut off by the end of a process, and run again`;
  const left = running === null ? [] : [`step ${running.step} was cut off and is still to be run again`];
  const sooner = Object.entries(early).filter(([, count]) => count > 0);
  const ended = sooner.map(
    ([reason, count]) => `${count} ended before ${count === 1 ? 'its' : 'their'} time (${reason})`,
  );
  return wrapWords(`${[over[Math.min(finished, 2)], again, ...left, ...ended].join('; ')}.`, WIDTH);
}

function worldHeadline({ snapshot }: CampaignStore, world: number, name: string): string[] {
  const { steps, faults, seconds } = snapshot.worlds[world];
  const found = Object.values(snapshot.findings).filter((each) => each.world === world).length;
  const findings = found === 0 ? 'nothing found' : plural(found, 'finding');
  const ran = `: ${plural(steps, 'step')}, ${durationText(seconds)}, ${plural(faults, 'fault')}: ${findings}`;
  const [first, ...rest] = wrapWords(`${name}${ran}`, WIDTH, '  ');
  return [`${colors.bold(first.slice(0, name.length))}${first.slice(name.length)}`, ...rest];
}

function findingLines(finding: CampaignFinding, folder: string): string[] {
  const { id, signature, count, first, last, step, faults, words } = finding;
  const seen = `${id}  ${count === 1 ? 'once' : `${countText(count)} times`}, first ${first} (step ${step}, ${plural(faults, 'fault')} in), last ${last}`;
  const story = /[.!?]$/.test(words) ? words : `${words}.`;
  return [
    ...wrapWords(soakTitle(finding), WIDTH - 2, '  ').map((line) => `  ${colors.red(line)}`),
    ...wrapWords(seen, WIDTH - 4, '  ').map((line) => `    ${line}`),
    ...wrapWords(`${signature}: when this happens, ${story}`, WIDTH - 4).map((line) => `    ${line}`),
    ...examinedLines(finding, folder).map((line) => `    ${line}`),
  ];
}

function examinedLines({ examined }: CampaignFinding, folder: string): string[] {
  if (examined === undefined) return ['No reproducer was searched for yet; --resume does that.'];
  const { file, reproducer, schedules, candidates, refusal, otherwise = 0 } = examined;
  const path = join(folder, file);
  if (refusal !== undefined) {
    return [...wrapWords(`No reproducer was searched for: ${refusal}`, WIDTH - 4, '  '), `Kept in ${path}`];
  }
  const effort = `${schedulesText(schedules)} of ${plural(candidates, 'scenario')} around it`;
  if (reproducer === undefined) {
    const masked = otherwise === 0 ? '' : ` (${countText(otherwise)} broke something else first)`;
    const where = `${plural(candidates, 'scenario')} around it`;
    const text = unconfirmedText(`${plural(schedules, 'schedule')}${masked}`, where, 'cuts');
    return [...wrapWords(text, WIDTH - 4), `Kept in ${path}`];
  }
  const { steps, contextSwitches, minimal, exact } = reproducer;
  const least = `${minimal ? '' : ', not yet the smallest'}${exact ? '' : '; the same rule breaks on another cell'}`;
  const size = `${plural(steps, 'step')}, ${plural(contextSwitches, 'context switch')}${least}`;
  return [...wrapWords(`Reproduced in ${effort}: ${size}`, WIDTH - 4, '  '), `Replay: ${replayCommandOf(path)}`];
}

/** What the disk did not take: it is told here or nowhere. */
function unwrittenLines({ parameters }: CampaignStore, unwritten: readonly UnwrittenFinding[]): string[] {
  return unwritten.flatMap(({ step, finding, reproducer }) => [
    ...wrapWords(
      `Not in the journal, for it takes no more (${worldName(parameters.worlds[step.world])}, step ${step.number}):`,
      WIDTH,
    ),
    `  ${colors.red(liveTitle(finding))}`,
    ...wrapWords(`${signatureText(finding.signature)}: when this happens, ${finding.words}`, WIDTH - 4).map(
      (line) => `    ${line}`,
    ),
    ...liveHistory(finding)
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`)),
    ...(reproducer === undefined
      ? ['    No reproducer was reached.', '']
      : [...reproducer.content.columns.split('\n').map((line) => `    ${line}`), replayLines(reproducer.by), '']),
  ]);
}

function memoryLines(memory: MemoryTrendSummary | undefined): string[] {
  if (memory === undefined) return [];
  const { samples, hours, first, last, heapBytesPerHour, rssBytesPerHour } = memory;
  const line = (name: string, from: number, to: number, slope: number | undefined) =>
    `  ${name}  ${megabytes(from)} -> ${megabytes(to)}${slope === undefined ? '' : `, ${slope < 0 ? '-' : '+'}${megabytes(Math.abs(slope))}/h`}`;
  return [
    ...wrapWords(
      `Memory at the ends of ${plural(samples, 'step')} of this session, ${durationText(hours * 3600)}, garbage collected:`,
      WIDTH,
    ),
    line('heap', first.heapBytes, last.heapBytes, heapBytesPerHour),
    line('rss ', first.rssBytes, last.rssBytes, rssBytesPerHour),
  ];
}

function megabytes(bytes: number): string {
  return bytes < MEGABYTE / 10 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

/** `9.8 s`, `10 m 2 s`, `8 h 0 m` */
function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} m` : `${minutes} m ${whole % 60} s`;
}
