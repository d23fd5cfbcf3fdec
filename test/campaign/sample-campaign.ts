/** Parameters, findings and records for the tests of campaigns. */
import { CAMPAIGN_VERSION, type CampaignParameters } from '../../src/campaign/campaign-parameters.js';
import type { CampaignRecord, CampaignTotals } from '../../src/campaign/campaign-record.js';
import type { LiveFinding } from '../../src/live/live-finding.js';

export const parameters: CampaignParameters = {
  version: CAMPAIGN_VERSION,
  seed: '7',
  worlds: [
    { scenario: 'one', scheme: 'a', vcpus: [null, 4], subject: null },
    { scenario: 'two', vcpus: [null], subject: null },
  ],
  ...{ perturb: [0, 0.1], failureRates: [0] },
  ...{ stepMs: 1000, threads: 1, budgetMs: 60_000, checkpointMs: 20 },
};

export const at = (second: number): string => new Date(1_800_000_000_000 + 1000 * second).toISOString();

/** A finding of a signature of its own for each `op`. */
export function finding(op: string): LiveFinding {
  return {
    ...{ epoch: 1, seconds: 0.5, calls: 20, faults: 10, kind: 'leak', words: 'it leaks', rule: 'a rule' },
    signature: { kind: 'leak', cell: 'folio', function: 'turn', op },
    ...{ actor: 0, call: undefined, function: 'turn', op, cell: 'folio', wordsAbout: [], history: [] },
    actors: [{ actor: 0, actorName: 'vCPU0 – ä', at: undefined, inFlight: undefined, completed: [], held: [] }],
    waits: [],
  };
}

export function totals(faults: number): CampaignTotals {
  return {
    steps: 9 * faults,
    calls: 3 * faults,
    faults,
    retries: 1,
    epochs: 2,
    deaths: 0,
    audits: 4,
    seconds: faults / 8,
  };
}

export const key = (op: string): string => `0: leak on folio in turn: ${op}`;

/** A campaign of two steps: the first finds two things, the second one of them again. */
export const records: readonly CampaignRecord[] = [
  { type: 'campaign', at: at(0), parameters },
  { type: 'session', at: at(1), pid: 10 },
  { type: 'step-started', at: at(2), step: 0, world: 0 },
  { type: 'finding', at: at(3), key: key('x'), id: '0000000a', step: 0, world: 0, finding: finding('x') },
  { type: 'finding', at: at(4), key: key('y'), id: '0000000b', step: 0, world: 0, finding: finding('y') },
  {
    ...{ type: 'step-finished', at: at(5), step: 0, totals: totals(80), early: undefined, activeMs: 4000 },
    sightings: { [key('x')]: { count: 3, last: at(5) }, [key('y')]: { count: 1, last: at(4) } },
  },
  { type: 'examined', at: at(6), key: key('x'), examined: { file: 'x.json', schedules: 5, candidates: 1 } },
  { type: 'step-started', at: at(7), step: 1, world: 1 },
  {
    ...{ type: 'step-finished', at: at(9), step: 1, totals: totals(40), early: 'interrupted', activeMs: 6000 },
    sightings: { [key('x')]: { count: 2, last: at(8) } },
  },
  { type: 'session-ended', at: at(9), end: 'interrupted', activeMs: 6500 },
];
