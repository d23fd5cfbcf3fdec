/**
 * Live findings: a violation seen under true parallelism, and all that is known of how it came about. A live run cannot
 * be replayed; the finding holds what a search for a reproducer needs. Made by the session; read by campaigns and reports.
 */

import type { FindingKind } from '../core/finding-kind.js';
import type { Program } from '../core/program/program.js';
import { heldText } from '../core/story/operand-text.js';
import { finalSignature, initialSignature, type Signature, signatureOfWaits } from '../core/story/signature.js';
import { type AuditViolation, masksOf } from './audit.js';
import type { ActorPlace, ActorState, ActorStory, FoundViolation, ToldCall, ToldOp } from './messages.js';
import type { LockWaiter } from './waits-for.js';

/** When something happened in a live run. */
export interface LiveMoment {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Since the run began. */
  readonly seconds: number;
  /** Calls that all actors had completed by then, and those of them that took more than the straight way. */
  readonly calls: number;
  readonly faults: number;
}

/** One op of the past. */
export interface LiveHistoryStep {
  readonly actor: number;
  readonly actorName: string;
  readonly function: string;
  readonly op: string;
  /** What the word held then: a machine's state in words, a ref as what it refers to, else the number. */
  readonly value: string;
  /** Machines: the number of events that had changed the object by then (it wraps). */
  readonly version: number | undefined;
  /** Coarse clock: a slice with a smaller number began earlier. */
  readonly order: number;
}

/** What an actor was doing, and its last calls. */
export interface LiveActorStory {
  readonly actor: number;
  readonly actorName: string;
  /** The op it was at; undefined when it had made all its calls. */
  readonly at: ActorPlace | undefined;
  /** The call it was in. */
  readonly inFlight: ToldCall | undefined;
  /** The calls it completed last, oldest first. */
  readonly completed: readonly ToldCall[];
  /** The locks it held when everybody had come to rest. */
  readonly held: readonly LiveHeldLock[];
}

/** A lock and how it is held. */
export interface LiveHeldLock {
  readonly lock: string;
  readonly mode: 'read' | 'write';
}

/** A lock that somebody waits for in a deadlock. */
export interface LiveLockWait {
  readonly actor: number;
  readonly actorName: string;
  readonly lock: string;
  readonly mode: 'read' | 'write';
  /** Who is in the way. */
  readonly blockers: readonly { readonly actor: number; readonly actorName: string; readonly mode: 'read' | 'write' }[];
}

/** A violation of a live run. */
export interface LiveFinding extends LiveMoment {
  readonly kind: FindingKind;
  /** The rest of the sentence "When this happens, ...". */
  readonly words: string;
  /** The check, lock or machine state that says so. */
  readonly rule: string;
  readonly signature: Signature;
  /** Whose op was refused; undefined for checks at rest and deadlocks. */
  readonly actor: number | undefined;
  /** The call it was refused in. */
  readonly call: ToldCall | undefined;
  readonly function: string;
  readonly op: string;
  /** Name of the cell, or of the array of cells; '' for a deadlock. */
  readonly cell: string;
  /** The words it is about: that of the op, or those of the check. */
  readonly wordsAbout: readonly { readonly word: number; readonly name: string }[];
  /** What was done to the first of them lately, in its order: for an object by version. */
  readonly history: readonly LiveHistoryStep[];
  readonly actors: readonly LiveActorStory[];
  /** The ring of a deadlock; else empty. */
  readonly waits: readonly LiveLockWait[];
}

/** Steps of a history that are kept. */
const KEPT = 100;

/** What there is to say of a violation besides what broke. */
export interface Circumstances {
  readonly moment: LiveMoment;
  readonly stories: readonly ActorStory[];
  /** By actor: the locks it holds. */
  readonly held: (actor: number) => readonly LiveHeldLock[];
}

/** The finding of an op that was refused. */
export function opFinding(program: Program, found: FoundViolation, circumstances: Circumstances): LiveFinding {
  const { kind, words, rule, signature, actor, word, place } = found;
  const story = circumstances.stories.find((each) => each.actor === actor);
  return {
    ...{ kind, words, rule, signature, actor, function: place.function, op: place.op },
    call: story?.calls.at(-1),
    cell: signature.cell,
    ...about(program, word < 0 ? [] : [word], circumstances),
    waits: [],
  };
}

/** The finding of a check that was asked while all were at rest; `initially`: before the first step. */
export function auditFinding(
  program: Program,
  broken: AuditViolation,
  circumstances: Circumstances,
  initially = false,
): LiveFinding {
  const { kind, words, rule, checked } = broken;
  const checks = [...program.always, ...program.finally];
  const signature = initially ? initialSignature(program, broken) : finalSignature(program, broken, checks);
  return {
    ...{ kind, words, rule, signature, actor: undefined, call: undefined },
    ...{ function: '', op: rule, cell: signature.cell },
    ...about(program, checked, circumstances),
    waits: [],
  };
}

/** The finding of a deadlock: of the actors in the ring or, without one, of all that should go on. */
export function deadlockFinding(
  program: Program,
  stuck: readonly ActorState[],
  ring: readonly LiveLockWait[],
  circumstances: Circumstances,
): LiveFinding {
  const places = stuck.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const waits =
    ring.length > 0 ? ring.map(({ actorName, lock }) => `${actorName} waits for ${lock}`) : stuckWords(program, stuck);
  const kind = 'deadlock';
  const signature = signatureOfWaits(places.map((place) => ({ function: place.function, op: place.opClass })));
  return {
    ...{ kind, words: `${waits.join(', ')}: nobody can go on`, rule: 'every actor finishes' },
    ...{ signature, actor: undefined, call: undefined },
    ...{ function: signature.function, op: signature.op, cell: '' },
    ...about(program, [], circumstances),
    waits: ring,
  };
}

/** A ring of waiters with names. */
export function namedRing(
  program: Program,
  ring: readonly LockWaiter[],
  lockName: (lock: number) => string,
): readonly LiveLockWait[] {
  return ring.map(({ actor, mode, lock, blockers }) => ({
    ...{ actor, actorName: program.actors[actor].name, lock: lockName(lock), mode },
    blockers: blockers.map((each) => ({ ...each, actorName: program.actors[each.actor].name })),
  }));
}

function stuckWords({ actors }: Program, stuck: readonly ActorState[]): string[] {
  return stuck.map(({ actor, state, at }) => {
    const { name } = actors[actor];
    return state === 'calls' ? `${name} waits for calls of others` : `${name} is stuck at "${at?.op ?? ''}"`;
  });
}

function about(
  program: Program,
  words: readonly number[],
  { moment, stories, held }: Circumstances,
): Pick<LiveFinding, 'wordsAbout' | 'history' | 'actors'> & LiveMoment {
  return {
    ...moment,
    wordsAbout: words.map((word) => ({ word, name: program.layout.nameOf(word) })),
    history: words.length === 0 ? [] : historyOf(program, words[0], stories),
    actors: stories.map(({ actor, place, calls }) => {
      const last = calls.at(-1);
      const inFlight = last?.result === undefined ? last : undefined;
      const completed = calls.filter((each) => each !== inFlight);
      const actorName = program.actors[actor].name;
      return { actor, actorName, at: place, inFlight, completed, held: held(actor) };
    }),
  };
}

function historyOf(program: Program, word: number, stories: readonly ActorStory[]): readonly LiveHistoryStep[] {
  const steps = stories.flatMap(({ actor, ops }) => ops.map((op) => ({ actor, op })));
  const bits = 32 - Math.log2((masksOf(program).get(word) ?? 0) + 1);
  const newest = newestOf(
    steps.map(({ op }) => op.version ?? 0),
    2 ** bits,
  );
  // Versions wrap, so what counts is how far each lies behind the newest. Sorting is stable: an actor's ops stay in order.
  const age = ({ version }: ToldOp): number => (version === undefined ? 0 : (newest - version + 2 ** bits) % 2 ** bits);
  steps.sort((left, right) => age(right.op) - age(left.op) || left.op.order - right.op.order);
  return steps.slice(-KEPT).map(({ actor, op }) => ({
    ...{ actor, actorName: program.actors[actor].name, function: op.function, op: op.op },
    ...{ value: valueText(program, word, op.value), version: op.version, order: op.order },
  }));
}

/** The newest of versions that wrap at `range` and lie close together: the one before the widest gap. */
function newestOf(versions: readonly number[], range: number): number {
  const sorted = [...new Set(versions)].sort((left, right) => left - right);
  const gapBehind = (place: number): number =>
    place + 1 < sorted.length ? sorted[place + 1] - sorted[place] : sorted[0] + range - sorted[place];
  return sorted.reduce(
    (best, version, place) => (gapBehind(place) > gapBehind(sorted.indexOf(best)) ? version : best),
    sorted[0] ?? 0,
  );
}

function valueText({ layout, machines, objects }: Program, word: number, value: number): string {
  const region = layout.regionOf(word);
  const array = objects.find((each) => each.region.base === region?.base);
  return array === undefined ? heldText(region, value) : machines[array.machine].describe(value);
}
