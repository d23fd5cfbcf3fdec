/**
 * The world in which the traits of a scheme are measured: one gfn, in-place conversion, and actors each of which is alone
 * in it. Tells of every op which routine of the scheme it belongs to and which locks were held. It has no RMP, so that a
 * scheme whose first step breaks something there can still be asked about the rest; the arch hook is a step of its own.
 * Imported by measure-traits.ts.
 */

import type { Cell } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import type { Routine } from '../core/ops/routine.js';
import { call } from '../core/program/program-builder.js';
import { Executor } from '../core/run/executor.js';
import { HeldLocks } from '../core/story/held-locks.js';
import { ModelBuilder } from '../model/model-builder.js';
import { defineArch } from './arch/arch.js';
import { convert } from './calls/convert.js';
import { allocate, punchHole } from './calls/fallocate.js';
import { tdpMmuPageFault } from './calls/page-fault.js';
import { userFault } from './calls/user-mapping.js';
import { createAp, vmrun } from './calls/vmsa.js';
import { PRIVATE } from './cell-values.js';
import { Gmem } from './gmem.js';
import { inFunction } from './in-function.js';
import { type PartName, writtenWorldWith } from './parts.js';
import type { Access, Scenario } from './scenarios/scenario.js';
import { type Gfn, routineNames, type Scheme, type SchemeRoutines } from './scheme.js';
import { declareFreeWork } from './world/free-work.js';
import { World } from './world/world.js';

/** No call of these worlds is that long; a scheme that loops for ever is looked at up to here. */
const MOST_STEPS = 2_000;
/** Refs that a call of a user's scheme may hold here. */
const REGISTERS = 64;

/** What is asked about an op that was executed. */
export type Question = (g: Gmem, op: Op<unknown>) => boolean;

/** Holds of every op. */
export const anything: Question = () => true;

/** An op that was executed. */
interface Seen {
  readonly call: number;
  readonly op: Op<unknown>;
  /** The functions it lies in; those of the scheme, and the hook, by their names with an `@`. */
  readonly functions: readonly string[];
  /** Locks that were held before it, with their modes. */
  readonly held: ReadonlyMap<string, 'read' | 'write'>;
}

/** Some of the ops of a play. */
export class Part {
  constructor(
    readonly g: Gmem,
    readonly seen: readonly (Seen & { readonly place: number })[],
  ) {}

  /** Those in a routine of the scheme, or in an arch hook: `hook` prepares. */
  in(routine: keyof SchemeRoutines | 'hook' | 'reclaim'): Part {
    return new Part(
      this.g,
      this.seen.filter(({ functions }) => functions.includes(`@${routine}`)),
    );
  }

  /** Where in the play the first op that is asked for was executed. */
  find(question: Question): number | undefined {
    return this.seen.find(({ op }) => question(this.g, op))?.place;
  }

  has(question: Question): boolean {
    return this.find(question) !== undefined;
  }

  /** How a lock was held at the first op that is asked for; undefined when it was not, or there is no such op. */
  modeAt(lock: string, question: Question): 'read' | 'write' | undefined {
    return this.seen.find(({ op }) => question(this.g, op))?.held.get(lock);
  }
}

/** What one actor did that made its calls one after the other. */
export class Play {
  constructor(
    readonly g: Gmem,
    readonly seen: readonly Seen[],
    /** References to folios at the end. */
    readonly references: number,
  ) {}

  /** The ops of a call; without a number, of all. */
  of(call?: number): Part {
    const seen = this.seen.map((each, place) => ({ ...each, place }));
    return new Part(
      this.g,
      seen.filter((each) => call === undefined || each.call === call),
    );
  }
}

/** What the actors do, each alone in the world: the attribute of the gfn at first, and the calls. */
const scripts = {
  faults: { attribute: 'private', calls: [privateFault, privateFault, (g, gfn) => punchHole(g, [gfn])] },
  conversion: { attribute: 'private', calls: [privateFault, (g, gfn) => convert(g, 'shared', [gfn])] },
  user: { attribute: 'shared', calls: [userFault, (g, gfn) => convert(g, 'private', [gfn]), privateFault] },
  launch: { attribute: 'private', calls: [(g, gfn) => g.scheme.populate(g, [gfn])] },
  shared: { attribute: 'shared', calls: [(g, gfn) => tdpMmuPageFault(g, gfn, false)] },
  vmsa: { attribute: 'private', calls: [createAp, vmrun, (g, gfn) => punchHole(g, [gfn])] },
  lookup: { attribute: 'private', calls: [lookUp] },
  failure: {
    attribute: 'private',
    calls: [(g, gfn) => allocate(g, [gfn]), (g, gfn) => g.scheme.memoryFailure(g, gfn)],
  },
} satisfies Readonly<Record<string, Script>>;

/** What one actor does. */
interface Script {
  readonly attribute: Access;
  readonly calls: readonly ((g: Gmem, gfn: Gfn) => Routine<unknown>)[];
}

type ScriptName = keyof typeof scripts;
/** What needs a part of a world that the others are measured without. */
const ofParts: readonly ScriptName[] = ['failure'];
/** The actors of a world without more parts than others have. */
export const scriptNames = (Object.keys(scripts) as ScriptName[]).filter((name) => !ofParts.includes(name));

/** A private fault, without the access that it is for. */
function privateFault(g: Gmem, gfn: Gfn): Routine<unknown> {
  return tdpMmuPageFault(g, gfn, true);
}

/** A fault up to the point at which it has its folio. */
function* lookUp(g: Gmem, gfn: Gfn): Routine {
  yield* g.scheme.faultinPfn(g, gfn, true);
  yield* g.scheme.getPfn(g, gfn, true);
}

/** A small world under a scheme; its ops tell the routine of the scheme, and the hook, that they belong to. */
export class TraitWorld {
  readonly #g: Gmem;
  readonly #executor: Executor;
  readonly #names: readonly ScriptName[];
  readonly #plays = new Map<ScriptName, Play>();

  constructor(scheme: Scheme, parts: readonly PartName[] = []) {
    const m = new ModelBuilder(scheme.name, REGISTERS);
    const world = new World(m, scenario, scheme, { parts: writtenWorldWith(['vmsas', ...parts]) });
    this.#g = namedRoutines(new Gmem(world), m.cell('arch hook'));
    this.#names = parts.length === 0 ? scriptNames : ['faults', ...ofParts];
    for (const name of this.#names) {
      const { calls }: Script = scripts[name];
      const bound = calls.map((routine) => call(scheme.name, (gfn: Gfn) => routine(this.#g, gfn), this.#g.gfns.id(0)));
      m.actor(name, bound);
    }
    declareFreeWork(m, this.#g);
    this.#executor = new Executor(m.program());
  }

  /** What an actor does that is alone in the world, up to what breaks or has to wait. */
  play(name: ScriptName): Play {
    const play = this.#plays.get(name) ?? this.#run(name);
    this.#plays.set(name, play);
    return play;
  }

  #run(name: ScriptName): Play {
    const g = this.#g;
    const executor = this.#executor;
    const actor = this.#names.indexOf(name);
    executor.reset();
    const start = executor.state.slice();
    start[g.attributes.region.base] = scripts[name].attribute === 'private' ? PRIVATE : 0;
    executor.load(start);
    const seen = this.#observe(actor);
    for (let step = 0; step < MOST_STEPS && executor.canRun(actor) && executor.violation === undefined; step++) {
      executor.step(actor, 0);
    }
    const { base, count } = g.refcounts.region;
    const references = executor.state.subarray(base, base + count).reduce((sum, each) => sum + each, 0);
    return new Play(g, seen, references);
  }

  /** The ops that are executed from now on. */
  #observe(actor: number): readonly Seen[] {
    const executor = this.#executor;
    const { layout, actors } = executor.program;
    const locks = new HeldLocks(layout, actors.length);
    const words = (): Int32Array => executor.state.slice(0, layout.words);
    const seen: Seen[] = [];
    let before = words();
    executor.observer = (_, node, word, __, result) => {
      const { op, frame } = executor.automaton.info(node);
      if (op === undefined) return;
      const functions: string[] = [];
      for (let each = frame; each !== undefined; each = each.parent) functions.push(each.name);
      const held = new Map(
        locks.of(actor).map(({ name, mode = 'write' }) => [name.replace(/\[.*/, ''), mode] as const),
      );
      seen.push({ call: executor.callsOf(actor), op, functions, held });
      const after = words();
      locks.executed(actor, op.spec, word, { before, after }, result);
      before = after;
    };
    return seen;
  }
}

/** The same world with its scheme's routines, and the hook, as functions with names. The hook takes a step on a cell. */
function namedRoutines(g: Gmem, hook: Cell): Gmem {
  type Any = (...args: unknown[]) => Routine<unknown>;
  const named = routineNames.map((name) => [
    name,
    (...args: unknown[]) => inFunction(`@${name}`, g.version, () => (g.scheme[name] as Any)(...args)),
  ]);
  const scheme: Scheme = { ...g.scheme, ...Object.fromEntries(named) };
  const prepare = () =>
    inFunction('@hook', g.version, function* () {
      yield* hook.write(1);
      return 0;
    });
  const reclaim = () =>
    inFunction('@reclaim', g.version, function* () {
      yield* hook.write(0);
    });
  return g.with({ scheme, arch: defineArch(g.arch, { prepare, reclaim }) });
}

const scenario: Scenario = {
  name: 'traits',
  title: 'a world in which traits are measured',
  arch: 'none',
  gfns: 1,
  frames: 3,
  attribute: 'private',
  attributes: ['private'],
  conversion: 'in-place',
  gate: false,
  hookFails: false,
  allocationFails: false,
  actors: [],
};
