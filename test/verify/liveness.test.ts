import { describe, expect, it } from 'vitest';
import type { Ref } from '../../src/core/ops/ref.js';
import { Executor } from '../../src/core/run/executor.js';
import { call, defineModel, here, type Model } from '../../src/index.js';
import type { VerifyFinding } from '../../src/verify/finding-of.js';
import { verify } from '../../src/verify/verify.js';

const ALL = { all: true, coverage: false };

async function findingsOf(model: Model): Promise<readonly VerifyFinding[]> {
  return (await verify(model, ALL)).findings;
}

/** Two tasks that step aside for each other, as polite people do at a door. */
const polite = defineModel({
  name: 'polite',
  parameters: { stubborn: false },
  build(m, p) {
    const wants = m.cells('wants', 2);
    m.actors('task', 2, (self) => {
      return function* task() {
        const again = yield* here();
        yield* wants.at(self).write(1);
        if ((yield* wants.at(1 - self).read()) === 1 && !(p.stubborn && self === 0)) {
          yield* wants.at(self).write(0);
          yield* again();
        }
        yield* wants.at(self).write(0);
      };
    });
  },
});

/** One task needs a lock that another takes and gives back for ever. */
const hog = defineModel({
  name: 'hog',
  parameters: { fair: false },
  build(m, p) {
    const [lock, turn] = [m.cell('lock'), m.cell('turn')];
    m.actor(
      'hog',
      function* hog() {
        const again = yield* here();
        if (p.fair) yield* turn.waitUntil((whose) => whose === 0);
        yield* lock.waitUntil(
          (holders) => holders === 0,
          () => 1,
        );
        yield* lock.write(0);
        if (p.fair) yield* turn.write(1);
        yield* again();
      },
      { daemon: true },
    );
    m.actor('victim', function* victim() {
      if (p.fair) yield* turn.waitUntil((whose) => whose === 1);
      yield* lock.waitUntil(
        (holders) => holders === 0,
        () => 1,
      );
      yield* lock.write(0);
      if (p.fair) yield* turn.write(0);
    });
  },
});

describe('starvation', () => {
  it('is a fair round in which somebody never ends: both step aside for ever', async () => {
    const [finding, ...more] = await findingsOf(polite);
    expect(more).toEqual([]);
    expect(finding.kind).toBe('starvation');
    expect(finding.words).toMatch(/task0, task1 can go round for ever/);
  });

  it('is none when one of the two goes through', async () => {
    expect(await findingsOf(polite.with({ stubborn: true }))).toEqual([]);
  });

  it('is found where a daemon leaves nothing to a task that waits', async () => {
    const [finding] = await findingsOf(hog);
    expect(finding.kind).toBe('starvation');
    expect(finding.words).toMatch(/hog can go round for ever while victim can only wait/);
    expect(finding.signature).toMatch(/^starvation in victim: wait until lock$/);
  });

  it('is none where the daemon has to give way', async () => {
    expect(await findingsOf(hog.with({ fair: true }))).toEqual([]);
  });

  it('needs a fair round: who only has to be scheduled is not starved', async () => {
    const model = defineModel({
      name: 'unfair',
      build(m) {
        const done = m.cell('done');
        m.actor('spinner', function* spinner() {
          const again = yield* here();
          if ((yield* done.read()) === 0) yield* again();
        });
        m.actor('setter', function* setter() {
          yield* done.write(1);
        });
      },
    });
    expect(await findingsOf(model)).toEqual([]);
  });
});

describe('livelock', () => {
  const stuck = defineModel({
    name: 'stuck',
    parameters: { daemon: false },
    build(m, p) {
      const [ready, poisoned] = [m.cell('ready'), m.cell('poisoned')];
      m.actor(
        'spinner',
        function* spinner() {
          const again = yield* here();
          if ((yield* ready.read()) === 0) yield* again();
        },
        { daemon: p.daemon },
      );
      m.actor('setter', function* setter() {
        if ((yield* poisoned.read()) === 0) yield* ready.write(1);
      });
      m.actor('poisoner', function* poisoner() {
        yield* poisoned.write(1);
      });
    },
  });

  it('is a state from which no end can be reached', async () => {
    const [finding, ...more] = await findingsOf(stuck);
    expect(more).toEqual([]);
    expect(finding.kind).toBe('livelock');
    expect(finding.signature).toBe('livelock in spinner: ready');
  });

  it('is none when only daemons go round', async () => {
    expect(await findingsOf(stuck.with({ daemon: true }))).toEqual([]);
  });
});

describe('an actor that waits for ever', () => {
  const waiting = defineModel({
    name: 'waiting',
    parameters: { daemon: false },
    build(m, p) {
      const work = m.cell('work');
      m.actor(
        'worker',
        function* worker() {
          const again = yield* here();
          yield* work.waitUntil(
            (items) => items > 0,
            (items) => items - 1,
          );
          yield* again();
        },
        { daemon: p.daemon },
      );
      m.actor('producer', function* producer() {
        yield* work.add(1);
      });
    },
  });

  it('is a deadlock', async () => {
    expect((await findingsOf(waiting)).map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it('is none when it is a daemon', async () => {
    expect(await findingsOf(waiting.with({ daemon: true }))).toEqual([]);
  });
});

it('a round comes with a run into it and once round, which ends where the loop began', async () => {
  for (const model of [polite, hog]) {
    const result = await verify(model, ALL);
    const [{ schedule, loopFrom }] = result.findings;
    const executor = new Executor(result.program);
    const states = schedule.steps.map((actor) => {
      const before = executor.state.join();
      expect(executor.canRun(actor)).toBe(true);
      executor.step(actor);
      return before;
    });
    expect(loopFrom).toBeLessThan(schedule.steps.length);
    // Registers apart, of which these models have none in use, the run is where it was.
    expect(executor.state.join()).toBe(states[loopFrom as number]);
  }
});

it('a livelock is told right beside a violation whose broken state holds what no other state does', async () => {
  const model = defineModel({
    name: 'beside',
    build(m) {
      const things = m.domain('thing', 2);
      const [seen, flag] = [m.cells('seen', 2), m.cell('flag')];
      function* spin(self: Ref) {
        const again = yield* here();
        if ((yield* flag.read()) === 2) {
          yield* seen.at(self).read();
          return yield* again();
        }
        yield* flag.write(0);
        yield* seen.at(self).write(2);
      }
      m.actors('a', 2, (index) => [call('spin', spin, things.id(index))]);
      m.actor('b', function* () {
        yield* flag.write(2);
      });
      m.always('first', [seen.at(0)], (value) => value !== 2);
    },
  });
  for (const merge of [true, false]) {
    const { findings } = await verify(model, { all: true, coverage: false, merge, symmetry: false, por: false });
    expect(findings.map(({ kind }) => kind)).toEqual(['assertion', 'livelock']);
  }
});
