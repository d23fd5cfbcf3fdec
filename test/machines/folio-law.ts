/**
 * The law of the folio, written a second time and apart from the machine: region, state, event, and what follows.
 *
 * Events that are not listed change nothing. `*** kind ***` is a refusal.
 */
export const folioLaw: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  contents: {
    residue: {
      ...moves({ zero: 'CLEAR', image: 'POPULATE', guest: 'GUEST_WRITE', host: 'HOST_WRITE' }),
      ...refuses('leak', 'GUEST_READ HOST_READ MAP_PRIVATE MAP_SHARED USER_MAP VMSA_USE'),
    },
    zero: moves({ image: 'POPULATE', guest: 'GUEST_WRITE', host: 'HOST_WRITE', residue: 'FREE FREE_AS_IS' }),
    image: {
      ...moves({ guest: 'GUEST_WRITE', host: 'HOST_WRITE', scrambled: 'UNASSIGN', residue: 'FREE FREE_AS_IS' }),
      ...refuses('lost-write', 'CLEAR'),
      ...refuses('populate-overwrite', 'POPULATE'),
    },
    guest: {
      ...moves({ host: 'HOST_WRITE', scrambled: 'ASSIGN UNASSIGN', residue: 'FREE FREE_AS_IS' }),
      ...refuses('lost-write', 'CLEAR POPULATE'),
    },
    host: moves({
      zero: 'CLEAR',
      image: 'POPULATE',
      guest: 'GUEST_WRITE',
      scrambled: 'ASSIGN',
      residue: 'FREE FREE_AS_IS',
    }),
    scrambled: moves({
      zero: 'CLEAR',
      image: 'POPULATE',
      guest: 'GUEST_WRITE',
      host: 'HOST_WRITE',
      residue: 'FREE FREE_AS_IS',
    }),
  },
  uptodate: { clear: moves({ set: 'MARK_UPTODATE' }), set: moves({ clear: 'FREE FREE_AS_IS' }) },
  presence: {
    free: {
      ...moves({ allocated: 'ALLOCATE' }),
      ...refuses('use-after-free', 'INSERT REMOVE FREE FREE_AS_IS CLEAR MARK_UPTODATE POPULATE'),
      ...refuses('use-after-free', 'GUEST_READ GUEST_WRITE HOST_READ HOST_WRITE'),
      ...refuses('use-after-free', 'MAP_PRIVATE MAP_SHARED USER_MAP PIN ASSIGN VMSA_USE'),
    },
    allocated: {
      ...moves({ cached: 'INSERT', free: 'FREE FREE_AS_IS' }),
      ...refuses('stale-mapping', 'MAP_PRIVATE MAP_SHARED USER_MAP VMSA_USE'),
      ...refuses('use-after-free', 'REMOVE ALLOCATE'),
    },
    cached: { ...moves({ removed: 'REMOVE' }), ...refuses('use-after-free', 'FREE FREE_AS_IS ALLOCATE INSERT') },
    removed: {
      ...moves({ free: 'FREE FREE_AS_IS' }),
      ...refuses('stale-mapping', 'MAP_PRIVATE MAP_SHARED USER_MAP VMSA_USE'),
      ...refuses('use-after-free', 'INSERT ALLOCATE REMOVE'),
    },
  },
  mapping: {
    unmapped: moves({ mapped: 'USER_MAP' }),
    mapped: {
      ...moves({ unmapped: 'USER_UNMAP' }),
      ...refuses('stale-mapping', 'REMOVE'),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('attribute-mismatch', 'ASSIGN MAP_PRIVATE'),
    },
  },
  pins: {
    none: { ...moves({ one: 'PIN' }), ...refuses('assertion', 'UNPIN') },
    one: {
      ...moves({ two: 'PIN', none: 'UNPIN' }),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('attribute-mismatch', 'ASSIGN MAP_PRIVATE'),
    },
    two: {
      ...moves({ one: 'UNPIN' }),
      ...refuses('assertion', 'PIN'),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('attribute-mismatch', 'ASSIGN MAP_PRIVATE'),
    },
  },
  guest: {
    unmapped: {
      ...moves({ private: 'MAP_PRIVATE', shared: 'MAP_SHARED' }),
      ...refuses('stale-mapping', 'GUEST_READ GUEST_WRITE'),
    },
    private: {
      ...moves({ unmapped: 'UNMAP' }),
      ...refuses('stale-mapping', 'REMOVE'),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('unprepared-map', 'UNASSIGN'),
      ...refuses('attribute-mismatch', 'MAP_SHARED'),
    },
    shared: {
      ...moves({ unmapped: 'UNMAP' }),
      ...refuses('stale-mapping', 'REMOVE'),
      ...refuses('use-after-free', 'FREE FREE_AS_IS'),
      ...refuses('attribute-mismatch', 'ASSIGN MAP_PRIVATE'),
    },
  },
  rmp: {
    unassigned: {
      ...moves({ assigned: 'ASSIGN', absent: 'RMP_ABSENT' }),
      ...refuses('unprepared-map', 'MAP_PRIVATE'),
    },
    assigned: {
      ...moves({ unassigned: 'UNASSIGN' }),
      ...refuses('double-prepare', 'ASSIGN'),
      ...refuses('host-rmp-fault', 'CLEAR POPULATE HOST_WRITE'),
      ...refuses('free-while-assigned', 'FREE'),
      ...refuses('attribute-mismatch', 'MAP_SHARED'),
    },
    absent: {},
  },
};

/** Next state by event, from events by next state. */
export function moves(eventsByTarget: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(eventsByTarget).flatMap(([target, events]) =>
    events.split(' ').map((event) => [event, target]),
  );
  return Object.fromEntries(pairs);
}

/** A refusal of `kind` for each event. */
export function refuses(kind: string, events: string): Record<string, string> {
  return moves({ [`*** ${kind} ***`]: events });
}
