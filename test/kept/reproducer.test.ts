/**
 * From a live finding to a reproducer: races of docs/kernel.md, found under true parallelism, come back as short
 * schedules. Worker threads run what was built: scripts/setup brings dist up to date before the tests.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { say } from '../../src/cli/terminal/terminal.js';
import { findingFileText } from '../../src/kept/finding-text.js';
import { writeLiveFinding } from '../../src/kept/live-finding-file.js';
import { readAnyFinding, readFindingFile } from '../../src/kept/read-finding.js';
import { replayed } from '../../src/kept/replayed.js';
import { type ReproducerSearch, searchReproducer } from '../../src/kept/reproducer.js';
import { live } from '../../src/live/live.js';
import type { FoundAgain } from '../../src/live/live-report.js';
import { resolveSubject, type Subject } from '../../src/subject/subject.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-reproducer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SEARCH = { seed: 1n, workers: 1 } as const;

/** The first finding of a kind of a live run, however long it takes. */
async function firstOf(world: Subject, kind: string): Promise<FoundAgain> {
  const ended = new AbortController();
  const run = live(world.model, { threads: 2, perturb: 0.02, failureRate: 0.01, signal: ended.signal });
  run.events.subscribe((event) => {
    if (event.type === 'finding' && event.finding.kind === kind) ended.abort();
  });
  const { findings } = await run.done;
  return findings.find(({ finding }) => finding.kind === kind)!;
}

it.each([
  ['R4', 'fault-vs-punch', 'bitmap-nolock', {}, 'host-rmp-fault', 2],
  ['R5', 'neighbours', 'bitmap-nolock+plain-bitmap-word', { gfns: '64' }, 'host-rmp-fault', 3],
  ['the unlocked hook', 'fault-vs-punch', 'v2-hook-every-fault+unlock-before-hook', {}, 'free-while-assigned', 2],
  ['v2 in conversion', 'fault-vs-convert', 'v2-hook-every-fault', {}, 'host-rmp-fault', 3],
] as const)(
  'a live finding becomes a schedule: %s',
  async (_, scenario, scheme, settings, kind, calls) => {
    const world = await resolveSubject({ scenario, scheme, settings }, say);
    const found = await firstOf(world, kind);
    const search = await searchReproducer(world, found.finding, SEARCH);
    const { reproducer } = search;
    expect(reproducer?.finding).toMatchObject({ kind, minimal: true });
    // The scenario is no larger than the story: every call of it is needed.
    const { record } = reproducer!.subject;
    if (record.model !== 'guest_memfd') throw new Error('the reproducer is no scenario');
    expect(record.scenario.actors.flatMap((actor) => actor.calls)).toHaveLength(calls);
    expect(reproducer!.finding.contextSwitches).toBeLessThanOrEqual(5);

    const { path, columns } = writeLiveFinding(folder, world, found, search);
    const replay = await replayed(path, say);
    expect(replay.finding).toMatchObject({ kind, signature: reproducer!.finding.signature });
    expect(columns).toContain(`*** ${kind} ***`);
    const shown = stripVTControlCharacters(await findingFileText(path, 'columns', say));
    expect(shown).toContain(columns);
    expect(shown).toMatch(/Seen .* under load, first after [\d,]+ faults?\.\n\nLast on folio\[\d+\]/);
    expect(await findingFileText(path, 'mermaid', say)).toMatch(/^sequenceDiagram/);
  },
  600_000,
);

it('a live finding without a reproducer keeps its history, and says that there is nothing to replay', async () => {
  const world = await resolveSubject({ scenario: 'fault-vs-punch', scheme: 'bitmap-nolock', settings: {} }, say);
  const found = await firstOf(world, 'host-rmp-fault');
  const search: ReproducerSearch = await searchReproducer(world, found.finding, {
    ...SEARCH,
    passes: [{ exact: true, rounds: [1] }],
  });
  expect(search.reproducer).toBeUndefined();
  const { path } = writeLiveFinding(folder, world, found, search);
  expect(() => readFindingFile(path)).toThrow(/holds a live finding for which no reproducer was found/);
  const read = readAnyFinding(path);
  if (read.schema !== 'faultline.live-finding/1') throw new Error('not the file of a live finding');
  expect(read.found.finding).toEqual(JSON.parse(JSON.stringify(found.finding)));
  expect(read.search).toEqual({ schedules: search.schedules, candidates: search.candidates });
  const shown = stripVTControlCharacters(await findingFileText(path, 'columns', say));
  expect(shown).toContain(`None of ${search.schedules} schedules of ${search.candidates} scenarios around it shows it`);
  expect(shown).toContain('At that moment:');
  await expect(findingFileText(path, 'mermaid', say)).rejects.toThrow(/holds no reproducer that could be drawn/);
  expect(JSON.parse(readFileSync(path, 'utf8')).world).toEqual(JSON.parse(JSON.stringify(world.record)));
}, 600_000);
