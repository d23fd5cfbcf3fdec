/**
 * The result document of a soak: findings as every verb tells them, and beside them, by world, when and how often they
 * were seen. Imported by run-soak.
 */

import { join } from 'node:path';
import type { SessionResult } from '../../campaign/campaign.js';
import type { CampaignFinding } from '../../campaign/campaign-snapshot.js';
import type { CampaignStore } from '../../campaign/campaign-store.js';
import { signatureText } from '../../core/story/signature.js';
import { liveTitle } from '../../report/live-history.js';
import { type ReportedFinding, resultDocument } from '../../report/result-document.js';
import type { ResultDocument } from '../../report/result-schema.js';
import { bytesIn, soakTitle } from './soak-text.js';
import type { UnwrittenFinding } from './soak-unwritten.js';

/** The document. */
export function soakDocument(
  store: CampaignStore,
  { end, memory }: SessionResult,
  unwritten: readonly UnwrittenFinding[],
): ResultDocument {
  const { parameters, snapshot, folder } = store;
  const { totals, finished, cutOff, early, sessions, running, activeMs } = snapshot;
  const found = Object.values(snapshot.findings);
  const violated = found.length > 0 || unwritten.length > 0;
  const finishedWell = end === 'budget' && totals.calls > 0;
  return resultDocument({
    verb: 'soak',
    seed: BigInt(parameters.seed),
    verdict: violated ? 'violation' : finishedWell ? 'clean' : 'inconclusive',
    stats: {
      ...totals,
      ...{ end, folder, interrupted: end === 'interrupted', sessions, activeSeconds: activeMs / 1000 },
      /** Steps 0 .. finished-1 are over; cut off: attempts; pending: the step that is still to be run again. */
      campaign: { finished, cutOff, pending: running?.step, early },
      worlds: parameters.worlds.map(({ scenario, scheme }, world) => ({
        ...{ scenario, scheme, ...snapshot.worlds[world] },
        findings: found
          .filter((each) => each.world === world)
          .map(({ id, signature, count, first, last, step, faults, seconds }) => ({
            ...{ id, signature, count, first, last, step, faults, seconds },
          })),
      })),
      unwritten: unwritten.map(({ step, finding }) => ({
        ...{ step: step.number, world: step.world, signature: signatureText(finding.signature), words: finding.words },
      })),
      ...{ memory, bytes: bytesIn(folder) },
    },
    findings: [...found.map((finding) => reported(finding, folder)), ...unwritten.map(reportedUnwritten)],
  });
}

function reported(finding: CampaignFinding, folder: string): ReportedFinding {
  const { id, kind, signature, examined } = finding;
  const { reproducer, file, schedules, candidates } = examined ?? {};
  const { steps, contextSwitches, minimal } = reproducer ?? {};
  return {
    finding: { id, kind, signature, title: soakTitle(finding), steps, contextSwitches, minimal },
    file: file === undefined ? undefined : join(folder, file),
    search: schedules === undefined || candidates === undefined ? undefined : { schedules, candidates },
  };
}

function reportedUnwritten({ id, finding, reproducer }: UnwrittenFinding): ReportedFinding {
  const { title = liveTitle(finding), steps, contextSwitches, minimal } = reproducer?.content.finding ?? {};
  const signature = signatureText(finding.signature);
  return { finding: { id, kind: finding.kind, signature, title, steps, contextSwitches, minimal }, ...reproducer?.by };
}
