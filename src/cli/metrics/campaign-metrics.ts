/**
 * Metrics of a campaign: where it stands, from its snapshot. Imported by soak.
 */

import type { CampaignSnapshot } from '../../campaign/campaign-snapshot.js';
import type { MetricFamily } from '../../exports/prometheus.js';
import { countedMetrics, counter } from './live-metrics.js';

/** A world by its names, in the order of the campaign's. */
interface NamedWorld {
  readonly scenario: string;
  readonly scheme?: string | undefined;
}

/** The families; the step under way counts with what it has done so far. */
export function campaignMetrics(
  { totals, running, finished, cutOff, early, sessions, activeMs, worlds, findings }: CampaignSnapshot,
  names: readonly NamedWorld[],
): readonly MetricFamily[] {
  const now = running?.totals;
  const sum = (of: keyof typeof totals): number => totals[of] + (now?.[of] ?? 0);
  const found = Object.values(findings);
  const labelsOf = (world: number) => ({ scenario: names[world]?.scenario, scheme: names[world]?.scheme });
  return [
    ...countedMetrics({
      ...{ seconds: sum('seconds'), steps: sum('steps'), calls: sum('calls'), faults: sum('faults') },
      ...{ retries: sum('retries'), epochs: sum('epochs'), findings: found.length },
    }),
    counter('faultline_thread_deaths_total', 'Worker threads that died.', sum('deaths')),
    counter('faultline_audits_total', 'Checks of the whole world at quiescent points.', sum('audits')),
    counter('faultline_campaign_seconds_total', 'Time that the campaign has been running.', activeMs / 1000),
    counter('faultline_campaign_sessions_total', 'Processes that have worked on the campaign.', sessions),
    counter('faultline_campaign_steps_total', 'Steps of the campaign that are over.', finished),
    counter('faultline_campaign_steps_cut_off_total', 'Steps that the end of a process cut off.', cutOff),
    {
      ...{ name: 'faultline_campaign_steps_early_total', type: 'counter', help: 'Steps that ended before their time.' },
      samples: Object.entries(early).map(([reason, value]) => ({ value, labels: { reason } })),
    },
    {
      ...{
        name: 'faultline_world_seconds_total',
        type: 'counter',
        help: 'Time of the steps of a world that are over.',
      },
      samples: worlds.map(({ seconds }, world) => ({ value: seconds, labels: labelsOf(world) })),
    },
    {
      ...{
        name: 'faultline_world_faults_total',
        type: 'counter',
        help: 'Faults in the steps of a world that are over.',
      },
      samples: worlds.map(({ faults }, world) => ({ value: faults, labels: labelsOf(world) })),
    },
    {
      ...{ name: 'faultline_finding_sightings_total', type: 'counter', help: 'Times that findings were seen.' },
      samples: found.map(({ id, kind, world, count }) => ({ value: count, labels: { id, kind, ...labelsOf(world) } })),
    },
  ];
}
