import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Argument, CallKind } from '../../../src/gmem/calls/call-kind.js';
import { callOnto, gfnsOfCall, valuesOfCall } from '../../../src/gmem/calls/call-spec.js';
import { type CallSpec, callKinds, callNames, callsBy } from '../../../src/gmem/calls/registry.js';
import { gmem } from '../../../src/gmem/model.js';
import { RECORDED_WORLD, WRITTEN_WORLD, writtenWorldWith } from '../../../src/gmem/parts.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import { actorKinds, type Scenario } from '../../../src/gmem/scenarios/scenario.js';
import { compileModel } from '../../../src/model/model.js';
import { subjectRecordSchema } from '../../../src/subject/subject-record-schema.js';
import { play } from '../stage.js';

const kinds: readonly CallKind[] = callKinds;

/** What a call of a kind may name least. */
const leastOf = ({ pages }: CallKind): object => (pages === 'none' ? {} : { gfn: 0 });

/** Every call in every way to make it: each with its least, with each value of what it takes, and of two pages if it may be. */
function written(kind: CallKind): object[] {
  const { name, pages, takes } = kind;
  const least = leastOf(kind);
  const values = Object.entries(takes).reduce<object[]>(
    (made, [what, { oneOf }]) => made.flatMap((each) => oneOf.map((value) => ({ ...each, [what]: value }))),
    [{}],
  );
  const counts = pages === 'range' ? [{}, { count: 2 }] : [{}];
  return values.flatMap((each) => counts.map((count) => ({ [name]: { ...least, ...count, ...each } })));
}

const ways = kinds.flatMap((kind) => written(kind).map((call) => [kind.name, call, kind] as const));

function parsed(call: object): Scenario {
  const text = stringify({ title: 'a call', gfns: 2, attribute: 'shared', actors: [{ name: 'one', calls: [call] }] });
  return parseScenario(text, 'call.yaml');
}

describe.each(ways)('%s, as in %j', (name, call, kind) => {
  const scenario = parsed(call);
  const [{ spec }] = scenario.actors[0].calls;

  it('is read from a scenario, and made by whom its kind says', () => {
    expect(spec).toEqual({
      call: name,
      gfn: 0,
      ...(kind.pages === 'range' ? { count: 1 } : {}),
      ...Object.values(call)[0],
    });
    expect(scenario.actors[0].kind).toBe(kind.by);
  });

  it('is taken by the schema of records as it is', () => {
    const record = { model: 'guest_memfd', scenario, scheme: 'v3-inplace', settings: {} };
    expect(subjectRecordSchema.parse(record)).toEqual(record);
    for (const what of Object.keys(kind.takes)) {
      const without = structuredClone(record);
      Reflect.deleteProperty(without.scenario.actors[0].calls[0].spec, what);
      expect(subjectRecordSchema.safeParse(without).error?.issues[0].message).toBe(`the call has no "${what}"`);
    }
  });

  it('has a routine that comes to an end under a right scheme', async () => {
    const { returned, violation } = await play('v3-inplace', [spec], { gfns: 2, attribute: 'shared' });
    expect([returned.length, violation]).toEqual([1, undefined]);
  });
});

it('every call has a name of its own, in files and in columns', async () => {
  expect(new Set(callNames).size).toBe(kinds.length);
  const words = kinds.map((kind) =>
    kind.words('gfn 0', valuesOfCall(parsed(written(kind)[0]).actors[0].calls[0].spec)),
  );
  expect(new Set(words).size).toBe(kinds.length);
  expect(words.filter((_, at) => kinds[at].pages !== 'none').every((each) => each.includes('gfn 0'))).toBe(true);
});

it('every call is made by one kind of actor', () => {
  expect(actorKinds.flatMap((actor) => callsBy(actor))).toEqual(callNames);
});

it('an argument means the same in every call that takes it', () => {
  const seen = new Map<string, Argument>();
  for (const [what, argument] of kinds.flatMap(({ takes }) => Object.entries(takes))) {
    expect(['call', 'gfn', 'count']).not.toContain(what);
    expect(argument.oneOf).toEqual((seen.get(what) ?? argument).oneOf);
    seen.set(what, argument);
  }
  expect(seen.size).toBeGreaterThan(1);
});

it('calls that differ in their pages alone share an automaton, and those that take something else do not', async () => {
  const calls: CallSpec[] = [
    { call: 'write', gfn: 0, as: 'shared' },
    { call: 'write', gfn: 1, as: 'shared' },
    { call: 'write', gfn: 1, as: 'private' },
    { call: 'read', gfn: 1, as: 'private' },
  ];
  const actors = calls.map((spec, at) => ({ name: `vCPU${at}`, kind: 'vcpu' as const, calls: [{ spec }] }));
  const program = await compileModel(gmem({ ...parsed({ read: 0 }), actors }, 'v3-inplace'));
  const roots = program.actors.map(({ calls: [first] }) => first.root);
  expect(roots[1]).toBe(roots[0]);
  expect(new Set(roots).size).toBe(3);
});

it('the pages of a call are a range from its gfn on, and go with it where it is moved', () => {
  const hole: CallSpec = { call: 'punch-hole', gfn: 3, count: 2 };
  const pin: CallSpec = { call: 'pin', gfn: 3 };
  expect([gfnsOfCall(hole), gfnsOfCall(pin)]).toEqual([[3, 4], [3]]);
  expect([callOnto(hole, 1, 1), callOnto(pin, 1, 1)]).toEqual([
    { call: 'punch-hole', gfn: 1, count: 1 },
    { call: 'pin', gfn: 1 },
  ]);
});

it('a world has the parts that its calls need', () => {
  expect(writtenWorldWith([])).toEqual(WRITTEN_WORLD);
  const { pageCount, flushes } = RECORDED_WORLD;
  expect(writtenWorldWith(['pageCount', 'flushes', 'flushes'])).toEqual({ ...WRITTEN_WORLD, pageCount, flushes });
});
