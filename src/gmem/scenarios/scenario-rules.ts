/**
 * The rules that tie the values of a scenario file together: gfns in range, enough frames, names that are unique,
 * actors that are either guest or host.
 *
 * Imported by `parseScenario` only.
 */

import { notAllowed, wholeFrom } from '../../core/input-sentence.js';
import { namesGfns, pagesOfCall } from '../calls/call-spec.js';
import { type CallName, callKindOf, callsBy } from '../calls/registry.js';
import { pagesOfInodes } from './files.js';
import { type Slot, scenarioBounds } from './scenario.js';
import type { WrittenActor, WrittenScenario } from './scenario-schema.js';
import { slotAt } from './slots.js';
import type { PathStep } from './yaml-position.js';

/** A broken rule: the path to the value that breaks it and the sentence. */
export interface BrokenRule {
  readonly path: readonly PathStep[];
  readonly key?: string;
  readonly sentence: string;
}

/** Returns every broken rule of a scenario file, in no particular order. */
export function brokenRules(written: WrittenScenario): readonly BrokenRule[] {
  return [
    ...frameRules(written),
    ...slotRules(written),
    ...fileRules(written),
    ...rmpoptRules(written),
    ...attributeRules(written),
    ...actorRules(written),
    ...written.actors.flatMap((actor, index) => callRules(written, actor, index)),
  ];
}

/** Returns the names of the actors that a written actor stands for. */
export function actorNames({ name, count = 1 }: WrittenActor): readonly string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}${index}`);
}

function frameRules({ gfns, frames, maxOrder = 0, files }: WrittenScenario): readonly BrokenRule[] {
  const inBlock = 2 ** maxOrder;
  const uneven = (
    [
      ['gfns', gfns],
      ['frames', frames],
    ] as const
  ).flatMap(([key, value]) =>
    value === undefined || value % inBlock === 0
      ? []
      : [{ path: [key], sentence: unevenSentence(key, value, maxOrder) }],
  );
  const least = pagesOfInodes(gfns, files);
  if (uneven.length > 0 || frames === undefined || frames >= least) return uneven;
  const inodes = least === gfns ? '' : ' for each inode';
  const sentence = notAllowed(
    'frames',
    frames,
    `${wholeFrom(least, scenarioBounds.frames)} (gfns is ${gfns}${inodes})`,
  );
  return [{ path: ['frames'], sentence }];
}

/** Why pages do not lie in blocks. */
export function unevenSentence(what: string, value: number, maxOrder: number): string {
  return notAllowed(what, value, `multiples of ${2 ** maxOrder} (maxOrder is ${maxOrder})`);
}

/** Memslots lie within the file, and no two overlap: KVM refuses them (-EINVAL, -EEXIST). */
function slotRules({ gfns, slots = [], conversion, maxOrder = 0 }: WrittenScenario): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  for (const [place, { gfn, pages, index }] of slots.entries()) {
    const path = ['slots', place];
    if (index >= gfns) {
      const sentence = notAllowed('index', index, `${wholeFrom(0, gfns - 1)} (gfns is ${gfns})`);
      broken.push({ path: [...path, 'index'], sentence });
    } else if (index + pages > gfns) {
      const sentence = notAllowed(
        'pages',
        pages,
        `${wholeFrom(1, gfns - index)} from index ${index} (gfns is ${gfns})`,
      );
      broken.push({ path: [...path, 'pages'], sentence });
    }
    const meets = (from: number, other: number, length: number) => from < other + length && other < from + pages;
    for (const before of slots.slice(0, place)) {
      const twice = meets(gfn, before.gfn, before.pages)
        ? 'gfn'
        : meets(index, before.index, before.pages)
          ? 'index'
          : '';
      if (twice === '') continue;
      const words = `${twice === 'gfn' ? 'gfns' : 'pages of the file'} that no other memslot has`;
      const sentence = `${slotText({ gfn, pages, index })} overlaps ${slotText(before)}; allowed: ${words}`;
      broken.push({ path: [...path, twice], sentence });
    }
  }
  if (slots.length > 0 && maxOrder > 0 && conversion === 'vm-attributes') {
    broken.push({ path: ['slots'], sentence: MIXED_SLOTS });
  }
  return broken;
}

/** Each file has a VM of its own; VMs and inodes are counted from 0, and actors are of files that there are. */
function fileRules({ files = [ONE_FILE], arch, actors }: WrittenScenario): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  for (const kind of ['vm', 'inode'] as const) {
    const numbers = files.map((file) => file[kind]);
    for (const [place, number] of numbers.entries()) {
      const before = numbers.slice(0, place);
      const path = ['files', place, kind];
      // A further VM or inode has the next number.
      const next = new Set(before).size;
      if (number > next) broken.push({ path, sentence: notAllowed(kind, number, wholeFrom(0, next)) });
      else if (kind === 'vm' && number < next) {
        broken.push({ path, sentence: `a second file of VM ${number}; allowed: a VM of its own for each file` });
      } else if (kind === 'inode' && number < next && arch === 'tdx') {
        broken.push({ path, sentence: LINKED_TD });
      }
    }
  }
  for (const [index, { file = 0 }] of actors.entries()) {
    if (file < files.length) continue;
    const allowed = `${wholeFrom(0, files.length - 1)} (of ${files.length === 1 ? '1 file' : `${files.length} files`})`;
    broken.push({ path: ['actors', index, 'file'], sentence: notAllowed('file', file, allowed) });
  }
  return broken;
}

/** Of RMPOPT the model knows entries of 4K; a GB is part of the memory. */
function rmpoptRules({ rmpoptFrames, maxOrder = 0 }: WrittenScenario): readonly BrokenRule[] {
  if (rmpoptFrames === undefined || maxOrder === 0) return [];
  return [{ path: ['rmpoptFrames'], sentence: LARGE_GB }];
}

/** Why a world has no RMPOPT where folios are large. */
export const LARGE_GB = 'rmpoptFrames and maxOrder; allowed: folios of one page where there is RMPOPT';

const ONE_FILE = { vm: 0, inode: 0 };

/** How a page would go from one TD to another is not modelled. */
export const LINKED_TD = 'a second file of the inode of a TD; allowed on arch tdx: an inode of its own for each file';

/** What large folios and VM attributes have in common is not modelled by slot: which blocks of gfns have both attributes. */
export const MIXED_SLOTS =
  'memslots where folios are large and conversion is by VM attributes; allowed: maxOrder 0 or conversion in-place';

function slotText({ gfn, pages, index }: Slot): string {
  return `the memslot {gfn: ${gfn}, pages: ${pages}, index: ${index}}`;
}

/** What the gfns of memslots are, for a sentence: `0 to 1, 4 to 5 (the memslots)`. */
export function slotGfnsText(slots: readonly Slot[]): string {
  return `${slots.map(({ gfn, pages }) => (pages === 1 ? `${gfn}` : `${gfn} to ${gfn + pages - 1}`)).join(', ')} (the memslots)`;
}

/** With VM attributes and memslots the keys are gfns that are shown, else pages of the file. */
function attributeRules({ gfns, attributes = {}, slots, conversion }: WrittenScenario): readonly BrokenRule[] {
  const ofGfns = conversion === 'vm-attributes' && slots !== undefined ? slots : undefined;
  const isPage = (gfn: number) => (ofGfns === undefined ? gfn < gfns : slotAt(ofGfns, gfn) !== undefined);
  const allowed = ofGfns === undefined ? `${wholeFrom(0, gfns - 1)} (gfns is ${gfns})` : slotGfnsText(ofGfns);
  return Object.keys(attributes)
    .filter((gfn) => !/^(0|[1-9]\d*)$/.test(gfn) || !isPage(Number(gfn)))
    .map((gfn) => {
      const shownGfn = /^-?\d{1,16}$/.test(gfn) ? Number(gfn) : gfn;
      return { path: ['attributes'], key: gfn, sentence: notAllowed('gfn', shownGfn, allowed) };
    });
}

function actorRules({ actors }: WrittenScenario): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  const total = actors.reduce((sum, { count = 1 }) => sum + count, 0);
  if (total > scenarioBounds.actors) {
    broken.push({ path: ['actors'], sentence: `${total} actors; allowed: 1 to ${scenarioBounds.actors}` });
  }
  const taken = new Set<string>();
  for (const [index, actor] of actors.entries()) {
    const names = actorNames(actor);
    const twice = names.find((name) => taken.has(name));
    if (twice !== undefined) {
      const sentence = `a second actor named "${twice}"; allowed: a name of its own for each actor`;
      broken.push({ path: ['actors', index, 'name'], sentence });
    }
    for (const name of names) taken.add(name);
  }
  return broken;
}

function callRules(written: WrittenScenario, actor: WrittenActor, index: number): readonly BrokenRule[] {
  const { gfns, slots, conversion = 'in-place', maxOrder = 0 } = written;
  const broken: BrokenRule[] = [];
  const [first] = actor.calls;
  for (const [position, { call, gfn = 0, count = 1 }] of actor.calls.entries()) {
    const path = ['actors', index, 'calls', position];
    if (callKindOf(call).by !== callKindOf(first.call).by) {
      const [guest, host] = [callsBy('vcpu').join(', '), callsBy('host').join(', ')];
      const allowed = `only guest calls (${guest}) or only host calls (${host})`;
      const sentence = `actor "${actor.name}" makes ${first.call} and ${call}; allowed in one actor: ${allowed}`;
      broken.push({ path, key: call, sentence });
    }
    if (callKindOf(call).pages === 'none') continue;
    if (maxOrder > 0 && isOfDevice(call)) broken.push({ path, key: call, sentence: largeDeviceSentence(call) });
    if (slots !== undefined && namesGfns({ conversion }, call)) {
      const slot = slotAt(slots, gfn);
      if (slot === undefined) {
        broken.push({ path: [...path, call, 'gfn'], sentence: notAllowed('gfn', gfn, slotGfnsText(slots)) });
      } else if (pagesOfCall({ slots, conversion }, { call, gfn, count }) === undefined) {
        const allowed = `${wholeFrom(1, slot.gfn + slot.pages - gfn)} from gfn ${gfn} (the rest of its memslot)`;
        broken.push({ path: [...path, call, 'count'], sentence: notAllowed('count', count, allowed) });
      }
    } else if (gfn >= gfns) {
      const sentence = notAllowed('gfn', gfn, `${wholeFrom(0, gfns - 1)} (gfns is ${gfns})`);
      broken.push({ path: [...path, call, 'gfn'], sentence });
    } else if (gfn + count > gfns) {
      const sentence = notAllowed('count', count, `${wholeFrom(1, gfns - gfn)} from gfn ${gfn} (gfns is ${gfns})`);
      broken.push({ path: [...path, call, 'count'], sentence });
    }
  }
  return broken;
}

/** Whether a call is about a device, whose IOPTEs are of one page here. */
export function isOfDevice(call: CallName): boolean {
  return callKindOf(call).needs?.some((part) => part === 'devices' || part === 'trustedDevices') ?? false;
}

/** Why a call cannot be made where folios are large. */
export function largeDeviceSentence(call: CallName): string {
  return `${call} where folios are large, and an IOPTE would be; allowed: maxOrder 0`;
}
