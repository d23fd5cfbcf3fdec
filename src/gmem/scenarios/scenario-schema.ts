/**
 * The shape of a scenario file: which keys and calls there are, what each may hold, the sentence for what it may not.
 *
 * Only what one value alone can get wrong; how values must fit together is in `scenario-rules.ts`. Imported by
 * `parseScenario` and the rules.
 */

import { createRequire } from 'node:module';
import type { z as Zod } from 'zod';
import { notAllowed, shown, unknownName, wholeFrom } from '../../core/input-sentence.js';
import type { CallKind } from '../calls/call-kind.js';
import type { WrittenCall } from '../calls/call-spec.js';
import { type CallName, callArguments, callKindOf, callKinds, callNames } from '../calls/registry.js';
import {
  type Access,
  type ArchName,
  accesses,
  arches,
  type Conversion,
  conversions,
  LARGEST_ORDER,
  type ScenarioFile,
  type Slot,
  scenarioBounds,
} from './scenario.js';

/** An actor as the file writes it: with `count` n it stands for n actors, name0 to name(n-1). */
export interface WrittenActor {
  readonly name: string;
  readonly count?: number | undefined;
  readonly file?: number | undefined;
  readonly calls: readonly WrittenCall[];
}

/** A scenario file whose every value is allowed on its own. */
export interface WrittenScenario {
  readonly name?: string | undefined;
  readonly title: string;
  readonly arch?: ArchName | undefined;
  readonly gfns: number;
  readonly frames?: number | undefined;
  readonly maxOrder?: number | undefined;
  readonly slots?: readonly Slot[] | undefined;
  readonly files?: readonly ScenarioFile[] | undefined;
  readonly attribute?: Access | undefined;
  readonly attributes?: Readonly<Record<string, Access>> | undefined;
  readonly conversion?: Conversion | undefined;
  readonly gate?: boolean | undefined;
  readonly hookFails?: boolean | undefined;
  readonly allocationFails?: boolean | undefined;
  readonly lruBatch?: boolean | undefined;
  readonly unassignFails?: boolean | undefined;
  readonly launchFails?: boolean | undefined;
  readonly noDirectMap?: boolean | undefined;
  readonly psmashFails?: boolean | undefined;
  readonly septSplitFails?: boolean | undefined;
  readonly septRemoveFails?: boolean | undefined;
  readonly septBusy?: boolean | undefined;
  readonly iopteSplitFails?: boolean | undefined;
  readonly dynamicPamt?: boolean | undefined;
  readonly pamtRemoveFails?: boolean | undefined;
  readonly hugetlbPool?: boolean | undefined;
  readonly rmpoptFrames?: number | undefined;
  readonly slowEvict?: boolean | undefined;
  readonly actors: readonly WrittenActor[];
}

/** The package, loaded where there is a scenario to read: whoever imports the library does not wait for it. */
let z: typeof Zod;
let schema: Zod.ZodType<WrittenScenario> | undefined;

/** The zod schema of a scenario file. Every issue carries a whole sentence, without the position. */
export function scenarioSchema(): Zod.ZodType<WrittenScenario> {
  ({ z } = createRequire(import.meta.url)('zod') as typeof import('zod'));
  schema ??= scenarioOf(actorOf(callOf(argumentsOf(callKinds))));
  return schema;
}

/** What a call may be written with, by its name. */
type CallArguments = Readonly<Record<string, Zod.ZodType<Omit<WrittenCall, 'call'>>>>;

function argumentsOf(kinds: readonly CallKind[]): CallArguments {
  const gfn = whole('gfn', 0, scenarioBounds.gfns - 1);
  const count = whole('count', 1, scenarioBounds.gfns).optional();
  return Object.fromEntries(
    kinds.map(({ name, pages, takes }) => {
      const values = Object.entries(takes).map(([what, { oneOf: names, otherwise }]) => {
        const value = oneOf(what, names);
        return [what, otherwise === undefined ? value : value.optional()];
      });
      const named = { ...(pages === 'none' ? {} : { gfn }), ...(pages === 'range' ? { count } : {}) };
      const shape = { ...named, ...Object.fromEntries(values) };
      const isBare = Object.keys(shape).length === 0;
      const error = `"${name}" names no page; write "- ${name}"`;
      return [name, z.strictObject(shape, isBare ? { error } : strictly('argument', Object.keys(shape)))];
    }),
  ) as unknown as CallArguments;
}

function callOf(argumentsByCall: CallArguments) {
  return z.unknown().transform((written, context): WrittenCall => {
    const refuse = (message: string, key?: string) => {
      context.addIssue({ code: 'custom', message, input: written, params: { key } });
      return z.NEVER;
    };
    const form = 'a mapping of one call to its gfn, such as "read: 0"';
    if (namesNothing(written)) return { call: written };
    if (!isMapping(written)) return refuse(notAllowed('call', written, form));
    const names = Object.keys(written);
    const unknown = names.find((name) => !callNames.includes(name as CallName));
    if (unknown !== undefined)
      return refuse(misplaced(unknown, written) ?? unknownName('call', unknown, callNames), unknown);
    if (names.length !== 1) return refuse(`${names.length} calls in one item (${names.join(', ')}); allowed: ${form}`);
    const name = names[0] as CallName;
    const value = written[name];
    const isBare = value === null && namesNothing(name);
    const parsed = argumentsByCall[name].safeParse(
      isMapping(value) ? value : isBare ? {} : { gfn: value ?? undefined },
    );
    if (parsed.success) return { call: name, ...parsed.data };
    for (const issue of parsed.error.issues) {
      context.addIssue({
        code: 'custom',
        message: issue.message,
        input: issue.input,
        path: [name, ...issue.path],
        params: { key: keyOfIssue(issue) },
      });
    }
    return z.NEVER;
  });
}

/** Whether it is the name of a call that needs nothing beside it. */
function namesNothing(written: unknown): written is CallName {
  if (!callNames.includes(written as CallName)) return false;
  const { pages, takes } = callKindOf(written as CallName);
  return pages === 'none' && Object.values(takes).every(({ otherwise }) => otherwise !== undefined);
}

/** `"as" is no call but an argument; write "read: {gfn: 0, as: private}"`; undefined when there is no call beside it. */
function misplaced(key: string, written: Readonly<Record<string, unknown>>): string | undefined {
  const call = Object.keys(written).find((name) => callNames.includes(name as CallName));
  if (call === undefined || !['gfn', 'count', ...Object.keys(callArguments)].includes(key)) return undefined;
  const gfn = isMapping(written[call]) ? written[call].gfn : written[call];
  return `${shown(key)} is no call but an argument of one; write "${call}: {gfn: ${gfn}, ${key}: ${written[key]}}"`;
}

const actorKeys = ['name', 'count', 'file', 'calls'];
function actorOf(call: ReturnType<typeof callOf>): Zod.ZodType<WrittenActor> {
  return z.strictObject(
    {
      name: text('name', /^[A-Za-z][\w-]{0,31}$/, 'a letter, then up to 31 letters, digits, "-" and "_"'),
      count: whole('count', 1, scenarioBounds.actors).optional(),
      file: whole('file', 0, scenarioBounds.files - 1).optional(),
      calls: listOf('calls', call, 'a list of one call or more'),
    },
    strictly('key', actorKeys),
  );
}

const scenarioKeys = [
  'name',
  'title',
  'arch',
  'gfns',
  'frames',
  'maxOrder',
  'slots',
  'files',
  'attribute',
  'attributes',
  'conversion',
  'gate',
  'hookFails',
  'allocationFails',
  'lruBatch',
  'unassignFails',
  'launchFails',
  'noDirectMap',
  'psmashFails',
  'septSplitFails',
  'septRemoveFails',
  'septBusy',
  'iopteSplitFails',
  'dynamicPamt',
  'pamtRemoveFails',
  'hugetlbPool',
  'rmpoptFrames',
  'slowEvict',
  'actors',
];

function scenarioOf(actor: Zod.ZodType<WrittenActor>): Zod.ZodType<WrittenScenario> {
  return z.strictObject(
    {
      name: text('name', /^[\w.-]{1,80}$/, 'up to 80 letters, digits, ".", "-" and "_"').optional(),
      title: text('title', /^\S(.{0,118}\S)?$/, 'one line of up to 120 characters'),
      arch: oneOf('arch', arches).optional(),
      gfns: whole('gfns', 1, scenarioBounds.gfns),
      frames: whole('frames', 1, scenarioBounds.frames).optional(),
      maxOrder: whole('maxOrder', 0, LARGEST_ORDER).optional(),
      slots: listOf('slots', slotShape(), 'a list of one memslot or more').optional(),
      files: listOf('files', fileShape(), 'a list of one file or more').optional(),
      attribute: oneOf('attribute', accesses).optional(),
      attributes: z
        .record(z.string(), oneOf('attribute', accesses), {
          error: (issue) => notAllowed('attributes', issue.input, 'a mapping of gfn to private or shared'),
        })
        .optional(),
      conversion: oneOf('conversion', conversions).optional(),
      gate: truth('gate').optional(),
      hookFails: truth('hookFails').optional(),
      allocationFails: truth('allocationFails').optional(),
      lruBatch: truth('lruBatch').optional(),
      unassignFails: truth('unassignFails').optional(),
      launchFails: truth('launchFails').optional(),
      noDirectMap: truth('noDirectMap').optional(),
      psmashFails: truth('psmashFails').optional(),
      septSplitFails: truth('septSplitFails').optional(),
      septRemoveFails: truth('septRemoveFails').optional(),
      septBusy: truth('septBusy').optional(),
      iopteSplitFails: truth('iopteSplitFails').optional(),
      dynamicPamt: truth('dynamicPamt').optional(),
      pamtRemoveFails: truth('pamtRemoveFails').optional(),
      hugetlbPool: truth('hugetlbPool').optional(),
      rmpoptFrames: whole('rmpoptFrames', 1, scenarioBounds.frames).optional(),
      slowEvict: truth('slowEvict').optional(),
      actors: listOf('actors', actor, `a list of 1 to ${scenarioBounds.actors} actors`),
    },
    strictly('key', scenarioKeys),
  );
}

const slotKeys = ['gfn', 'pages', 'index'];
function slotShape(): Zod.ZodType<Slot> {
  return z.strictObject(
    {
      gfn: whole('gfn', 0, scenarioBounds.gfns - 1),
      pages: whole('pages', 1, scenarioBounds.gfns),
      index: whole('index', 0, scenarioBounds.gfns - 1),
    },
    strictly('key', slotKeys),
  );
}

function fileShape(): Zod.ZodType<ScenarioFile> {
  const number = (what: string) => whole(what, 0, scenarioBounds.files - 1);
  return z.strictObject({ vm: number('vm'), inode: number('inode') }, strictly('key', ['vm', 'inode']));
}

/** Returns the key at which an issue stands, when it is about a key of the mapping at its path and not the value. */
export function keyOfIssue(issue: Zod.core.$ZodIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return issue.keys[0];
  return issue.code === 'custom' ? (issue.params?.key as string | undefined) : undefined;
}

function whole(what: string, least: number, most: number) {
  const inRange = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  return z.custom<number>(inRange, { error: (issue) => notAllowed(what, issue.input, wholeFrom(least, most)) });
}

function text(what: string, pattern: RegExp, allowed: string) {
  const error = (issue: { readonly input?: unknown }) => notAllowed(what, issue.input, allowed);
  return z.string({ error }).regex(pattern, { error });
}

function oneOf<const Name extends string>(what: string, names: readonly Name[]) {
  return z.enum(names, {
    error: ({ input }) =>
      typeof input === 'string' ? unknownName(what, input, names) : notAllowed(what, input, names.join(', ')),
  });
}

function truth(what: string) {
  return z.boolean({ error: (issue) => notAllowed(what, issue.input, 'true, false') });
}

function listOf<Item extends Zod.ZodType>(what: string, item: Item, allowed: string) {
  const error = (issue: { readonly input?: unknown }) => notAllowed(what, issue.input, allowed);
  const emptyError = `${what} is an empty list; allowed: ${allowed}`;
  return z.array(item, { error }).min(1, { error: emptyError });
}

function strictly(what: string, keys: readonly string[]) {
  return {
    error: (issue: Zod.core.$ZodRawIssue) =>
      issue.code === 'unrecognized_keys'
        ? unknownName(what, issue.keys[0] ?? '', keys)
        : `expected a mapping with ${keys.join(', ')}, not ${shown(issue.input)}`,
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
