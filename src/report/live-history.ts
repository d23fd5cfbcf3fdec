/**
 * Live history: what is known of how a live finding came about, for findings without a schedule: what was done lately to
 * the word that broke, by whom, and where everybody stood. Used by the command line.
 */

import { withoutNumbers, withoutWildcards } from '../core/story/signature.js';
import type { LiveActorStory, LiveFinding, LiveHistoryStep } from '../live/live-finding.js';
import type { ToldCall } from '../live/messages.js';
import { locksText } from './locks-text.js';
import { padded, widthOf } from './text-width.js';
import { wrapWords } from './wrap.js';

/** Widest line. */
const WIDTH = 80;
/** Lines of the past that are printed; the finding file holds them all. */
const SHOWN = 20;
/** Lines of each actor where they are shown one by one. */
const SHOWN_EACH = 4;
/** More would push the steps off the screen. */
const WIDEST_NAME = 16;

/** One line of the past: a step, or that the ones before were repeated. */
interface Line {
  readonly actorName: string;
  readonly text: string;
  /** What comes behind it in one piece. */
  readonly mark?: string;
}

/**
 * `BUG: faultline: leak in kvm_gmem_get_pfn`: the title of a finding of which no schedule is known. `unconfirmed`: one was
 * searched for and not found, so that it is no news of the model yet.
 */
export function liveTitle(
  { kind, function: name }: Pick<LiveFinding, 'kind' | 'function'>,
  unconfirmed = false,
): string {
  return `${unconfirmed ? 'UNCONFIRMED' : 'BUG'}: faultline: ${kind}${name === '' ? '' : ` in ${withoutWildcards(name)}`}`;
}

/**
 * What a live finding is worth that no schedule shows, in sentences: whatever a live run does some schedule does, so that
 * one is missing speaks against Faultline first.
 *
 * @param schedules how many were run: `64,000 schedules`
 * @param where of what
 * @param searched scenarios that were cut out of what ran (`cuts`); a model as it ran (`model`), or each of its calls once
 * where it ran them over and over (`scripts`)
 */
export function unconfirmedText(schedules: string, where: string, searched: 'cuts' | 'model' | 'scripts'): string {
  const otherwise = {
    cuts: ', or of the cut, which may have left out what it needs,',
    model: ',',
    scripts: ', unless it takes more calls than the scripts of the model have,',
  };
  return (
    `None of ${schedules} of ${where} shows it. Each step of a live run is one that a schedule could take; so ` +
    `until one does show it, this is a defect of Faultline's live engine${otherwise[searched]} and not of what was run. ` +
    'Please report it with its file, which holds its live history and all that ran.'
  );
}

/** The past of the word that broke, the ring of a deadlock, and where everybody was; lines that end in '\n'. */
export function liveHistory(finding: LiveFinding): string {
  const sections = [pastLines(finding), waitLines(finding), actorLines(finding)].filter((lines) => lines.length > 0);
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

/** What was done to the word that broke, and the op that was refused. */
function pastLines(finding: LiveFinding): string[] {
  const { history, wordsAbout, actor, actors, function: name, op, kind } = finding;
  const [about] = wordsAbout;
  if (about === undefined) return [];
  const refused = actors.find((each) => each.actor === actor);
  const last =
    refused === undefined ? [] : [{ actorName: refused.actorName, text: `${name}: ${op}`, mark: `*** ${kind} ***` }];
  // An object's versions order its events, whoever made them. Of other words only each actor's own order is certain.
  const ordered = history.length === 0 || history.some(({ version }) => version !== undefined);
  const title = ordered
    ? `Last on ${about.name}, in the order of its events:`
    : `Last on ${about.name}, actor by actor, for their steps may have gone in between each other:`;
  const past = ordered ? newest(folded(history), SHOWN) : actorByActor(history, actor);
  return [...wrapWords(title, WIDTH, '  '), ...lineTexts([...past, ...last])];
}

/** The last lines, under one that says how many came before. */
function newest(lines: readonly Line[], most: number): Line[] {
  if (lines.length <= most) return [...lines];
  const left = lines.slice(-most);
  return [{ actorName: '', text: `... ${lines.length - most} lines before these` }, ...left];
}

/** The past of each actor by itself; that of whoever was refused comes last. */
function actorByActor(history: readonly LiveHistoryStep[], refused: number | undefined): Line[] {
  const actors = [...new Set(history.map(({ actor }) => actor))].filter((actor) => actor !== refused);
  if (history.some(({ actor }) => actor === refused)) actors.push(refused!);
  const most = Math.max(SHOWN_EACH, Math.floor(SHOWN / actors.length));
  return actors.flatMap((actor) => newest(folded(history.filter((step) => step.actor === actor)), most));
}

/**
 * Every step with what it changed. What actors repeat until the next change, such as accesses of a mapped page, is
 * counted.
 */
function folded(history: readonly LiveHistoryStep[]): Line[] {
  const lines: Line[] = [];
  const seen = new Set<string>();
  let before: LiveHistoryStep | undefined;
  let repeated = 0;
  const flush = (): void => {
    if (repeated > 0) lines.push({ actorName: '', text: `... ${repeated} more of the same` });
    repeated = 0;
  };
  for (const step of history) {
    const change = changeText(before, step);
    const text = `${step.function}: ${step.op}${change}`;
    const key = `${step.actor} ${text}`;
    if (change !== '') seen.clear();
    if (seen.has(key)) repeated++;
    else {
      flush();
      lines.push({ actorName: step.actorName, text });
    }
    seen.add(key);
    before = step;
  }
  flush();
  return lines;
}

/** ` -> rmp assigned`: the parts of the value that are new; nothing when it is what it was. */
function changeText(before: LiveHistoryStep | undefined, { value }: LiveHistoryStep): string {
  if (before?.value === value) return '';
  const known = new Set(before?.value.split(', '));
  const parts = value.split(', ').filter((part) => !known.has(part));
  return ` -> ${(before === undefined ? [value] : parts).join(', ')}`;
}

function lineTexts(lines: readonly Line[]): string[] {
  const width = Math.min(WIDEST_NAME, Math.max(...lines.map(({ actorName }) => widthOf(actorName))));
  return lines.flatMap(({ actorName, text, mark }, place) => {
    const name = lines[place - 1]?.actorName === actorName ? '' : actorName;
    const left = WIDTH - width - 4;
    const [first, ...rest] = withMark(wrapWords(text, left, '    '), mark, left);
    return [`  ${padded(name, width)}  ${first}`, ...rest.map((line) => `  ${' '.repeat(width)}  ${line}`)];
  });
}

/** Lines with a mark behind them, on a line of its own where it does not fit. */
function withMark(lines: readonly string[], mark: string | undefined, width: number): readonly string[] {
  if (mark === undefined) return lines;
  const last = `${lines.at(-1)} ${mark}`;
  return widthOf(last) <= width ? [...lines.slice(0, -1), last] : [...lines, `    ${mark}`];
}

/** The ring of a deadlock. */
function waitLines({ waits }: LiveFinding): string[] {
  return waits.flatMap(({ actorName, lock, mode, blockers }) => {
    const holders = blockers.map((each) => `${each.actorName} (${each.mode})`).join(', ');
    return wrapWords(`${actorName} waits for ${locksText([{ name: lock, mode }])}, which ${holders} has.`, WIDTH, '  ');
  });
}

/** Where everybody was, and what they held. */
function actorLines({ actors }: LiveFinding): string[] {
  if (actors.length === 0) return [];
  const lines = actors.flatMap((story) => wrapWords(`${story.actorName}: ${standing(story)}`, WIDTH - 2, '  '));
  return ['At that moment:', ...lines.map((line) => `  ${line}`)];
}

function standing({ at, inFlight, completed, held }: LiveActorStory): string {
  const place = at === undefined ? '' : `, at ${at.function}: ${at.op}`;
  const locks = held.length === 0 ? 'no lock' : locksText(held.map(({ lock, mode }) => ({ name: lock, mode })));
  return `${progress(inFlight, completed.at(-1))}${place}; holds ${locks}`;
}

function progress(inFlight: ToldCall | undefined, last: ToldCall | undefined): string {
  if (inFlight !== undefined) return `in ${callText(inFlight)}`;
  return last === undefined ? 'before its first call' : `behind ${callText(last)}`;
}

/** `"read gfn *" on 3`: the script's own numbers do not count, for live the call is made on others. */
export function callText({ name, identities }: Pick<ToldCall, 'name' | 'identities'>): string {
  return `"${withoutNumbers(name)}"${identities.length === 0 ? '' : ` on ${identities.join(', ')}`}`;
}
