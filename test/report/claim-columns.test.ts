/** What a finding shows beyond its run: who waits while others go round, and locks in two orders. */
import { describe, expect, it } from 'vitest';
import { atomic, defineModel, here, type Model, traceOf, waitUntil } from '../../src/index.js';
import { claimColumns } from '../../src/report/claim-columns.js';
import { claimOf } from '../../src/verify/claim.js';
import { verify } from '../../src/verify/verify.js';
import { abba, inOrder } from '../oracles/classic/abba.js';

/** The story of the first finding whose signature holds a text. */
async function storyOf(model: Model, text: string): Promise<string> {
  const { findings, program } = await verify(model, { all: true, coverage: false });
  const finding = findings.find(({ signature }) => signature.includes(text));
  if (finding === undefined) throw new Error(`nothing was found with ${text}`);
  return claimColumns(traceOf(program, program.actors, finding.schedule), claimOf(finding), finding.words);
}

/** Two tasks lock in opposite orders while a third goes round. */
const besides = defineModel({
  name: 'besides',
  build(m) {
    const [a, b, seen] = [m.mutex('a'), m.mutex('b'), m.cell('seen')];
    const task = (first: typeof a, second: typeof a) =>
      function* take() {
        yield* inOrder(first, second);
      };
    m.actor('ab', task(a, b));
    m.actor('ba', task(b, a));
    m.actor('poller', function* poll() {
      const again = yield* here();
      yield* seen.read();
      yield* again();
    });
  },
});

describe('a round', () => {
  it('tells who holds and waits for what meanwhile, and what it sees', async () => {
    const model = defineModel({
      name: 'hog',
      build(m) {
        const [lock, seen, ready] = [m.mutex('lock'), m.cell('seen'), m.cell('ready')];
        m.actor('poller', function* poll() {
          yield* lock.lock();
          const again = yield* here();
          yield* seen.read();
          yield* again();
        });
        m.actor('late', function* take() {
          yield* lock.lock();
          yield* lock.unlock();
        });
        m.actor('sleeper', function* sleep() {
          yield* atomic('when ready', function* () {
            yield* waitUntil([ready, seen], (isReady) => isReady === 1, 'ready');
          });
        });
      },
    });
    const story = await storyOf(model, 'mutex_lock(lock)');
    const end = story.slice(story.indexOf('and all is as it was'));
    expect(end).toBe(`and all is as it was when the round began.

poller:
  holds lock until seen, now 0, changes
late:
  holds no lock
  waits in take for lock: poller holds it
sleeper:
  holds no lock
  waits in sleep at "when ready" for "ready": ready is 0, seen is 0

When this happens, poller can go round for ever while late, sleeper can
only wait, and nothing that any task does leads out of it.
`);
  });

  it('tells nothing of tasks that have finished', async () => {
    const { findings } = await verify(besides, { all: true, coverage: false });
    const alone = findings.find(({ signature }) => signature.startsWith('livelock') && !signature.includes('mutex'));
    expect(alone).toBeDefined();
    expect(await storyOf(besides, alone!.signature)).not.toContain('waits');
  });
});

describe('an order of locks', () => {
  it('lists everything that is held, and the gate that keeps the tasks apart', async () => {
    const story = await storyOf(abba.with({ gated: true }), 'lock-order');
    expect(story).toMatch(/while it holds:\n {2}gate\n {2}[ab]\n/);
    expect(story.replace(/\s+/g, ' ')).toContain('(here gate keeps them apart)');
  });

  it('draws the writer that stands between two readers', async () => {
    const model = defineModel({
      name: 'two-readers',
      build(m) {
        const [a, sem] = [m.mutex('a'), m.rwsem('sem')];
        m.actor('one', function* one() {
          yield* a.lock();
          yield* sem.downRead();
          yield* sem.upRead();
          yield* a.unlock();
        });
        m.actor('two', function* two() {
          yield* sem.downRead();
          yield* a.lock();
          yield* a.unlock();
          yield* sem.upRead();
        });
      },
    });
    const story = await storyOf(model, 'lock-order');
    expect(story.slice(story.indexOf('  CPU0'), story.indexOf(' *** DEADLOCK'))).toBe(
      `  CPU0         CPU1         CPU2
  ----         ----         ----
  lock(a);
               rlock(sem);
                            lock(sem);
  rlock(sem);
               lock(a);

`,
    );
  });

  it('shows the locks that one task alone takes', async () => {
    const model = defineModel({
      name: 'alone',
      build(m) {
        const [a, b] = [m.mutex('a'), m.mutex('b')];
        m.actor('one', function* both() {
          yield* inOrder(a, b);
          yield* inOrder(b, a);
        });
      },
    });
    expect(await storyOf(model, 'lock-order')).toContain(`\
The run to where a is wanted:

one (both)
----------
mutex_lock(a)
mutex_lock(b)
mutex_unlock(b)
mutex_unlock(a)
mutex_lock(b)
`);
  });
});

describe('who is starved', () => {
  it('has a column with the op that waits', async () => {
    const model = defineModel({
      name: 'spinning',
      build(m) {
        const lock = m.rwlock('l', { queued: false });
        const never = m.cell('never');
        m.actor(
          'hog',
          function* hog() {
            const again = yield* here();
            yield* lock.writeLock();
            yield* lock.writeUnlock();
            yield* again();
          },
          { daemon: true },
        );
        m.actor(
          'idle',
          function* idle() {
            yield* never.waitUntil((value) => value > 0);
          },
          { daemon: true },
        );
        m.actor('one', function* one() {
          yield* lock.writeLock();
        });
      },
    });
    expect(await storyOf(model, 'starvation')).toContain(`\
hog                     one
---                     ---
                        write_lock(l) -> waits
write_lock(l)
write_unlock(l); retry

and all is as it was when the round began.
`);
  });
});
