/**
 * Errors behind irreversible effects: whatever the model and the reductions, verify says of a random model what an oracle
 * says that goes through the same programs as data, and knows neither routines nor automata.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defineModel, explore, here, irreversible, loop, type Model, type Routine } from '../../src/index.js';
import { verify } from '../../src/verify/verify.js';

/** `mark`: whether the effect is said by a mark behind the op, and not by the op. */
type Statement =
  | {
      readonly do: 'swap';
      readonly cell: number;
      readonly value: number;
      readonly effect: boolean;
      readonly mark: boolean;
    }
  | { readonly do: 'cas'; readonly cell: number; readonly effect: boolean; readonly mark: boolean }
  | { readonly do: 'fail' | 'end' | 'retry' | 'retry inside'; readonly seen: number };

/** Where the inner loop begins, how many rounds the outer one has (0: as many as it likes), and the statements. */
interface Script {
  readonly inside: number;
  readonly rounds: number;
  readonly statements: readonly Statement[];
}

const CELLS = 2;
const VALUES = 2;

const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('swap' as const),
      cell: fc.integer({ min: 0, max: CELLS - 1 }),
      value: fc.integer({ min: 0, max: VALUES - 1 }),
      ...{ effect: fc.boolean(), mark: fc.boolean() },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cas' as const),
      cell: fc.integer({ min: 0, max: CELLS - 1 }),
      ...{ effect: fc.boolean(), mark: fc.boolean() },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('fail' as const, 'end' as const, 'retry' as const, 'retry inside' as const),
      seen: fc.integer({ min: 0, max: VALUES - 1 }),
    }),
  },
);

const script: fc.Arbitrary<Script> = fc.record({
  inside: fc.integer({ min: 0, max: 3 }),
  rounds: fc.integer({ min: 0, max: 2 }),
  statements: fc.array(statement, { minLength: 2, maxLength: 6 }),
});

/** Each script is run by so many actors. */
type Scripts = readonly { readonly script: Script; readonly copies: number }[];

const scripts: fc.Arbitrary<Scripts> = fc
  .array(fc.record({ script, copies: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 2 })
  // One of them has something to lose, and may fail behind it.
  .filter((all) => all.some(({ script: { statements } }) => isOfInterest(statements)))
  .filter((all) => !all.some(({ script: own }) => loopsWithoutOp(own)));

function isOfInterest(statements: readonly Statement[]): boolean {
  const loss = statements.findIndex((each) => 'effect' in each && each.effect);
  const back = statements.some((each, place) => each.do === 'retry' && place > loss);
  return loss >= 0 && statements.some((each, place) => each.do === 'fail' && (place > loss || back));
}

/** Whether a script goes back without an op, which the library refuses. */
function loopsWithoutOp({ inside, statements }: Script): boolean {
  return statements.some((each, place) => {
    const from = each.do === 'retry' ? 0 : Math.min(inside, statements.length);
    if (each.do !== 'retry' && (each.do !== 'retry inside' || place < from)) return false;
    return !statements.slice(from, place).some((before) => before.do === 'swap' || before.do === 'cas');
  });
}

/** How some statements were left. */
interface Left {
  readonly how: 'over' | 'fail' | 'end' | 'retry' | 'retry inside';
  readonly seen: number;
}

function modelOf(all: Scripts): Model {
  return defineModel({
    name: 'random effects',
    build(m) {
      const cells = m.cells('cell', CELLS, { initial: 1 });
      m.errors((result) => result < 0);
      function* runs(each: Statement, seen: number): Routine<number> {
        if (each.do === 'swap') {
          const op = cells.at(each.cell).swap(each.value);
          // What was there before is what is gone.
          if (!each.effect) return yield* op;
          if (!each.mark) return yield* op.irreversible('lost', { when: (before) => before !== 0 });
          const before = yield* op;
          if (before !== 0) yield* irreversible('lost');
          return before;
        }
        if (each.do === 'cas') {
          const op = cells.at(each.cell).cmpxchg(1, 0);
          if (!each.effect) return (yield* op) ? 1 : 0;
          if (!each.mark) return (yield* op.irreversible('lost')) ? 1 : 0;
          const had = yield* op;
          if (had) yield* irreversible('lost');
          return had ? 1 : 0;
        }
        return seen;
      }
      /** Runs statements up to one that leaves them: how, and the value that was seen last. */
      function* part(statements: readonly Statement[], first: number): Routine<Left> {
        let seen = first;
        for (const each of statements) {
          seen = yield* runs(each, seen);
          if ('seen' in each && each.seen === seen) return { how: each.do, seen };
        }
        return { how: 'over', seen };
      }
      function* body({ inside, statements }: Script): Routine<Left['how']> {
        const before = yield* part(statements.slice(0, inside), 0);
        // There is no inner loop yet to go back to.
        if (before.how !== 'over') return before.how;
        return yield* loop({ seen: before.seen }, function* ({ seen }, again) {
          const { how } = yield* part(statements.slice(inside), seen);
          return how === 'retry inside' ? yield* again() : how;
        });
      }
      const routineOf = (own: Script) =>
        function* task(): Routine<number> {
          if (own.rounds === 0) {
            const again = yield* here();
            const how = yield* body(own);
            if (how === 'retry') return yield* again();
            return how === 'fail' ? -1 : 0;
          }
          return yield* loop({ round: 1 }, function* ({ round }, again) {
            const how = yield* body(own);
            if (how === 'retry' && round < own.rounds) return yield* again({ round: round + 1 });
            return how === 'fail' ? -1 : 0;
          });
        };
      all.forEach(({ script: own, copies }, number) => {
        m.actors(`a${number}`, copies, () => routineOf(own), { symmetric: true });
      });
    },
  });
}

/** Where an actor is: `seen` here and at the inner head; `place` -1 behind its end. */
interface Local {
  readonly place: number;
  readonly round: number;
  readonly seen: number;
  readonly seenInside: number;
  readonly lost: boolean;
}

interface At {
  readonly cells: readonly number[];
  readonly locals: readonly Local[];
}

const OVER: Local = { place: -1, round: 0, seen: 0, seenInside: 0, lost: false };

/** Goes on to the next op without a step; 'broken' where it returns an error behind an effect. */
function settled({ statements, inside, rounds }: Script, from: Local): Local | 'broken' {
  let local = from;
  for (;;) {
    if (local.place === inside) local = { ...local, seenInside: local.seen };
    const each = statements[local.place];
    if (each === undefined) return OVER;
    if (!('seen' in each)) return local;
    if (each.seen !== local.seen) local = { ...local, place: local.place + 1 };
    else if (each.do === 'fail') return local.lost ? 'broken' : OVER;
    else if (each.do === 'end') return OVER;
    else if (each.do === 'retry') {
      if (rounds !== 0 && local.round === rounds) return OVER;
      local = { ...local, place: 0, seen: 0, round: rounds === 0 ? 0 : local.round + 1 };
    } else if (local.place >= inside) local = { ...local, place: inside, seen: local.seenInside };
    else return OVER;
  }
}

/** Whether some interleaving returns an error behind an effect; every state once, none left out. */
function breaks(all: Scripts): boolean {
  const actors = all.flatMap(({ script: own, copies }) => Array.from({ length: copies }, () => own));
  const begun = actors.map((own) => settled(own, { place: 0, round: 1, seen: 0, seenInside: 0, lost: false }));
  if (begun.includes('broken')) throw new Error('nothing is lost before the first op');
  const open: At[] = [{ cells: Array<number>(CELLS).fill(1), locals: begun as Local[] }];
  const known = new Set([JSON.stringify(open[0])]);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const [actor, own] of actors.entries()) {
      const local = at.locals[actor];
      if (local.place < 0) continue;
      const each = own.statements[local.place] as Extract<Statement, { cell: number }>;
      const before = at.cells[each.cell];
      const after = each.do === 'swap' ? each.value : 0;
      const cells = at.cells.map((value, cell) => (cell === each.cell ? after : value));
      const lost = local.lost || (each.effect && before !== 0);
      const next = settled(own, { ...local, lost, seen: before, place: local.place + 1 });
      if (next === 'broken') return true;
      const to = { cells, locals: at.locals.map((other, number) => (number === actor ? next : other)) };
      const key = JSON.stringify(to);
      if (known.has(key)) continue;
      known.add(key);
      open.push(to);
    }
  }
  return false;
}

const COMBINATIONS = Array.from({ length: 8 }, (_, bits) => ({
  merge: (bits & 1) !== 0,
  symmetry: (bits & 2) !== 0,
  por: (bits & 4) !== 0,
}));

it.each([7])(
  'verify finds an error behind an effect where there is one, and nowhere else (models of seed %i)',
  async (seed) => {
    const met = { models: 0, broken: 0, explored: 0 };
    const broken = fc.asyncProperty(scripts, async (all) => {
      const isBroken = breaks(all);
      met.models++;
      if (isBroken) met.broken++;
      for (const wanted of COMBINATIONS) {
        const { findings, stoppedBy } = await verify(modelOf(all), { ...wanted, liveness: false, all: true });
        expect(stoppedBy).toBeUndefined();
        expect(findings.map(({ kind }) => kind)).toEqual(isBroken ? findings.map(() => 'partial-effect') : []);
        expect(findings.length > 0).toBe(isBroken);
      }
      if (met.models % 2 !== 0) return;
      const { findings } = await explore(modelOf(all), { schedules: 200, workers: 1 });
      if (findings.some(({ kind }) => kind === 'partial-effect')) {
        expect(isBroken).toBe(true);
        met.explored++;
      }
    });
    await fc.assert(broken, { seed, numRuns: 60 });
    // Models of both sorts were met.
    expect(met.broken).toBeGreaterThan(12);
    expect(met.models - met.broken).toBeGreaterThan(12);
    expect(met.explored).toBeGreaterThan(3);
  },
);
