/**
 * What stress prints besides its tables: the headline, and each finding. Imported by what runs it.
 */

import { replayLines, storyOf } from '../../kept/story.js';
import type { FoundAgain, LiveReport } from '../../live/live-report.js';
import { callText, liveHistory, unconfirmedText } from '../../report/live-history.js';
import { countText, plural, secondsText } from '../../report/quantities.js';
import { wrapWords } from '../../report/wrap.js';
import type { Subject } from '../../subject/subject.js';
import { vcpusOf } from '../../subject/vcpu-subject.js';
import { schedulesText, subjectText } from '../explore/explore-text.js';
import type { StressWords } from './stress.js';
import { type StressFinding, stressReplay, stressTitle } from './stress-finding.js';

const WIDTH = 75;
/** How a reproducer may differ from what was seen. */
const OTHER_CELL =
  '; it breaks the same rule on another cell, in an earlier step: where actors loop, checks that span cells run at rest only';

/** `fault-vs-punch under bitmap-nolock (snp): 4 vCPUs, 1 host task, 2 threads, perturb 0.05, seed 1` */
export function stressHeadline(
  subject: Subject,
  { actors, threads }: LiveReport,
  { seed, perturb, failures }: StressWords,
): string {
  const vcpus = vcpusOf(subject)?.length;
  const hosts = actors.length - (vcpus ?? 0);
  const crowd = [
    ...(vcpus ? [plural(vcpus, 'vCPU')] : []),
    ...(hosts > 0 ? [plural(hosts, vcpus === undefined ? 'actor' : 'host actor')] : []),
  ];
  const fails = mayFail(subject) ? [`failures ${failures}`] : [];
  const how = [...crowd, plural(threads, 'thread'), `perturb ${perturb}`, ...fails, `seed ${seed}`];
  return `${wrapWords(`${subjectText(subject)}: ${how.join(', ')}`, WIDTH).join('\n')}\n\n`;
}

/** A finding: its title, when it was seen, its reproducer or else its live history, and how to see it again. */
export function stressFindingText(reported: StressFinding): string {
  const { found, content, file } = reported;
  const story = content === undefined ? historyOf(reported) : content.columns;
  const kept = file === undefined ? '' : `Kept in ${file}\n`;
  const lines = [...wrapWords(seenText(found), WIDTH), ...searchLines(reported)];
  return `${storyOf(stressTitle(reported), `${lines.join('\n')}\n\n${story}`)}\n${kept}${replayText(reported)}\n`;
}

/** When and where it was seen. */
function seenText({ finding, count, lastSeconds }: FoundAgain): string {
  const { epoch, faults, calls, seconds, actor, actors, call, function: name, op } = finding;
  const done = faults > 0 ? plural(faults, 'fault') : plural(calls, 'call');
  const who = actors.find((each) => each.actor === actor)?.actorName;
  const where =
    who === undefined ? '' : `: ${who}${call === undefined ? '' : ` in ${callText(call)}`}, at ${name}: ${op}`;
  const again = count === 1 ? '' : ` Seen ${countText(count)} times, last after ${secondsText(lastSeconds)}.`;
  if (epoch === 0) return 'Seen before the first step: the initial state breaks it.';
  return `Seen live in world ${countText(epoch)}, after ${done} and ${secondsText(seconds)}${where}.${again}`;
}

/** What came of the search. */
function searchLines({ world, search, content, refusal, interrupted }: StressFinding): string[] {
  if (refusal !== undefined) return wrapWords(`No reproducer was searched for: ${refusal}`, WIDTH);
  if (search === undefined) return ['No reproducer was searched for: the run was interrupted.'];
  const where = world.record.model === 'file' ? 'the model' : `${plural(search.candidates, 'scenario')} around it`;
  const effort = `${schedulesText(search.schedules)} of ${where}`;
  if (content === undefined) {
    const masked = search.otherwise === 0 ? '' : ` (${countText(search.otherwise)} broke something else first)`;
    if (interrupted) return wrapWords(`Not reproduced in ${effort}${masked}, when it was interrupted.`, WIDTH);
    const own = world.model.definition.repeatable === true ? 'scripts' : 'model';
    const searched = world.record.model === 'file' ? own : 'cuts';
    return wrapWords(unconfirmedText(`${schedulesText(search.schedules)}${masked}`, where, searched), WIDTH);
  }
  const { steps, contextSwitches, minimal } = content.finding;
  const least = minimal ? 'none of which can be left out' : 'not yet the smallest';
  const size = `${plural(steps, 'step')} with ${plural(contextSwitches, 'context switch')}, ${least}`;
  const sentence = `Reproduced, in ${effort}, by ${size}${search.reproducer?.exact === false ? OTHER_CELL : ''}:`;
  return wrapWords(sentence, WIDTH);
}

function historyOf({ found: { finding } }: StressFinding): string {
  const words = /[.!?]$/.test(finding.words) ? finding.words : `${finding.words}.`;
  return `${liveHistory(finding)}\n${wrapWords(`When this happens, ${words}`, WIDTH).join('\n')}\n`;
}

function replayText(reported: StressFinding): string {
  return reported.content === undefined ? '' : `${replayLines(stressReplay(reported))}\n`;
}

function mayFail({ record }: Subject): boolean {
  if (record.model !== 'guest_memfd') return true;
  const { scenario } = record;
  const may = [
    ...[scenario.hookFails, scenario.allocationFails, scenario.launchFails, scenario.unassignFails],
    ...[scenario.psmashFails, scenario.septSplitFails, scenario.septRemoveFails, scenario.septBusy],
    ...[scenario.pamtRemoveFails, scenario.iopteSplitFails],
  ];
  return may.includes(true);
}
