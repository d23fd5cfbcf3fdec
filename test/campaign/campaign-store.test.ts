import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CampaignState } from '../../src/campaign/campaign-state.js';
import { CampaignStore } from '../../src/campaign/campaign-store.js';
import { journalLine } from '../../src/campaign/journal-line.js';
import { recoverJournal } from '../../src/campaign/recover-journal.js';
import { MemoryDisk } from './memory-disk.js';
import { key, parameters, records } from './sample-campaign.js';

const journalOf = (disk: MemoryDisk) => recoverJournal(disk.files.get('dir/journal.jsonl')!, 'journal').records;
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

/** What a campaign has been told is on the disk. */
interface Acknowledged {
  records: number;
}

/** Runs the sample campaign with a checkpoint after every so many records; compacts whenever it can. */
async function runSample(disk: MemoryDisk, every: number, acknowledged: Acknowledged = { records: 0 }) {
  const store = await CampaignStore.create('dir', parameters, { disk, spareBytes: 0 });
  acknowledged.records = 1;
  for (const [place, record] of records.slice(1).entries()) {
    await store.record(record);
    acknowledged.records++;
    if (place % every === every - 1) await store.checkpoint();
  }
  return store;
}

function stateAfter(count: number): CampaignState {
  const state = new CampaignState(parameters.worlds.length);
  for (const record of records.slice(0, count)) state.apply(record);
  return state;
}

it('a campaign stands where it stood when it is opened again', async () => {
  const disk = new MemoryDisk();
  const store = await runSample(disk, 4);
  const again = await CampaignStore.open('dir', { disk: disk.copy() });
  expect(plain(again.snapshot)).toEqual(plain(store.snapshot));
  expect(again.parameters).toEqual(parameters);
});

it('findings that were not examined are pending, with their whole history', async () => {
  const disk = new MemoryDisk();
  const store = await runSample(disk, 3);
  const again = await CampaignStore.open('dir', { disk: disk.copy() });
  expect([...store.pending.keys()]).toEqual([key('y')]);
  expect([...again.pending.keys()]).toEqual([key('y')]);
  expect(plain(again.pending.get(key('y')))).toMatchObject({
    step: 0,
    finding: plain(store.pending.get(key('y'))).finding,
  });
});

it.each([1, 2, 3, 4, 9])(
  'killed at any moment, nothing that was acknowledged is lost (checkpoint each %i)',
  async (every) => {
    const disk = new MemoryDisk();
    const acknowledged: Acknowledged = { records: 0 };
    const moments: { readonly disk: MemoryDisk; readonly least: number }[] = [];
    disk.changed = () => moments.push({ disk: disk.copy(), least: acknowledged.records });
    await runSample(disk, every, acknowledged);
    expect(moments.length).toBeGreaterThanOrEqual(records.length);
    for (const moment of moments) {
      const store = await CampaignStore.open('dir', { disk: moment.disk });
      const possible = [moment.least, moment.least + 1].map((count) => plain(stateAfter(count).snapshot));
      expect(possible).toContainEqual(plain(store.snapshot));
      // And it goes on from there to the same end.
      const rest = records.slice(
        possible.findIndex((each) => fc.stringify(each) === fc.stringify(plain(store.snapshot))) + moment.least,
      );
      for (const record of rest) await store.record(record);
      expect(plain(store.snapshot)).toEqual(plain(stateAfter(records.length).snapshot));
    }
  },
);

it('a disk that fills up at any moment, with any part of a record written, takes nothing away', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(40),
      fc.nat(300),
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      async (fullFrom, partial, cuts, every) => {
        const disk = new MemoryDisk();
        Object.assign(disk, { fullFrom, partial, cuts });
        const acknowledged: Acknowledged = { records: 0 };
        await runSample(disk, every, acknowledged).catch((error) => expect(error.code).toBe('ENOSPC'));
        if (acknowledged.records === 0) {
          expect(disk.files.size).toBe(0);
          return;
        }
        const store = await CampaignStore.open('dir', { disk: disk.copy() });
        // What could neither be synced nor cut may be there, whole.
        const possible = [acknowledged.records, acknowledged.records + (cuts ? 0 : 1)];
        expect(possible.map((count) => plain(stateAfter(count).snapshot))).toContainEqual(plain(store.snapshot));
      },
    ),
    { numRuns: 300 },
  );
});

it('what is written after a torn end was cut is there the next time', async () => {
  const disk = new MemoryDisk();
  await runSample(disk, 100);
  const whole = disk.files.get('dir/journal.jsonl')!;
  disk.files.set('dir/journal.jsonl', whole.subarray(0, whole.length - 10));
  const store = await CampaignStore.open('dir', { disk });
  await store.record(records.at(-1)!);
  const again = await CampaignStore.open('dir', { disk: disk.copy() });
  expect(plain(again.snapshot)).toEqual(plain(stateAfter(records.length).snapshot));
  expect(disk.files.get('dir/journal.jsonl')).toEqual(whole);
});

it('nothing is written behind a record that is not whole', async () => {
  const disk = new MemoryDisk();
  const store = await CampaignStore.create('dir', parameters, { disk });
  Object.assign(disk, { fullFrom: 1, partial: 20, cuts: false });
  await expect(store.record(records[1])).rejects.toThrow('no space left');
  disk.fullFrom = Number.POSITIVE_INFINITY;
  await expect(store.record(records[1])).rejects.toThrow('no space left');
  expect(journalOf(disk)).toHaveLength(1);
});

it('the journal keeps what steps did only until a checkpoint holds it', async () => {
  const disk = new MemoryDisk();
  const store = await runSample(disk, 100);
  const before = journalOf(disk).length;
  await store.checkpoint();
  expect(before).toBe(records.length);
  expect(journalOf(disk).map(({ record }) => record.type)).toEqual([
    'campaign',
    'compacted',
    'finding',
    'finding',
    'examined',
  ]);
});

it('the journal and the checkpoint of a campaign that finds nothing new stay as large as they are', async () => {
  const disk = new MemoryDisk();
  const store = await CampaignStore.create('dir', parameters, { disk, spareBytes: 2000 });
  for (const record of records.slice(1, 4)) await store.record(record);
  let largest = 0;
  let size = 0;
  for (let step = 0; step < 2000; step++) {
    if (step > 0) await store.record({ ...records[2], step } as never);
    for (let sighting = 0; sighting < 5; sighting++) store.state.sight(key('x'), store.now());
    await store.record({ ...records[5], step, sightings: store.state.sightings } as never);
    if (step % 10 === 9) await store.checkpoint();
    size = [...disk.files.values()].reduce((sum, { length }) => sum + length, 0);
    if (step < 200) largest = Math.max(largest, size);
  }
  expect(store.snapshot.findings[key('x')].count).toBe(10_001);
  expect(size).toBeLessThan(largest + 200);
});

it('records and checkpoints that are asked for at once come one after the other', async () => {
  const disk = new MemoryDisk();
  const store = await CampaignStore.create('dir', parameters, { disk, spareBytes: 0 });
  await Promise.all(records.slice(1).flatMap((record) => [store.record(record), store.checkpoint()]));
  const again = await CampaignStore.open('dir', { disk: disk.copy() });
  expect(plain(again.snapshot)).toEqual(plain(stateAfter(records.length).snapshot));
});

describe('a folder is refused', () => {
  const open = (files: Readonly<Record<string, string>>) => {
    const disk = new MemoryDisk();
    for (const [name, text] of Object.entries(files)) disk.files.set(`dir/${name}`, Buffer.from(text));
    return CampaignStore.open('dir', { disk });
  };
  const first = journalLine({ number: 1, record: records[0] });

  it('when it holds no journal', async () => {
    await expect(open({})).rejects.toThrow('faultline: dir holds no campaign: it has no journal.jsonl.');
  });

  it('when the journal is of something else, or its first record is not whole', async () => {
    await expect(open({ 'journal.jsonl': 'hello\n' })).rejects.toThrow(/it does not open with one/);
    await expect(open({ 'journal.jsonl': first.slice(0, 50) })).rejects.toThrow(/it does not open with one/);
    await expect(open({ 'journal.jsonl': journalLine({ number: 1, record: records[1] }) })).rejects.toThrow(
      /does not open/,
    );
  });

  it('when it is of another version', async () => {
    const record = { ...records[0], parameters: { ...parameters, version: 'faultline.campaign/2' } };
    await expect(open({ 'journal.jsonl': journalLine({ number: 1, record: record as never }) })).rejects.toThrow(
      'faultline: dir holds a campaign of version faultline.campaign/2; this is faultline.campaign/1.',
    );
  });

  it('when its parameters are none', async () => {
    const record = { ...records[0], parameters: { ...parameters, worlds: [] } };
    await expect(open({ 'journal.jsonl': journalLine({ number: 1, record: record as never }) })).rejects.toThrow(
      /worlds/,
    );
  });

  it('when the checkpoint is damaged, or missing although records were left out for it', async () => {
    await expect(open({ 'journal.jsonl': first, 'checkpoint.json': '{' })).rejects.toThrow(/is no JSON/);
    await expect(open({ 'journal.jsonl': first, 'checkpoint.json': '{}' })).rejects.toThrow(
      /is no checkpoint: version/,
    );
    const compacted = journalLine({ number: 9, record: { type: 'compacted', through: 9 } });
    await expect(open({ 'journal.jsonl': first + compacted })).rejects.toThrow(/checkpoint\.json is missing/);
  });
});
