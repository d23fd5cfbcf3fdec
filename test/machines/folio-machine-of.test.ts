/** The folio machine with the regions of parts: held to a law of its own, and to the machine without them. */
import { describe, expect, it } from 'vitest';
import { folioMachine } from '../../machines/folio.js';
import {
  deviceEvents,
  directMapEvents,
  folioEvents,
  launchDataEvents,
  poisonEvents,
  suppliedDataEvents,
  tdEvents,
} from '../../machines/folio-event.js';
import { type FolioPartName, folioMachineOf } from '../../machines/folio-machine-of.js';
import { poisonMachine } from '../../machines/poison.js';
import { compileMachine } from '../../src/core/machine/machine-table.js';
import { initialRegions, referenceStep } from '../core/machine/machine-reference.js';
import { folioLaw, moves, refuses } from './folio-law.js';

const names: readonly FolioPartName[] = ['poison', 'directMap', 'launchData', 'suppliedData', 'tdPage', 'devices'];
const eventsOf = {
  poison: poisonEvents,
  directMap: directMapEvents,
  launchData: launchDataEvents,
  suppliedData: suppliedDataEvents,
  tdPage: tdEvents,
  devices: deviceEvents,
};
const MAPS = 'MAP_PRIVATE MAP_SHARED USER_MAP';

/** What each region of a part does, as folio-law.ts says it of the others. */
const partLaw: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  poison: {
    healthy: moves({ poisoned: 'POISON', unmarked: 'ERROR_HANDLED' }),
    poisoned: {
      ...moves({ handled: 'ERROR_HANDLED' }),
      ...refuses('stale-mapping', 'HAND_OUT'),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('assertion', 'REPORT_HANDLED'),
    },
    handled: {
      ...refuses('stale-mapping', `${MAPS} HAND_OUT`),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('assertion', 'REPORT_FAILED'),
    },
    unmarked: {
      ...moves({ handled: 'POISON' }),
      ...refuses('stale-mapping', MAPS),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('assertion', 'REPORT_FAILED'),
    },
  },
  directMap: {
    present: { ...moves({ zapped: 'ZAP_DIRECT_MAP' }), ...refuses('unprepared-map', MAPS) },
    zapped: {
      ...moves({ present: 'RESTORE_DIRECT_MAP' }),
      ...refuses('host-page-fault', 'CLEAR POPULATE DIRECT_MAP_COPY FREE FREE_AS_IS'),
    },
  },
  noDirectMap: {
    clear: moves({ set: 'SET_NO_DIRECT_MAP' }),
    set: moves({ clear: 'CLEAR_NO_DIRECT_MAP FREE FREE_AS_IS' }),
  },
  launchData: {
    absent: moves({ written: 'HOST_WRITE' }),
    written: {
      ...moves({ absent: 'POPULATE GUEST_WRITE FREE FREE_AS_IS LAUNCH_UPDATE' }),
      ...refuses('lost-write', 'CLEAR'),
    },
  },
  suppliedData: {
    absent: moves({ kept: 'SUPPLY' }),
    kept: {
      ...moves({ absent: 'POPULATE GUEST_WRITE HOST_WRITE FREE FREE_AS_IS ASSIGN' }),
      ...refuses('lost-write', 'CLEAR'),
    },
  },
  tdPage: {
    host: moves({ td: 'TD_AUG TD_ADD' }),
    td: {
      ...moves({ host: 'TD_REMOVE' }),
      ...refuses('vm-dead', 'TD_AUG TD_ADD'),
      ...refuses('lost-write', 'CLEAR POPULATE HOST_WRITE'),
      ...refuses('free-while-assigned', 'FREE FREE_AS_IS'),
      ...refuses('attribute-mismatch', 'MAP_SHARED'),
    },
  },
  deviceData: {
    absent: moves({ written: 'DMA_WRITE' }),
    written: {
      ...moves({ absent: 'POPULATE ASSIGN UNASSIGN REMOVE FREE FREE_AS_IS' }),
      ...refuses('lost-write', 'CLEAR'),
    },
  },
  deviceAccess: {
    free: { ...moves({ owned: 'ALLOCATE' }), ...refuses('use-after-free', 'DMA_STALE') },
    owned: { ...moves({ removed: 'REMOVE', free: 'FREE FREE_AS_IS' }), ...refuses('use-after-free', 'DMA_STALE') },
    removed: moves({ free: 'FREE FREE_AS_IS' }),
  },
};

/** What an access of a device does to the contents, and to whom it may not come. */
const byDevice: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  contents: {
    residue: { DMA_WRITE: 'host', ...refuses('leak', 'DMA_READ') },
    zero: { DMA_WRITE: 'host' },
    image: { DMA_WRITE: 'host' },
    guest: { DMA_WRITE: 'host' },
    scrambled: { DMA_WRITE: 'host' },
  },
  guest: { private: refuses('attribute-mismatch', 'DMA_READ DMA_WRITE') },
};

/** What the TDX module makes of the contents when it gives a page to a TD, and when it takes it back. */
const byTdx: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  residue: { TD_AUG: 'zero' },
  zero: {},
  image: { TD_AUG: '*** lost-write ***', TD_REMOVE: 'scrambled' },
  guest: { TD_AUG: 'zero', TD_REMOVE: 'scrambled' },
  host: { TD_AUG: 'zero' },
  scrambled: { TD_AUG: 'zero' },
};

/** What LAUNCH_UPDATE does to the contents. */
const measured: Readonly<Record<string, string>> = {
  residue: '*** leak ***',
  zero: 'image',
  image: '*** populate-overwrite ***',
  guest: 'image',
  host: 'image',
  scrambled: 'image',
};

/** The changes that a machine makes in one region, by its states. */
function changesIn(parts: readonly FolioPartName[], region: string, states: readonly string[]) {
  const machine = folioMachineOf(parts);
  const events = [...folioEvents, ...parts.flatMap((part) => eventsOf[part])];
  const all = states.map((state) => {
    const changes = events.flatMap((event) => {
      const { next, entered } = referenceStep(machine, { ...initialRegions(machine), [region]: state }, event);
      const refusal = entered.find((violation) => violation.state.startsWith(`${region}.`));
      if (refusal !== undefined) return [[event, `*** ${refusal.kind} ***`]];
      return next[region] === state ? [] : [[event, next[region]]];
    });
    return [state, Object.fromEntries(changes)];
  });
  return Object.fromEntries(all);
}

describe('folioMachineOf', () => {
  it('is the folio machine itself without parts, and one machine for each set of parts', () => {
    expect(folioMachineOf([])).toBe(folioMachine);
    expect(folioMachineOf(['poison', 'directMap'])).toBe(folioMachineOf(['directMap', 'poison']));
    expect(folioMachineOf(['poison'])).not.toBe(folioMachineOf(['directMap']));
  });

  it.each(Object.keys(partLaw))('answers every event in region %s as the law says', (region) => {
    expect(changesIn(names, region, Object.keys(partLaw[region]!))).toEqual(partLaw[region]);
  });

  it.each(Object.keys(folioLaw))(
    'leaves region %s as it is, but for what a launch in place, the TDX module and devices do',
    (region) => {
      const expected = Object.entries(folioLaw[region]!).map(([state, changes]) => {
        const more = region === 'contents' ? { LAUNCH_UPDATE: measured[state], ...byTdx[state] } : {};
        return [state, { ...changes, ...more, ...byDevice[region]?.[state] }];
      });
      expect(changesIn(names, region, Object.keys(folioLaw[region]!))).toEqual(Object.fromEntries(expected));
    },
  );

  it.each(names)('has the events, regions and bits of %s alone, if only that is asked for', (name) => {
    const table = compileMachine(folioMachineOf([name]));
    expect(table.events).toEqual([...folioEvents, ...eventsOf[name]].sort());
    const own = {
      poison: ['poison'],
      directMap: ['directMap', 'noDirectMap'],
      launchData: ['launchData'],
      suppliedData: ['suppliedData'],
      tdPage: ['tdPage'],
      devices: ['deviceData', 'deviceAccess'],
    }[name];
    expect(Object.keys(table.decode(table.initial))).toEqual([...Object.keys(initialRegions(folioMachine)), ...own]);
    expect(table.bits).toBe(
      compileMachine(folioMachine).bits +
        { poison: 2, directMap: 2, launchData: 1, suppliedData: 1, tdPage: 1, devices: 3 }[name],
    );
  });

  it('says what follows from every refusal', () => {
    for (const { words } of compileMachine(folioMachineOf(names)).violations) expect(words).toMatch(/^[a-z].*[a-z]$/s);
  });

  it('has the poison as a machine of its own, to be drawn', () => {
    for (const state of Object.keys(partLaw.poison!)) {
      for (const event of [...folioEvents, ...poisonEvents]) {
        const alone = referenceStep(poisonMachine, { poison: state }, event);
        const machine = folioMachineOf(['poison']);
        const within = referenceStep(machine, { ...initialRegions(machine), poison: state }, event);
        expect(alone.next.poison).toBe(within.next.poison);
      }
    }
  });
});
