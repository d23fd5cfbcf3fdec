/**
 * The lines that explore prints, whatever the strategy: what ran, and each finding. Imported by what runs it.
 */

import type { KeptFinding } from '../../kept/finding-keeper.js';
import { replayLines, storyOf } from '../../kept/story.js';
import { countText, plural } from '../../report/quantities.js';
import { wrapWords } from '../../report/wrap.js';
import type { Subject } from '../../subject/subject.js';
import type { ExploreWords } from './explore.js';

/** Widest line of prose. */
const WIDTH = 75;

/** `fault-vs-punch under bitmap-nolock (snp): pos, seed 1` */
export function headline(subject: Subject, { seed, strategy, depth }: ExploreWords): string {
  const how = strategy === 'pct' ? `pct, depth ${depth}` : strategy;
  const from = strategy === 'dfs' ? '' : `, seed ${seed}`;
  return `${wrapWords(`${subjectText(subject)}: ${how}${from}`, WIDTH).join('\n')}\n\n`;
}

/** `fault-vs-punch under bitmap-nolock (snp)` */
export function subjectText({ scenario, scheme, arch, settings }: Subject): string {
  const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const world = [...(arch === undefined ? [] : [arch]), ...set].join(', ');
  return `${worldName({ scenario, scheme })}${world === '' ? '' : ` (${world})`}`;
}

/** `fault-vs-punch under bitmap-nolock` */
export function worldName({ scenario, scheme }: { scenario: string; scheme?: string | undefined }): string {
  return scheme === undefined ? scenario : `${scenario} under ${scheme}`;
}

/**
 * A finding with its story, and how to see it again; `schedules` is how many were run, `seconds` the time until it was known
 * where it was the first.
 */
export function findingText(kept: KeptFinding, schedules: number, seconds?: number): string {
  const { finding, columns, file } = kept;
  const { title, foundAt, steps, contextSwitches, minimal, history } = finding;
  const after = seconds === undefined ? '' : `, after ${seconds.toFixed(2)} s`;
  const found = `Found in schedule ${countText(foundAt + 1)} of ${countText(schedules)}${after}`;
  const before = `(of ${history.steps} with ${history.contextSwitches})`;
  const least = minimal ? 'none of which can be left out' : 'not yet the smallest';
  const size = `${plural(steps, 'step')} with ${plural(contextSwitches, 'context switch')} ${before}, ${least}.`;
  const keptIn = file === undefined ? '' : `Kept in ${file}\n`;
  const sentence = history.steps === 0 ? 'Found before the first step.' : `${found}: ${size}`;
  const ran = wrapWords(sentence, WIDTH).join('\n');
  return `${storyOf(title, columns)}\n${ran}\n${keptIn}${replayLines(kept)}\n\n`;
}

/** `1,234 schedules`; `1 schedule` */
export function schedulesText(number: number): string {
  return plural(number, 'schedule');
}
