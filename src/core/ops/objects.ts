/**
 * Objects: arrays of things governed by a machine, one word each.
 *
 * The machine's table is the law: an event it refuses is a violation with a name. Built by the model builder; used by
 * models.
 */

import { ModelError } from '../errors.js';
import { didYouMean } from '../input-sentence.js';
import type { MachineTable } from '../machine/machine-table.js';
import type { Irreversible } from './effect.js';
import { checkedIndex, type Region } from './layout.js';
import { Op, Opcode } from './op.js';
import { type Domain, Identity, type Index, type Ref } from './ref.js';

/** One object, reached by position, identity or ref. */
export class ModelObject {
  constructor(
    readonly objects: ObjectArray,
    readonly index: Index,
  ) {}

  /** Whether the object's state has a tag. */
  is(tag: string): Op<boolean> {
    const { region, table } = this.objects;
    const position = table.tags.indexOf(tag);
    if (position < 0) {
      throw new ModelError(
        `machine ${table.name} has no tag "${tag}"; its tags are ${table.tags.join(', ')}${didYouMean(tag, table.tags)}`,
      );
    }
    return new Op<boolean>({
      code: Opcode.Is,
      label: `% is ${tag}`,
      region,
      index: this.index,
      a: this.objects.machine,
      b: position,
      result: 'boolean',
      writes: false,
    });
  }

  /** Sends an event; an event that the machine refuses is a finding. */
  send(event: string): Op<void> {
    return new Op<void>({
      code: Opcode.Send,
      label: `% <- ${event}`,
      region: this.objects.region,
      index: this.index,
      a: this.objects.machine,
      b: this.objects.event(event),
      result: 'none',
      writes: true,
      ...this.objects.effectOf(event),
    });
  }
}

/** An array of objects with one machine; also the domain that refs to them point into. */
export class ObjectArray implements Domain {
  constructor(
    readonly region: Region,
    readonly table: MachineTable,
    /** Position of the machine within the model. */
    readonly machine: number,
    /** Events that nobody can undo, with what is so from then on. */
    readonly irreversible: Readonly<Record<string, string>> = {},
  ) {}

  get name(): string {
    return this.region.name;
  }

  get count(): number {
    return this.region.count;
  }

  /** The object at a position, identity or ref. */
  at(index: Index): ModelObject {
    return new ModelObject(this, checkedIndex(this.region, index));
  }

  /** The identity of the object at a position. */
  id(index: number): Identity {
    return new Identity(this, index);
  }

  /** Sends `event` to the first object that has `tag`; a ref to it, or null when none has. One step. */
  claim(tag: string, event: string): Op<Ref | null> {
    const position = this.table.tags.indexOf(tag);
    if (position < 0) throw new ModelError(`machine ${this.table.name} has no tag "${tag}"`);
    return new Op<Ref | null>({
      code: Opcode.Claim,
      label: `claim ${this.name} (${event})`,
      region: this.region,
      index: 0,
      a: this.machine,
      b: this.event(event),
      c: position,
      result: 'ref',
      domain: this,
      writes: true,
      ...this.effectOf(event),
    });
  }

  /**
   * Sends `event` to the object that a ref cell points to, in the same step; returns whether there was one. For
   * accesses through a translation, which hardware makes atomic against its removal.
   */
  follow(cell: { region: Region; index: Index }, event: string): Op<boolean> {
    return new Op<boolean>({
      code: Opcode.Follow,
      label: `${event} through %`,
      region: cell.region,
      index: cell.index,
      target: this.region,
      a: this.machine,
      b: this.event(event),
      c: this.region.base,
      result: 'boolean',
      writes: true,
      ...this.effectOf(event),
    });
  }

  /** What an op that sends an event does that nobody can undo, as a part of its spec. */
  effectOf(event: string): { readonly irreversible?: Irreversible } {
    return Object.hasOwn(this.irreversible, event) ? { irreversible: { words: this.irreversible[event] } } : {};
  }

  /** Position of an event in the machine's table. Throws ModelError for an unknown one. */
  event(name: string): number {
    return eventOf(this.table, name);
  }
}

/** Position of an event in a machine's table. Throws ModelError for an unknown one. */
export function eventOf({ name, events }: MachineTable, event: string): number {
  const position = events.indexOf(event);
  if (position < 0)
    throw new ModelError(
      `machine ${name} has no event "${event}"; its events are ${events.join(', ')}${didYouMean(event, events)}`,
    );
  return position;
}
