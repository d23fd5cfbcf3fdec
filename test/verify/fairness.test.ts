/** Choices and locks that are declared fair: which rounds are none then, and what a report says where none is declared. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DONE } from '../../src/core/automaton/automaton.js';
import type { Program } from '../../src/core/program/program.js';
import { ActorSets } from '../../src/core/run/actor-sets.js';
import { Executor } from '../../src/core/run/executor.js';
import { choose, compileModel, defineModel, here, type Model } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { claimOf } from '../../src/verify/claim.js';
import { confirmClaim } from '../../src/verify/confirm.js';
import { type DemandGraph, type EdgeLabel, fairPartsOf } from '../../src/verify/fair-parts.js';
import type { VerifyFinding } from '../../src/verify/finding-of.js';
import { verify } from '../../src/verify/verify.js';

const ALL = { all: true, coverage: false };

async function findingsOf(model: Model, more: object = {}): Promise<readonly VerifyFinding[]> {
  return (await verify(model, { ...ALL, ...more })).findings;
}

const kindsOf = async (model: Model, more: object = {}): Promise<readonly string[]> =>
  (await findingsOf(model, more)).map(({ kind }) => kind);

/** A task that leaves a cell as it is or raises it, until it is 3. */
const stutter = (fair: boolean): Model =>
  defineModel({
    name: 'stutter',
    build(m) {
      const x = m.cell('x');
      m.actor('grow', function* grow() {
        const again = yield* here();
        if ((yield* x.read()) === 3) return;
        if ((yield* choose(2, 'grows?', { outcomes: ['stays', 'grows'], fair })) === 1) yield* x.add(1);
        yield* again();
      });
    },
  });

type Lock = 'mutex' | 'rwsem' | 'rwsem read' | 'rwlock' | 'rwlock without queue';

function lockOf(m: ModelBuilder, kind: Lock, fair: boolean) {
  if (kind === 'mutex') {
    const lock = m.mutex('lock', { fair });
    return { take: () => lock.lock(), give: () => lock.unlock(), wait: () => lock.lock(), leave: () => lock.unlock() };
  }
  if (kind === 'rwsem' || kind === 'rwsem read') {
    const lock = m.rwsem('lock', { fair });
    const [take, give] = [() => lock.downWrite(), () => lock.upWrite()];
    if (kind === 'rwsem') return { take, give, wait: take, leave: give };
    return { take, give, wait: () => lock.downRead(), leave: () => lock.upRead() };
  }
  const lock = m.rwlock('lock', { fair, queued: kind === 'rwlock' });
  const [take, give] = [() => lock.writeLock(), () => lock.writeUnlock()];
  return { take, give, wait: take, leave: give };
}

/** A worker that takes a lock now and then for ever, and a task that takes it once. */
const hog = (kind: Lock, fair: boolean): Model =>
  defineModel({
    name: 'hog',
    build(m) {
      const { take, give, wait, leave } = lockOf(m, kind, fair);
      m.actor(
        'worker',
        function* worker() {
          const again = yield* here();
          yield* take();
          yield* give();
          yield* again();
        },
        { daemon: true },
      );
      m.actor('task', function* task() {
        yield* wait();
        yield* leave();
      });
    },
  });

describe('a fair choice', () => {
  it('ends a round in which one of its outcomes never comes', async () => {
    expect(await kindsOf(stutter(false))).toEqual(['starvation']);
    expect(await kindsOf(stutter(true))).toEqual([]);
  });

  it('is named in the bound, and reaches the same states', async () => {
    const [unfair, fair] = await Promise.all([verify(stutter(false), ALL), verify(stutter(true), ALL)]);
    expect([unfair.bound.fair, fair.bound.fair]).toEqual([[], ['"grows?"']]);
    expect([fair.states, fair.transitions]).toEqual([unfair.states, unfair.transitions]);
  });

  it('is told of by who starves without it, with what to write', async () => {
    const [{ words }] = await findingsOf(stutter(false));
    expect(words).toBe(
      'grow can go round for ever, although every task gets its turns. It goes on only as long as the answer to ' +
        '"grows?" is never "grows"; if that cannot be so for ever, declare the choice fair: ' +
        "choose(2, 'grows?', { outcomes: ['stays', 'grows'], fair: true })",
    );
  });

  it('is fair to each actor and at each place by itself', async () => {
    // Two attempts, of which the first succeeds and the second fails each time: both outcomes come, but not at each place.
    const model = (fair: boolean): Model =>
      defineModel({
        name: 'attempts',
        build(m) {
          m.actor('task', function* task() {
            const again = yield* here();
            if ((yield* choose(2, 'fails?', { fair })) === 1) yield* again();
            if ((yield* choose(2, 'fails?', { fair })) === 1) yield* again();
          });
        },
      });
    expect(await kindsOf(model(false))).toEqual(['starvation']);
    expect(await kindsOf(model(true))).toEqual([]);
    expect(await kindsOf(model(true), { merge: false })).toEqual([]);
  });

  it('does not help who can be kept from it: a scheduler may ask only when it is of no use', async () => {
    const model = defineModel({
      name: 'badly-timed',
      build(m) {
        const [open, x] = [m.cell('open'), m.cell('x')];
        m.actor(
          'door',
          function* door() {
            const again = yield* here();
            yield* open.write(1);
            yield* open.write(0);
            yield* again();
          },
          { daemon: true },
        );
        m.actor('task', function* task() {
          const again = yield* here();
          const goes = yield* choose(2, 'goes?', { fair: true });
          if (goes === 1 && (yield* open.read()) === 1) {
            yield* x.write(1);
            return;
          }
          yield* again();
        });
      },
    });
    const [finding, ...more] = await findingsOf(model);
    expect(more).toEqual([]);
    expect(finding.kind).toBe('starvation');
    expect(finding.words).not.toContain('It goes on only');
    // The run that shows it gets both answers.
    expect(new Set(finding.schedule.choices.slice(-2)).size).toBe(2);
  });
});

describe.each<Lock>(['mutex', 'rwsem', 'rwsem read', 'rwlock without queue'])('a fair lock: %s', (kind) => {
  it('goes to who waits while others get it again and again', async () => {
    const findings = await findingsOf(hog(kind, false));
    expect(findings.map((each) => each.kind)).toEqual(['starvation']);
    const name = kind.split(' ')[0];
    expect(findings[0].words).toBe(
      'worker can go round for ever while task can only wait, although every task gets its turns. It goes on only as ' +
        'long as others get lock again and again while task waits for it; if that cannot be so for ever, declare the ' +
        `lock fair: m.${name}('lock', { fair: true })`,
    );
    const { findings: none, bound } = await verify(hog(kind, true), ALL);
    expect([none, bound.fair]).toEqual([[], ['lock']]);
  });
});

it('a rwlock with its queue hands over by itself', async () => {
  expect(await kindsOf(hog('rwlock', false))).toEqual([]);
});

it('who asks for a grace period of SRCU gets one', async () => {
  const model = defineModel({
    name: 'grace',
    build(m) {
      const srcu = m.srcu('srcu');
      m.actor(
        'other',
        function* other() {
          const again = yield* here();
          yield* srcu.synchronize();
          yield* again();
        },
        { daemon: true },
      );
      m.actor('task', () => srcu.synchronize());
    },
  });
  const { findings, bound } = await verify(model, ALL);
  expect([findings, bound.fair]).toEqual([[], []]);
});

it('names a choice and a lock where it takes both', async () => {
  const model = defineModel({
    name: 'both',
    build(m) {
      const lock = m.mutex('lock');
      m.actor(
        'worker',
        function* worker() {
          const again = yield* here();
          yield* lock.lock();
          yield* lock.unlock();
          yield* again();
        },
        { daemon: true },
      );
      m.actor('task', function* task() {
        const again = yield* here();
        yield* lock.lock();
        yield* lock.unlock();
        if ((yield* choose(2, 'fails?')) === 1) yield* again();
      });
    },
  });
  const findings = await findingsOf(model);
  expect(findings.map(({ words }) => words.slice(words.indexOf('It goes')))).toEqual([
    'It goes on only as long as others get lock again and again while task waits for it, and the answer to "fails?" is ' +
      'never "0"; if that cannot be so for ever, declare them fair: m.mutex(\'lock\', { fair: true }) and ' +
      "choose(2, 'fails?', { fair: true })",
  ]);
});

describe('a replay', () => {
  it.each([
    ['a choice', stutter, 'The round is not fair: "grows?" is declared fair, and grow never gets "grows".'],
    [
      'a lock',
      (fair: boolean) => hog('mutex', fair),
      'The round is not fair: lock is declared fair, and task waits for it and never gets it.',
    ],
  ])('of a round that is none any more because %s was declared fair says so', async (_, model, sentence) => {
    const [finding] = await findingsOf(model(false));
    const claim = claimOf(finding)!;
    expect(confirmClaim(await compileModel(model(false)), finding.schedule, claim).violation?.kind).toBe('starvation');
    const { violation, notes } = confirmClaim(await compileModel(model(true)), finding.schedule, claim);
    expect([violation, notes]).toEqual([undefined, [sentence]]);
  });
});

/** One statement of a loop's body. */
type Statement =
  | {
      readonly does: 'choose';
      readonly number: number;
      readonly fair: boolean;
      readonly onOne: 'again' | 'leave' | 'set' | 'go on';
    }
  | { readonly does: 'lock' | 'unlock' | 'read' | 'set'; readonly number: number };

const choice = (onOne: fc.Arbitrary<'again' | 'leave' | 'set' | 'go on'>): fc.Arbitrary<Statement> =>
  fc.record({ does: fc.constant('choose' as const), number: fc.nat(9), fair: fc.boolean(), onOne });

const statement: fc.Arbitrary<Statement> = fc.oneof(
  choice(fc.constantFrom('again', 'leave', 'set', 'go on')),
  fc.record({ does: fc.constantFrom('lock' as const, 'read' as const, 'set' as const), number: fc.nat(1) }),
);

interface Task {
  readonly body: readonly Statement[];
  readonly daemon: boolean;
}

/** Some way out of a loop there is nearly always, so that it is no livelock. */
const body: fc.Arbitrary<readonly Statement[]> = fc
  .record({ before: fc.array(statement, { maxLength: 2 }), out: choice(fc.constant('leave')), first: fc.boolean() })
  .map(({ before, out, first }) => (first ? [out, ...before] : [...before, out]));

const tasks: fc.Arbitrary<readonly Task[]> = fc.array(fc.record({ body, daemon: fc.boolean() }), {
  minLength: 1,
  maxLength: 2,
});

/** Loops that choose, lock and read flags. */
function loops(list: readonly Task[], fairLock: boolean): Model {
  return defineModel({
    name: 'loops',
    build(m) {
      const lock = m.mutex('lock', { fair: fairLock });
      const flags = m.cells('flag', 2);
      list.forEach(({ body, daemon }, task) => {
        m.actor(
          `t${task}`,
          function* loop() {
            const again = yield* here();
            for (const [place, each] of body.entries()) {
              if (each.does === 'lock') {
                yield* lock.lock();
                yield* lock.unlock();
              } else if (each.does === 'set') yield* flags.at(each.number).write(1);
              else if (each.does === 'read') {
                if ((yield* flags.at(each.number).read()) === 1) return;
              } else if (each.does === 'choose') {
                const answer = yield* choose(2, `choice ${place}`, { fair: each.fair });
                if (answer === 1 && each.onOne === 'again') yield* again();
                if (answer === 1 && each.onOne === 'leave') return;
                if (answer === 1 && each.onOne === 'set') yield* flags.at(0).write(1);
              }
            }
            yield* again();
          },
          { daemon },
        );
      });
    },
  });
}

/** Whether somebody starves, by the states of the executor and their steps, labelled by what the ops themselves say. */
function starves(program: Program): boolean | undefined {
  const executor = new Executor(program);
  const lock = program.layout.regions.find(({ name }) => name === 'lock')!.base;
  const states: Int32Array[] = [];
  const numbers = new Map<string, number>();
  const edges: { from: number; to: number; actor: number; label: string }[] = [];
  const ends: boolean[] = [];
  const add = (): number => {
    const key = executor.state.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push(executor.state.slice()) - 1;
  };
  executor.reset();
  add();
  const unable: number[] = [];
  const text = (actor: number): string => {
    const node = executor.nodeOf(actor);
    return node === DONE ? '' : program.automaton.opOf(node).spec.label;
  };
  for (let from = 0; from < states.length; from++) {
    if (states.length > 400) return undefined;
    executor.load(states[from]);
    ends[from] = executor.complete || executor.runnableCount === 0;
    const runnable = [...executor.runnable.subarray(0, executor.runnableCount)];
    unable[from] = program.actors.reduce((set, _, actor) => (runnable.includes(actor) ? set : set | (1 << actor)), 0);
    for (const actor of runnable) {
      executor.load(states[from]);
      const outcomes = executor.choicesOf(actor);
      for (let choice = 0; choice < Math.max(1, outcomes); choice++) {
        executor.load(states[from]);
        const isChoice = outcomes > 0;
        const { spec } = program.automaton.opOf(executor.nodeOf(actor));
        const chosen = isChoice && spec.fair === true ? `${actor}.${spec.label}` : undefined;
        const held = executor.state[lock];
        const others = program.actors.flatMap((_, other) => {
          return other !== actor && text(other).startsWith('mutex_lock') ? [`${other}.lock`] : [];
        });
        const fairLock = program.automaton.infos.some(({ op }) => op?.spec.lock?.fair === true);
        executor.step(actor, choice);
        const takes = fairLock && held === 0 && executor.state[lock] !== 0;
        const makes = [...(chosen ? [`${chosen}0`, `${chosen}1`] : []), ...(takes ? others : [])];
        const meets = [...(chosen ? [`${chosen}${choice}`] : []), ...(takes ? [`${actor}.lock`] : [])];
        edges.push({ from, to: add(), actor, label: JSON.stringify({ makes, meets }) });
      }
    }
  }
  const texts = [...new Set(edges.map(({ label }) => label))];
  const names = [
    ...new Set(
      texts.flatMap((label) =>
        Object.values(JSON.parse(label) as EdgeLabel)
          .flat()
          .map(String),
      ),
    ),
  ];
  const numberedLabels = texts.map((label): EdgeLabel => {
    const { makes, meets } = JSON.parse(label) as { makes: string[]; meets: string[] };
    return { makes: makes.map((name) => names.indexOf(name)), meets: meets.map((name) => names.indexOf(name)) };
  });
  const graph: DemandGraph = {
    states: states.length,
    from: Int32Array.from(edges, ({ from }) => from),
    to: Int32Array.from(edges, ({ to }) => to),
    actors: Uint8Array.from(edges, ({ actor }) => actor),
    label: Int32Array.from(edges, ({ label }) => texts.indexOf(label)),
    labels: numberedLabels,
    unable: Int32Array.from(unable),
  };
  const canEnd = ends.slice();
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to } of edges) {
      if (!canEnd[from] && canEnd[to]) {
        canEnd[from] = true;
        changed = true;
      }
    }
  }
  const due = (state: number): boolean => {
    executor.load(states[state]);
    return !executor.complete;
  };
  return fairPartsOf(graph, new ActorSets(program.actors.length), () => true).some(
    ({ states: [first] }) => canEnd[first] && due(first),
  );
}

it('somebody starves in a model of random loops exactly when a fair round is left in its plain graph', async () => {
  const met = { starves: 0, none: 0, because: 0 };
  await fc.assert(
    fc.asyncProperty(tasks, fc.boolean(), async (list, fairLock) => {
      const model = loops(list, fairLock);
      const expected = starves(await compileModel(model));
      if (expected === undefined) return;
      for (const merge of [true, false]) {
        expect((await kindsOf(model, { merge, lockOrder: false })).includes('starvation')).toBe(expected);
      }
      met[expected ? 'starves' : 'none']++;
      const unfair = loops(
        list.map(({ body, daemon }) => ({ daemon, body: body.map((each) => ({ ...each, fair: false }) as Statement) })),
        false,
      );
      if (!expected && starves(await compileModel(unfair)) === true) met.because++;
    }),
    { numRuns: 40, seed: 4 },
  );
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(3);
});
