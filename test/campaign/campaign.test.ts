import { describe, expect, it } from 'vitest';
import { Campaign, type CampaignOptions } from '../../src/campaign/campaign.js';
import type { CampaignEvent } from '../../src/campaign/campaign-event.js';
import type { CampaignSnapshot } from '../../src/campaign/campaign-snapshot.js';
import { CampaignStore } from '../../src/campaign/campaign-store.js';
import { recoverJournal } from '../../src/campaign/recover-journal.js';
import { stepAt } from '../../src/campaign/rotation.js';
import type { Model } from '../../src/model/model.js';
import { MemoryDisk } from './memory-disk.js';
import { finding, key, parameters } from './sample-campaign.js';
import { type Script, scripted } from './scripted-run.js';

const model = { name: 'model', parameters: {} } as unknown as Model;
const [x, y] = [finding('x'), finding('y')];

/** Journal records on a disk. */
const journalOf = (disk: MemoryDisk) =>
  recoverJournal(disk.files.get('dir/journal.jsonl')!, 'journal').records.map(({ record }) => record);

interface Setup extends Partial<CampaignOptions> {
  readonly script: Script;
  readonly disk?: MemoryDisk;
  /** Steps after which the budget is spent; every reading of the clock is a millisecond later. */
  readonly steps?: number;
}

/** Runs a session of the campaign that the disk holds, or of a new one. */
async function session({ script, disk = new MemoryDisk(), steps = 3, ...more }: Setup) {
  const holds = await CampaignStore.holdsCampaign('dir', { disk });
  const store = holds
    ? await CampaignStore.open('dir', { disk })
    : await CampaignStore.create('dir', parameters, { disk });
  const { runLive, runs, emitted } = scripted(script);
  const until = store.snapshot.finished + steps;
  const events: CampaignEvent[] = [];
  const campaign = new Campaign(store, {
    modelOf: async () => model,
    examine: async () => ({ file: 'a.json', schedules: 7, candidates: 2 }),
    signal: new AbortController().signal,
    runLive,
    // Time stands still until the last step is over.
    clock: () => (store.snapshot.finished >= until ? 1e9 : 0),
    ...more,
  });
  campaign.events.subscribe((event) => {
    events.push(event);
  });
  return { result: await campaign.run(), store, disk, events, runs, emitted };
}

it('runs step after step of the rotation, until the budget is spent', async () => {
  const { result, store, runs } = await session({ script: () => [undefined] });
  expect(result).toMatchObject({ end: 'budget', failure: undefined, unwritten: [] });
  expect(store.snapshot).toMatchObject({ finished: 3, cutOff: 0, running: null, totals: { faults: 300 } });
  const steps = [0, 1, 2].map((number) => stepAt(parameters, number));
  expect(runs.map(({ seed, perturb, failureRate }) => ({ seed, perturb, failureRate }))).toEqual(
    steps.map(({ seed, perturb, failureRate }) => ({ seed, perturb, failureRate })),
  );
});

it('tells of a finding only when its record is on the disk; its sightings are counted', async () => {
  const disk = new MemoryDisk();
  const store = await CampaignStore.create('dir', parameters, { disk });
  const { runLive } = scripted((run) => (run === 0 ? [x, x, y, x] : []));
  const campaign = new Campaign(store, {
    ...{ modelOf: async () => model, runLive, signal: new AbortController().signal },
    examine: async () => undefined,
    clock: () => (store.snapshot.finished >= 1 ? 1e9 : 0),
  });
  const told: string[] = [];
  campaign.events.subscribe((event) => {
    if (event.type !== 'finding') return;
    told.push(event.finding.op);
    const written = journalOf(disk).flatMap((record) => (record.type === 'finding' ? [record.finding.op] : []));
    expect(written).toEqual(told);
  });
  await campaign.run();
  expect(told).toEqual(['x', 'y']);
  const world = stepAt(parameters, 0).world;
  const counts = Object.entries(store.snapshot.findings).map(([name, { count }]) => [name, count]);
  expect(counts).toEqual([
    [key('x').replace('0', String(world)), 3],
    [key('y').replace('0', String(world)), 1],
  ]);
});

it('one signature in two worlds is two findings', async () => {
  const { store } = await session({ script: () => [x], steps: 2 });
  expect(
    Object.values(store.snapshot.findings)
      .map(({ world }) => world)
      .sort(),
  ).toEqual([0, 1]);
});

it('searches a reproducer for each finding once, after its step', async () => {
  const examined: number[] = [];
  const examine = async (step: { number: number }) => {
    examined.push(step.number);
    return { file: 'a.json', schedules: 7, candidates: 2 };
  };
  const { store, events } = await session({ script: () => [x, x], examine, steps: 4 });
  const firsts = Object.values(store.snapshot.findings).map(({ step }) => step);
  expect(examined).toEqual(firsts);
  const types = events
    .map(({ type }) => type)
    .filter((type) => ['finding', 'step-finished', 'examined'].includes(type));
  expect(types.slice(0, 3)).toEqual(['finding', 'step-finished', 'examined']);
});

it('a search that was cut short is made again in the next session', async () => {
  const first = await session({ script: () => [x], examine: async () => undefined, steps: 1 });
  expect(first.store.pending.size).toBe(1);
  const searched: string[] = [];
  const examine: CampaignOptions['examine'] = async (_, { op }) => {
    searched.push(op);
    return { file: 'a.json', schedules: 7, candidates: 2 };
  };
  const second = await session({ script: () => [], examine, disk: first.disk.copy(), steps: 0 });
  expect(searched).toEqual(['x']);
  expect(Object.values(second.store.snapshot.findings)[0].examined).toMatchObject({ schedules: 7 });
});

it('a step that was cut off by a kill runs again, with the same seed', async () => {
  const disk = new MemoryDisk();
  let killed: MemoryDisk | undefined;
  const script: Script = function* (run) {
    yield x;
    yield undefined;
    if (run === 1) killed = disk.copy();
  };
  const before = await session({ script, disk });
  const after = await session({ script: () => [undefined], disk: killed!, steps: 2 });
  expect(after.runs[0].seed).toBe(before.runs[1].seed);
  expect(after.events).toContainEqual(expect.objectContaining({ type: 'step-started', again: true }));
  expect(after.store.snapshot).toMatchObject({ finished: 3, cutOff: 1, sessions: 2, running: null });
  expect(Object.keys(after.store.snapshot.findings)).toHaveLength(2);
});

it('the budget counts over all sessions', async () => {
  const first = await session({ script: () => [undefined], steps: 2 });
  expect(first.store.snapshot.activeMs).toBe(1e9);
  const second = await session({ script: () => [undefined], disk: first.disk.copy(), steps: 5 });
  expect(second.runs).toEqual([]);
  expect(second.result.end).toBe('budget');
  const more = await session({ script: () => [undefined], disk: first.disk.copy(), steps: 2, budgetMs: 1.5e9 });
  expect(more.store.snapshot.finished).toBe(4);
});

describe('an interrupt', () => {
  it('ends the live run, writes what there is, and leaves the search for later', async () => {
    const controller = new AbortController();
    const script: Script = function* () {
      yield x;
      controller.abort();
      for (;;) yield undefined;
    };
    const searched: string[] = [];
    const examine = async () => {
      searched.push('x');
      return undefined;
    };
    const { result, store, disk } = await session({ script, examine, signal: controller.signal });
    expect(result.end).toBe('interrupted');
    expect(store.snapshot).toMatchObject({ finished: 1, early: { interrupted: 1 }, running: null });
    expect(searched).toEqual([]);
    expect(journalOf(disk).at(-1)).toMatchObject({ type: 'session-ended', end: 'interrupted' });
    expect(JSON.parse(disk.files.get('dir/checkpoint.json')!.toString()).snapshot.finished).toBe(1);
  });

  it('reaches the search for a reproducer', async () => {
    const controller = new AbortController();
    const examine: CampaignOptions['examine'] = (_step, _finding, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined));
        controller.abort();
      });
    const { result, store } = await session({ script: () => [x], examine, signal: controller.signal });
    expect(result.end).toBe('interrupted');
    expect(store.pending.size).toBe(1);
  });

  it('leaves no listener behind, however many steps and findings there were', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = Object.assign(signal, {
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    });
    await session({ script: () => [x, y], signal: counted, steps: 20 });
    expect(listeners).toBe(0);
  });
});

describe('bounds', () => {
  it('a step that finds without end is ended, and the campaign goes on', async () => {
    const script: Script = function* (run) {
      if (run === 0) for (;;) yield x;
    };
    const { store, result } = await session({ script, mostSightings: 10 });
    expect(store.snapshot).toMatchObject({ finished: 3, early: { flood: 1 } });
    expect(Object.values(store.snapshot.findings)[0].count).toBeLessThan(20);
    expect(result.end).toBe('budget');
  });

  it('a campaign that finds ever new things is ended', async () => {
    const script: Script = (run) => [finding(`op ${run}`)];
    const { store, result } = await session({ script, mostFindings: 4, steps: 100 });
    expect(result.end).toBe('flood');
    expect(Object.keys(store.snapshot.findings)).toHaveLength(4);
  });
});

describe('a full disk', () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'at change %i: ends the campaign; what was told is intact',
    async (fullFrom) => {
      const disk = new MemoryDisk();
      Object.assign(disk, { fullFrom, partial: fullFrom * 13 });
      const script: Script = (run) => (run === 0 ? [x, x, y] : [undefined, x, undefined]);
      const { result, events, emitted } = await session({ script, disk, steps: 5 });
      expect(result.end).toBe('disk');
      expect(result.failure).toMatchObject({ code: 'ENOSPC' });
      const again = await CampaignStore.open('dir', { disk: disk.copy() });
      const told = events.flatMap((event) => (event.type === 'finding' ? [event.key] : []));
      expect(Object.keys(again.snapshot.findings)).toEqual(told);
      // Whatever a run has found is on the disk, or handed over to be printed.
      const keyIn = ({ world }: { world: number }, op: string) => key(op).replace('0', String(world));
      const left = result.unwritten.map(({ step, finding: { op } }) => keyIn(step, op));
      const found = new Set(emitted.map(({ run, op }) => keyIn(stepAt(parameters, run), op)));
      expect([...told, ...left].sort()).toEqual([...found].sort());
    },
  );
});

it('a live run that fails ends the campaign with its error, and the journal says so', async () => {
  const script: Script = function* () {
    yield x;
    throw new Error('a defect');
  };
  const { result, disk } = await session({ script });
  expect(result).toMatchObject({ end: 'failed', failure: expect.objectContaining({ message: 'a defect' }) });
  expect(journalOf(disk).map(({ type }) => type)).toEqual([
    'campaign',
    'session',
    'step-started',
    'finding',
    'session-ended',
  ]);
});

it('checkpoints are written while a step runs', async () => {
  const disk = new MemoryDisk();
  const savedNow = (): CampaignSnapshot | undefined => {
    const file = disk.files.get('dir/checkpoint.json');
    return file && JSON.parse(file.toString()).snapshot;
  };
  let saved: CampaignSnapshot | undefined;
  const script: Script = function* () {
    yield x;
    // As long as it takes; the first may be older than the finding.
    while (Object.keys(savedNow()?.running?.sightings ?? {}).length === 0) yield undefined;
    saved = savedNow();
  };
  const { store } = await session({ script, disk, steps: 1 });
  const [name] = Object.keys(store.snapshot.findings);
  expect(saved).toMatchObject({ finished: 0, running: { step: 0, sightings: { [name]: { count: 1 } } } });
});
