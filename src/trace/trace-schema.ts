/**
 * Trace schema: `faultline.trace/1`, one run as one JSON document. The page and all exports are written from it, and from
 * nothing else. Browser-safe: it imports zod alone, and nothing of ours.
 */

import { z } from 'zod';

const count = z.int().nonnegative();
/** A position in `actors`. */
const actor = count;
/** A position in `cells`. */
const cellAt = count;
/** A position in `steps`. */
const stepAt = count;

/**
 * What a cell holds, as a person reads it. Of an object: the state of each region, in the order of its machine's `regions`.
 * Of a lock: who holds it and who waits in its queue, by role (`holder`, `reader`, `writer`, `queued writer`). Of a token:
 * who has taken it, under `unchanged since` or `changed since`.
 */
const value = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.array(actor))]);

/** One visit of a function: `visit` differs between two visits by one actor. */
const frame = z.strictObject({ name: z.string(), version: z.string().optional(), visit: count });

/** What an op did to one cell: `after` is left out where the cell holds what it held before. */
const access = z.strictObject({
  cell: cellAt,
  writes: z.literal(true).optional(),
  before: value.optional(),
  after: value.optional(),
});

const op = z.strictObject({
  text: z.string(),
  result: z.string().optional(),
  frames: z.array(frame).optional(),
  accesses: z.array(access),
  /** The identities that it is about: `folio 1`, `gfn 0`. */
  about: z.array(z.string()).optional(),
  lock: z.strictObject({ cell: cellAt, action: z.string() }).optional(),
  /** Where it stands in a file of the user's, seen from the folder that the program was called in where it lies below that. */
  at: z.strictObject({ file: z.string(), line: z.int().positive() }).optional(),
});

const held = z.strictObject({ lock: z.string(), cell: cellAt.optional(), mode: z.enum(['read', 'write']).optional() });

const wait = z.strictObject({
  actor,
  /** The op that cannot be made. */
  text: z.string(),
  /** The lock that it waits for, by its name. */
  lock: z.string().optional(),
  cell: cellAt.optional(),
  /** Who is in the way, and as what; empty where it waits for a value that nobody holds. */
  for: z.array(z.strictObject({ actor, as: z.string() })),
  /** What it sees of the cells that it waits for: `flag is 0`. */
  sees: z.array(z.string()).optional(),
});

const violation = z.strictObject({
  /** A kind of finding, or `refused`: an event of a recording that the model cannot explain. */
  kind: z.string(),
  /** Completes "When this happens, ...". */
  words: z.string(),
  /** The check, or the region and state of the machine, that refuses it: `rmp.hostRmpFault`. */
  rule: z.string(),
});

const step = z.strictObject({
  actor,
  /** A position in the actor's `calls`; left out where the recording does not say. */
  call: count.optional(),
  text: z.string(),
  result: z.string().optional(),
  /** Outermost first; empty where the model names no function. */
  frames: z.array(frame),
  /** It is an atomic section of several ops. */
  section: z.literal(true).optional(),
  /** In their order; of a step that is no section the one op. Left out where the recording does not say. */
  ops: z.array(op).optional(),
  /** What the environment decided in it, where it did: one of so many outcomes. */
  choice: z.strictObject({ outcome: count, of: count }).optional(),
  /** It went back to the head of a retry loop. */
  again: z.literal(true).optional(),
  /** What the call did in it that nobody can undo. */
  effect: z.string().optional(),
  /** What the functions returned that it left, innermost first; `depth`: how many functions are around each. */
  left: z.array(z.strictObject({ depth: count, returned: z.string() })).optional(),
  endsCall: z.literal(true).optional(),
  /** The locks that the actor holds after it, in the order in which it took them. */
  held: z.array(held).optional(),
  /** Who can go on after it. */
  runnable: z.array(actor).optional(),
  /** Who cannot, and what for. */
  waits: z.array(wait).optional(),
  violation: violation.optional(),
  /** Of a recording: the line, from 1, and the time in the units of its clock. */
  line: count.optional(),
  time: z.number().optional(),
});

/** The zod schema of a trace document. Positions count from 0. What does not apply is left out. */
export const traceSchema = z.strictObject({
  schema: z.literal('faultline.trace/1'),
  /** `BUG: faultline: leak in kvm_gmem_get_pfn / kvm_gmem_punch_hole`. */
  title: z.string(),
  source: z.strictObject({
    /** Who chose the order: an engine that owns it, threads on real processors, or a kernel that was recorded. */
    engine: z.enum(['controlled', 'live', 'recorded']),
    /** Name of the model. */
    model: z.string().optional(),
    scenario: z.string().optional(),
    scheme: z.string().optional(),
    arch: z.string().optional(),
    /** Of the finding. */
    id: z.string().optional(),
    signature: z.string().optional(),
    token: z.string().optional(),
    /** The command that replays it. */
    replay: z.string().optional(),
    /** Whether nothing can be left out of the schedule. */
    minimal: z.boolean().optional(),
  }),
  /**
   * `total`: the steps are in the order in which they happened. `by actor`: only the order of each actor's own steps is
   * certain.
   */
  order: z.enum(['total', 'by actor']),
  violation: violation.optional(),
  /** It does not hold in the initial state, before any step. */
  initially: z.literal(true).optional(),
  actors: z.array(
    z.strictObject({
      name: z.string(),
      calls: z.array(z.string()),
      /** It may wait for ever. */
      daemon: z.literal(true).optional(),
      /** The end of the run does not depend on its steps. */
      bystander: z.literal(true).optional(),
    }),
  ),
  machines: z.array(z.strictObject({ name: z.string(), regions: z.array(z.string()) })),
  /** The cells that the run touches, waits for or breaks, in the order of the layout. */
  cells: z.array(
    z.strictObject({
      /** `i_pages[3]`. */
      name: z.string(),
      /** Name of the array that it is of: `i_pages`. */
      class: z.string(),
      kind: z.enum(['cell', 'ghost', 'object', 'lock', 'token']),
      /** Of an object: a position in `machines`. */
      machine: count.optional(),
      initial: value.optional(),
    }),
  ),
  /** Before the first step: who can go on, and who cannot. */
  start: z.strictObject({ runnable: z.array(actor), waits: z.array(wait) }).optional(),
  steps: z.array(step),
  /** Pairs of steps of two actors that touch the same cells, where one of them writes; the nearest pairs of each cell. */
  conflicts: z.array(z.strictObject({ from: stepAt, to: stepAt, cells: z.array(cellAt) })),
  /** The step to blame, and whom it conflicts with. */
  blame: z
    .strictObject({
      step: stepAt,
      /** The violation shows in that step, and not when the run has finished. */
      shows: z.boolean(),
      function: z.string(),
      against: z.string().optional(),
      /** The latest step of another actor that made a difference to it. */
      cause: stepAt.optional(),
    })
    .optional(),
  /** Nobody, or some of those who should finish, can go on. */
  deadlock: z
    .strictObject({ waits: z.array(wait), ring: z.array(actor), core: z.array(actor), othersRun: z.boolean() })
    .optional(),
  /** Livelock and starvation: the step from which it goes round. */
  loopFrom: stepAt.optional(),
  /** Why the schedule could not be followed to its end. */
  cutShort: z.string().optional(),
  /** Sentences that belong to the run. */
  notes: z.array(z.string()).optional(),
  /** The run in columns, as the terminal prints it. */
  columns: z.string(),
});

/** A run as a document, `faultline.trace/1`. */
export type TraceDocument = z.infer<typeof traceSchema>;

/** One step of a trace document. */
export type DocumentStep = TraceDocument['steps'][number];

/** What a cell of a trace document holds. */
export type DocumentValue = z.infer<typeof value>;

/** Who waits for what, in a trace document. */
export type DocumentWait = z.infer<typeof wait>;
