/**
 * The page of a soak: its worlds, and what was found in them. Imported by run-soak.
 */

import { join } from 'node:path';
import type { SessionResult } from '../../campaign/campaign.js';
import type { CampaignStore } from '../../campaign/campaign-store.js';
import { pageRunOfFile } from '../../kept/page-runs.js';
import { countText } from '../../report/quantities.js';
import { paragraphsOf } from '../../report/wrap.js';
import type { ReportPage, RunOnPage } from '../../trace/page-data.js';
import { worldName } from '../explore/explore-text.js';
import { say } from '../terminal/terminal.js';
import { soakHead, soakTitle } from './soak-text.js';

/** The page; a finding that was not examined has no file yet, and is told in its world's row alone. */
export async function soakPage(store: CampaignStore, result: SessionResult): Promise<ReportPage> {
  const { parameters, snapshot, folder } = store;
  const { end, text } = soakHead(store, result);
  const findings = Object.values(snapshot.findings);
  const runs: RunOnPage[] = [];
  const left: string[] = [];
  for (const finding of findings) {
    const { examined } = finding;
    if (examined === undefined) left.push(`${soakTitle(finding)}: no reproducer was searched for yet.`);
    else runs.push(await pageRunOfFile(join(folder, examined.file), say, { trusted: true }));
  }
  const rows = parameters.worlds.map((world, place) => {
    const { steps, faults, seconds } = snapshot.worlds[place];
    const found = findings.filter((each) => each.world === place).length;
    return [worldName(world), countText(steps), seconds.toFixed(0), countText(faults), countText(found)];
  });
  return {
    kind: 'report',
    title: `soak in ${folder}`,
    verdict: findings.length === 0 ? `Nothing was found. ${end}` : `Different findings: ${findings.length}. ${end}`,
    isBroken: findings.length > 0,
    tables: [{ caption: 'Worlds', columns: ['', 'steps', 'seconds', 'faults', 'findings'], rows }],
    notes: [...left, ...paragraphsOf(text)],
    runs,
  };
}
