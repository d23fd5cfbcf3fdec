/**
 * The folio machine of a world: the regions that every frame has, and those that parts of the world bring. A world pays in
 * states for each region, so it has only those that something in it can see. Imported by the gmem model.
 *
 * Every region answers every event: what only the region of a part looks at is a stay for all the others, and is added here
 * where a region's own file says nothing of it.
 */

import type { AnyStateMachine } from 'xstate';
import { accessOfPrivate, deviceAccess, deviceData, readContents, writtenContents } from './device-access.js';
import { directMap, noDirectMap } from './direct-map.js';
import { folioMachine, folioRegions } from './folio.js';
import {
  deviceEvents,
  directMapEvents,
  launchDataEvents,
  poisonEvents,
  suppliedDataEvents,
  tdEvents,
} from './folio-event.js';
import { folioSetup } from './folio-setup.js';
import { launchData, measuredContents } from './launch-data.js';
import { poison } from './poison.js';
import { stays } from './stays.js';
import { suppliedData } from './supplied-data.js';
import { augmentedContents, removedContents, tdPage } from './td-page.js';

/** A part of a world, as far as its frames are concerned. */
export interface FolioPart {
  /** What can happen to a frame besides. */
  readonly events: readonly string[];
  readonly regions: Readonly<Record<string, unknown>>;
  /** What a region that every frame has answers to an event of the part: the next state by the present one. */
  readonly answers?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
}

/** The parts, in the order in which their regions stand in a machine. */
export const folioParts = {
  poison: { events: poisonEvents, regions: { poison } },
  directMap: { events: directMapEvents, regions: { directMap, noDirectMap } },
  launchData: {
    events: launchDataEvents,
    regions: { launchData },
    answers: { contents: { LAUNCH_UPDATE: measuredContents } },
  },
  suppliedData: { events: suppliedDataEvents, regions: { suppliedData } },
  tdPage: {
    events: tdEvents,
    regions: { tdPage },
    answers: { contents: { TD_AUG: augmentedContents, TD_REMOVE: removedContents } },
  },
  devices: {
    events: deviceEvents,
    regions: { deviceData, deviceAccess },
    answers: {
      contents: { DMA_READ: readContents, DMA_WRITE: writtenContents },
      guest: { DMA_READ: accessOfPrivate, DMA_WRITE: accessOfPrivate },
    },
  },
} as const satisfies Readonly<Record<string, FolioPart>>;

/** The name of a part. */
export type FolioPartName = keyof typeof folioParts;

const partNames = Object.keys(folioParts) as FolioPartName[];
const made = new Map<string, AnyStateMachine>();

/** The folio machine with the regions of these parts, in whatever order they are named; the same one every time. */
export function folioMachineOf(names: readonly FolioPartName[]): AnyStateMachine {
  const present = partNames.filter((name) => names.includes(name));
  if (present.length === 0) return folioMachine;
  const key = present.join();
  const machine = made.get(key) ?? joined(present.map((name) => folioParts[name]));
  made.set(key, machine);
  return machine;
}

interface RegionConfig {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly states: Readonly<Record<string, { readonly on?: Readonly<Record<string, unknown>> }>>;
}

function joined(parts: readonly FolioPart[]): AnyStateMachine {
  const events = parts.flatMap((part) => part.events);
  const regions = Object.entries(Object.assign({}, folioRegions, ...parts.map((part) => part.regions)));
  const states = regions.map(([name, config]) => {
    const answers = parts.map((part) => part.answers?.[name] ?? {});
    return [name, completed(config as RegionConfig, events, Object.assign({}, ...answers))];
  });
  const config = { id: 'folio', type: 'parallel', states: Object.fromEntries(states) };
  // Put together at run time, so that its type says nothing of its states.
  return folioSetup.createMachine(config as never) as unknown as AnyStateMachine;
}

/** A region that answers these events as well: as it is told to, or by staying where it is. */
function completed(
  region: RegionConfig,
  events: readonly string[],
  answers: Readonly<Record<string, Readonly<Record<string, string>>>>,
): RegionConfig {
  const told = new Set([region, ...Object.values(region.states)].flatMap(({ on = {} }) => Object.keys(on)));
  const others = events.filter((event) => !told.has(event) && answers[event] === undefined);
  const states = Object.entries(region.states).map(([name, state]) => {
    const moves = Object.entries(answers).flatMap(([event, next]) => (name in next ? [[event, next[name]]] : []));
    return [name, moves.length === 0 ? state : { ...state, on: { ...state.on, ...Object.fromEntries(moves) } }];
  });
  return { ...region, on: { ...region.on, ...stays(...others) }, states: Object.fromEntries(states) };
}
