import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CampaignRecord } from '../../src/campaign/campaign-record.js';
import { campaignSnapshotSchema } from '../../src/campaign/campaign-snapshot.js';
import { CampaignState } from '../../src/campaign/campaign-state.js';
import { at, finding, key, parameters, records, totals } from './sample-campaign.js';

function stateOf(all: readonly CampaignRecord[]): CampaignState {
  const state = new CampaignState(parameters.worlds.length);
  for (const record of all) state.apply(record);
  return state;
}

describe('a campaign', () => {
  const { snapshot } = stateOf(records);

  it('has finished the steps whose ends are recorded', () => {
    expect(snapshot).toMatchObject({ finished: 2, cutOff: 0, running: null, sessions: 1, activeMs: 6500 });
    expect(snapshot.early).toEqual({ budget: 0, interrupted: 1, flood: 0 });
  });

  it('sums up what its steps did, by world too', () => {
    expect(snapshot.totals).toEqual({ ...totals(120), retries: 2, epochs: 4, audits: 8 });
    expect(snapshot.worlds).toEqual([
      { steps: 1, faults: 80, seconds: 10 },
      { steps: 1, faults: 40, seconds: 5 },
    ]);
  });

  it('knows of each finding how often, when first and when last', () => {
    expect(Object.values(snapshot.findings)).toMatchObject([
      {
        id: '0000000a',
        world: 0,
        count: 5,
        first: at(3),
        last: at(8),
        step: 0,
        faults: 10,
        examined: { file: 'x.json' },
      },
      { id: '0000000b', world: 0, count: 1, first: at(4), last: at(4) },
    ]);
  });

  it('is what the schema of checkpoints takes, at any time', () => {
    for (let length = 0; length <= records.length; length++) {
      const now = JSON.parse(JSON.stringify(stateOf(records.slice(0, length)).snapshot));
      expect(campaignSnapshotSchema.parse(now)).toEqual(now);
    }
  });
});

it('a step that begins again was cut off before; what it did and saw stays', () => {
  const state = stateOf(records.slice(0, 4));
  state.sight(key('x'), at(4));
  state.progress(totals(16), 3000);
  state.apply(records[2]);
  expect(state.snapshot).toMatchObject({
    finished: 0,
    cutOff: 1,
    totals: totals(16),
    running: { step: 0, sightings: {} },
  });
  expect(state.snapshot.findings[key('x')]).toMatchObject({ count: 2, last: at(4) });
});

it('a step that ends counts once, however much of it was counted on the way', () => {
  const state = stateOf(records.slice(0, 4));
  state.sight(key('x'), at(4));
  state.progress(totals(16), 3000);
  for (const record of records.slice(4)) state.apply(record);
  expect(state.snapshot).toEqual(stateOf(records).snapshot);
});

/** Records of a campaign that is killed and taken up at will, and what it counts in between. */
type Change =
  | { readonly record: CampaignRecord }
  | { readonly sight: string; readonly at: string }
  | { readonly faults: number };

const plan = fc.array(fc.constantFrom('start', 'find', 'sight', 'progress', 'finish', 'examine'), { maxLength: 40 });

/** A sequence that a campaign could go through. */
function changesOf(words: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [step, running, ops] = [0, false, 0];
  let seen: Record<string, { count: number; last: string }> = {};
  for (const [second, word] of words.entries()) {
    const now = at(second);
    if (word === 'start' || !running) {
      changes.push({ record: { type: 'step-started', at: now, step, world: step % 2 } });
      [running, seen] = [true, {}];
    } else if (word === 'find') {
      const op = `op ${ops++}`;
      changes.push({
        record: { type: 'finding', at: now, key: key(op), id: 'id', step, world: 0, finding: finding(op) },
      });
      seen[key(op)] = { count: 1, last: now };
    } else if (word === 'sight' && ops > 0) {
      const again = key(`op ${second % ops}`);
      changes.push({ sight: again, at: now });
      seen[again] = { count: (seen[again]?.count ?? 0) + 1, last: now };
    } else if (word === 'progress') changes.push({ faults: second });
    else if (word === 'examine' && ops > 0) {
      const examined = { file: `${second}`, schedules: second, candidates: 1 };
      changes.push({ record: { type: 'examined', at: now, key: key(`op ${second % ops}`), examined } });
    } else if (word === 'finish') {
      const end = { at: now, step, totals: totals(second), early: undefined, activeMs: second };
      changes.push({ record: { type: 'step-finished', sightings: seen, ...end } });
      [step, running] = [step + 1, false];
    }
  }
  return changes;
}

function make(state: CampaignState, change: Change): void {
  if ('record' in change) state.apply(change.record);
  else if ('sight' in change) state.sight(change.sight, change.at);
  else state.progress(totals(change.faults), change.faults);
}

it('from any checkpoint, the records behind it lead where the campaign stands once its step is over', () => {
  fc.assert(
    fc.property(plan, fc.nat(), (words, place) => {
      const changes = changesOf(words);
      const last = changes.findLastIndex((change) => 'record' in change && change.record.type === 'step-finished') + 1;
      const whole = new CampaignState(2);
      let checkpoint = structuredClone(whole.snapshot);
      const cut = last === 0 ? 0 : place % last;
      for (const [number, change] of changes.slice(0, last).entries()) {
        if (number === cut) checkpoint = structuredClone(whole.snapshot);
        make(whole, change);
      }
      const resumed = new CampaignState(checkpoint);
      for (const change of changes.slice(cut, last)) if ('record' in change) resumed.apply(change.record);
      const { findings, finished, cutOff } = resumed.snapshot;
      expect([finished, cutOff]).toEqual([whole.snapshot.finished, whole.snapshot.cutOff]);
      expect(Object.keys(findings)).toEqual(Object.keys(whole.snapshot.findings));
      // Counts may lack what an attempt that was cut off saw after the checkpoint, and nothing else.
      for (const [name, { count, examined }] of Object.entries(findings)) {
        expect(count).toBeLessThanOrEqual(whole.snapshot.findings[name].count);
        expect(examined).toEqual(whole.snapshot.findings[name].examined);
      }
      if (whole.snapshot.cutOff === 0) {
        expect(findings).toEqual(whole.snapshot.findings);
        expect(resumed.snapshot.totals).toEqual(whole.snapshot.totals);
      }
    }),
    { numRuns: 500 },
  );
});
