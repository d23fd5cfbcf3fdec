/**
 * What `faultline soak` does: begins a campaign or takes one up, shows how it comes on, and prints the summary. Imported
 * by the verb.
 */

import { basename } from 'node:path';
import { Campaign, type SessionResult } from '../../campaign/campaign.js';
import type { Examined } from '../../campaign/campaign-record.js';
import type { CampaignStore } from '../../campaign/campaign-store.js';
import { FolderTakenOver } from '../../campaign/folder-lock.js';
import { diskFailure } from '../../core/disk-failure.js';
import { InputError, ModelError } from '../../core/errors.js';
import { liveFindingId, writeLiveFinding } from '../../kept/live-finding-file.js';
import { type ReproducerSearch, searchReproducer } from '../../kept/reproducer.js';
import { livePace } from '../../library/usual.js';
import type { LiveFinding } from '../../live/live-finding.js';
import type { Subject } from '../../subject/subject.js';
import { watchedLive } from '../live-page/watched-live.js';
import { campaignMetrics } from '../metrics/campaign-metrics.js';
import { openMetrics } from '../metrics/metrics-sink.js';
import { usualWorkers } from '../options/engine-options.js';
import { refuseUnwritablePage, writePageOf } from '../options/html-option.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { abortOnInterrupt, watchdog } from '../terminal/interrupt.js';
import { startProgress } from '../terminal/progress.js';
import { print, printJson, say } from '../terminal/terminal.js';
import type { SoakWords } from './soak.js';
import { soakDocument } from './soak-document.js';
import { beginSoak, type OpenSoak, resumeSoak } from './soak-folder.js';
import { SoakLine } from './soak-line.js';
import { SoakLive } from './soak-live.js';
import { soakText } from './soak-text.js';
import { unwrittenFindings } from './soak-unwritten.js';

/** Runs the campaign and prints the summary; the exit status. */
export async function runSoak(scenarios: readonly string[], words: SoakWords): Promise<ExitStatusValue> {
  refuseUnwritablePage(words);
  const soak = await opened(scenarios, words);
  if (soak === undefined) return ExitStatus.Inconclusive;
  try {
    return await runOpen(soak, words);
  } finally {
    soak.unlock();
  }
}

/** The campaign; undefined when the disk takes nothing, which is said. */
async function opened(scenarios: readonly string[], words: SoakWords): Promise<OpenSoak | undefined> {
  try {
    if (words.resume === undefined) return await beginSoak(scenarios, words);
    return await resumeSoak(words.resume, words.budget, words.trust);
  } catch (error) {
    const reason = diskFailure(error);
    if (reason === undefined) throw error;
    say(`faultline: the soak cannot begin: ${reason}.`);
    return undefined;
  }
}

async function runOpen({ store, subjects, budgetMs }: OpenSoak, words: SoakWords): Promise<ExitStatusValue> {
  const watched = await watchedLive(words, `soak in ${store.folder}`);
  const metrics = await openMetrics(words, say);
  const update = () => metrics.update(campaignMetrics(store.snapshot, store.parameters.worlds));
  const progress = await startProgress(words.quiet);
  const campaign = new Campaign(store, {
    modelOf: async (step) => (await subjects.of(step)).model,
    pace: livePace,
    examine: async (step, finding, signal) => examined(store, await subjects.of(step), finding, signal),
    ...{ budgetMs, signal: abortOnInterrupt(), guard: watchdog() },
  });
  if (!words.quiet) campaign.events.subscribe(new SoakLine(store, progress));
  // A failure is told by the campaign itself.
  campaign.events.subscribe({ next: new SoakLive(store, watched, () => performance.now()).next, error: () => {} });
  campaign.events.subscribe({ next: update, error: () => {} });
  update();
  const result = await campaign.run().finally(async () => {
    update();
    await metrics.close();
    await watched.end('The soak has ended: its summary is in the terminal.');
  });
  if (result.unwritten.length > 0) progress.update('searching for reproducers of what the journal did not take');
  const unwritten = await unwrittenFindings(result.unwritten, subjects, abortOnInterrupt());
  progress.stop();
  if (words.json) printJson(soakDocument(store, result, unwritten));
  else print(soakText(store, result, unwritten));
  await writePageOf(words, async () => (await import('./soak-page.js')).soakPage(store, result));
  const reason = result.failure instanceof FolderTakenOver ? result.failure.message : diskFailure(result.failure);
  if (reason !== undefined) say(`faultline: the soak has stopped: ${reason}.`);
  else if (result.failure !== undefined) throw result.failure;
  return statusOf(store, result);
}

/**
 * Writes the file of a finding, searches a reproducer, and writes the file again with what came of it. Undefined when
 * the search was cut short.
 */
async function examined(
  { folder, parameters, snapshot }: CampaignStore,
  world: Subject,
  finding: LiveFinding,
  signal: AbortSignal,
): Promise<Examined | undefined> {
  const id = liveFindingId(world, finding);
  const found = {
    ...{ finding, lastSeconds: finding.seconds },
    count: Object.values(snapshot.findings).find((each) => each.id === id)?.count ?? 1,
  };
  const before = basename(writeLiveFinding(folder, world, found, undefined).path);
  let search: ReproducerSearch;
  try {
    const seed = BigInt(parameters.seed);
    search = await searchReproducer(world, finding, { seed, workers: usualWorkers(), signal, guard: watchdog() });
  } catch (error) {
    // What was found live stands, whether or not the controlled engine takes the model.
    if (!(error instanceof InputError || error instanceof ModelError)) throw error;
    return { file: before, refusal: error.message, schedules: 0, candidates: 0 };
  }
  const { reproducer, schedules, candidates, otherwise } = search;
  if (reproducer === undefined && signal.aborted) return undefined;
  const file = basename(writeLiveFinding(folder, world, found, search).path);
  if (reproducer === undefined) return { file, schedules, candidates, otherwise };
  const { title, steps, contextSwitches, minimal } = reproducer.finding;
  const { exact } = reproducer;
  return { file, reproducer: { title, steps, contextSwitches, minimal, exact }, schedules, candidates };
}

function statusOf({ snapshot }: CampaignStore, { end, unwritten }: SessionResult): ExitStatusValue {
  if (unwritten.length > 0) return ExitStatus.Violation;
  if (end === 'interrupted') return ExitStatus.Interrupted;
  if (Object.keys(snapshot.findings).length > 0) return ExitStatus.Violation;
  return end === 'disk' || end === 'failed' || snapshot.totals.calls === 0 ? ExitStatus.Inconclusive : ExitStatus.Clean;
}
