import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { perfettoOf } from '../../src/exports/perfetto.js';
import { hostileRace, race } from './documents.js';

interface Decoded {
  readonly trackDescriptor?: { readonly uuid: number; readonly name: string; readonly parentUuid?: number };
  readonly timestamp?: number;
  readonly trackEvent?: {
    readonly type: string;
    readonly trackUuid: number;
    readonly name?: string;
    readonly flowIds?: readonly number[];
    readonly terminatingFlowIds?: readonly number[];
    readonly debugAnnotations?: readonly { readonly name: string; readonly stringValue: string }[];
  };
}

/**
 * Perfetto's own definitions, where FAULTLINE_PERFETTO_PROTO names its perfetto_trace.proto; else the fields that are written,
 * by the same numbers.
 */
const { FAULTLINE_PERFETTO_PROTO: official } = process.env;
const root = protobuf.loadSync(official ?? fileURLToPath(new URL('perfetto.proto', import.meta.url)));
const trace = root.lookupType(official === undefined ? 'Trace' : 'perfetto.protos.Trace');

function decoded(bytes: Uint8Array): readonly Decoded[] {
  const message = trace.decode(bytes);
  // What the definitions do not know would be left out without a word, and miss here.
  expect(trace.encode(message).finish().length).toBe(bytes.length);
  const plain = trace.toObject(message, { longs: Number, enums: String });
  return plain.packet as readonly Decoded[];
}

describe('Perfetto', () => {
  const packets = decoded(perfettoOf(race));
  const events = packets.flatMap(({ trackEvent, timestamp }) =>
    trackEvent ? [{ ...trackEvent, at: Number(timestamp) }] : [],
  );
  const tracks = packets.flatMap(({ trackDescriptor }) => trackDescriptor ?? []);
  const nameOf = (uuid: number | undefined): string => tracks.find((track) => track.uuid === uuid)?.name ?? '';
  const pathOf = (uuid: number): string => {
    const parent = tracks.find((track) => track.uuid === uuid)?.parentUuid;
    return parent === undefined || nameOf(parent) === race.title ? nameOf(uuid) : `${pathOf(parent)} / ${nameOf(uuid)}`;
  };
  /** Slices of a track: what, from which microsecond to which. */
  const slicesOf = (path: string): readonly string[] => {
    const open: string[] = [];
    const done: string[] = [];
    for (const { type, trackUuid, name, at } of events) {
      if (pathOf(trackUuid) !== path) continue;
      if (type === 'TYPE_SLICE_BEGIN') open.push(`${'  '.repeat(open.length)}${name} ${at / 1000}`);
      if (type === 'TYPE_SLICE_END') done.push(`${open.pop()}-${at / 1000}`);
    }
    expect(open).toEqual([]);
    return done;
  };

  it('has a track an actor, a lock and who has to do with it, a region of an object and a cell that changes', () => {
    expect(tracks.map(({ uuid }) => pathOf(uuid)).slice(1)).toEqual([
      ...['actors', 'actors / vCPU0', 'actors / punch'],
      ...['locks', 'locks / folio lock', 'locks / folio lock / vCPU0', 'locks / folio lock / punch'],
      ...['cells', 'cells / i_pages[0]', 'objects', 'objects / folio 1', 'objects / folio 1 / life'],
      ...['objects / folio 1 / contents', 'cells / seq', 'cells / refs'],
    ]);
  });

  it('nests steps in functions and functions in calls, which go on while others run', () => {
    expect(slicesOf('actors / vCPU0')).toEqual([
      '    i_pages[0] -> folio 1 0-1',
      '      MAP(folio 1) 3-4',
      '    map 3-4',
      '  kvm_gmem_get_pfn 0-4',
      'fault gfn 0 0-4',
    ]);
  });

  it('says who holds a lock and who waits for it', () => {
    expect(slicesOf('locks / folio lock / punch')).toEqual(['holds (write) 1-2']);
    expect(slicesOf('locks / folio lock / vCPU0')).toEqual(['waits 1-3']);
  });

  it('says in which state each region of an object is', () => {
    expect(slicesOf('objects / folio 1 / life')).toEqual(['cached 0-1', 'free 1-4']);
  });

  it('has a flow from a step to the one that touches the same cell', () => {
    const from = events.filter(({ flowIds = [] }) => flowIds.length > 0).map(({ name, flowIds }) => [name, flowIds]);
    const to = events.filter(({ terminatingFlowIds = [] }) => terminatingFlowIds.length > 0);
    expect(from).toEqual([
      ['i_pages[0] -> folio 1', [1]],
      ['truncate', [2]],
    ]);
    expect(to.map(({ name, terminatingFlowIds }) => [name, terminatingFlowIds])).toEqual([
      ['truncate', [1]],
      ['MAP(folio 1)', [2]],
    ]);
  });

  it('marks what breaks, and says in a step what it changed', () => {
    const broken = events.find(({ type }) => type === 'TYPE_INSTANT');
    expect([broken?.name, pathOf(broken?.trackUuid ?? 0), broken?.at]).toEqual([
      '*** use-after-free ***',
      'actors / vCPU0',
      3000,
    ]);
    const section = events.find(({ name }) => name === 'truncate');
    expect(section?.debugAnnotations).toContainEqual({
      name: 'folio 1',
      stringValue: 'life cached, contents zero -> life free, contents zero',
    });
  });

  it('takes words of models for words', () => {
    const names = decoded(perfettoOf(hostileRace)).flatMap(({ trackEvent }) => trackEvent?.name ?? []);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\uffff]/u);
  });
});
