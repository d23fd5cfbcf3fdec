/**
 * Perfetto packets: tracks, slices and instants as packets of Perfetto's trace format (protos/perfetto/trace of Perfetto:
 * trace_packet, track_descriptor, track_event, debug_annotation). Used by the Perfetto export only.
 */

import { oneLine } from './export-text.js';
import { ProtoWriter } from './proto-writer.js';

/** Longest name of a slice or an annotation. */
const MOST = 200;
/** All packets are of one sequence, which orders what happens at one time. */
const SEQUENCE = 1;

const trace = { packet: 1 };
const packet = { timestamp: 8, sequence: 10, event: 11, flags: 13, track: 60 };
const track = { uuid: 1, name: 2, parent: 5, ordering: 11, rank: 12 };
const event = { annotation: 4, type: 9, track: 11, category: 22, name: 23, flow: 47, endingFlow: 48 };
const annotation = { text: 6, name: 10 };
/** The sequence begins anew. */
const STATE_CLEARED = 1;
/** Children of a track stand in the order of their ranks. */
const EXPLICIT = 3;

const types = { begin: 1, end: 2, instant: 3 } as const;

/** Something that happens on a track. */
export interface PerfettoEvent {
  readonly type: keyof typeof types;
  readonly track: number;
  /** In nanoseconds. */
  readonly at: number;
  readonly name?: string;
  readonly category?: string;
  readonly annotations?: readonly (readonly [name: string, text: string])[];
  readonly flows?: readonly number[];
  readonly endingFlows?: readonly number[];
}

/** Collects tracks and events. */
export class PerfettoPackets {
  readonly #tracks: ProtoWriter[] = [];
  readonly #events: PerfettoEvent[] = [];
  readonly #children = new Map<number, number>();

  /** A new track below another one; its number. */
  track(name: string, parent?: number): number {
    const uuid = this.#tracks.length + 1;
    const writer = new ProtoWriter().uint(track.uuid, uuid).text(track.name, oneLine(name, MOST));
    if (parent !== undefined) {
      const rank = this.#children.get(parent) ?? 0;
      this.#children.set(parent, rank + 1);
      writer.uint(track.parent, parent).uint(track.rank, rank);
    }
    this.#tracks.push(writer.uint(track.ordering, EXPLICIT));
    return uuid;
  }

  add(one: PerfettoEvent): void {
    this.#events.push(one);
  }

  /** A slice; one that would take no time is none. */
  slice(begin: Omit<PerfettoEvent, 'type'>, end: number): void {
    if (end <= begin.at) return;
    this.add({ ...begin, type: 'begin' });
    this.add({ type: 'end', track: begin.track, at: end });
  }

  /** The trace. */
  get bytes(): Uint8Array {
    const file = new ProtoWriter();
    for (const [place, each] of this.#tracks.entries()) {
      const writer = new ProtoWriter().uint(packet.sequence, SEQUENCE).message(packet.track, each);
      file.message(trace.packet, place === 0 ? writer.uint(packet.flags, STATE_CLEARED) : writer);
    }
    // What ends makes room for what begins at the same time; sorting keeps the order otherwise.
    const inOrder = [...this.#events].sort((one, other) => one.at - other.at || order(one) - order(other));
    for (const each of inOrder) file.message(trace.packet, packetOf(each));
    return file.bytes;
  }
}

function order({ type }: PerfettoEvent): number {
  return type === 'end' ? 0 : 1;
}

function packetOf({
  type,
  track: on,
  at,
  name,
  category,
  annotations = [],
  flows = [],
  endingFlows = [],
}: PerfettoEvent) {
  const writer = new ProtoWriter().uint(event.type, types[type]).uint(event.track, on);
  if (category !== undefined) writer.text(event.category, category);
  if (name !== undefined) writer.text(event.name, oneLine(name, MOST));
  for (const [key, text] of annotations) {
    writer.message(event.annotation, new ProtoWriter().text(annotation.name, key).text(annotation.text, oneLine(text)));
  }
  for (const flow of flows) writer.fixed64(event.flow, flow);
  for (const flow of endingFlows) writer.fixed64(event.endingFlow, flow);
  return new ProtoWriter().uint(packet.timestamp, at).uint(packet.sequence, SEQUENCE).message(packet.event, writer);
}
