/** Tasks that hold a lock until a cell changes, and who would change it: what is said of runs that are stuck, or go round. */
import { describe, expect, it } from 'vitest';
import { roundWords } from '../../../src/core/story/round-words.js';
import { spinsOf } from '../../../src/core/story/spins.js';
import { columnsOf, defineModel, explore, here, keepCalls, type Model, traceOf, verify } from '../../../src/index.js';
import { claimColumns } from '../../../src/report/claim-columns.js';
import { claimOf } from '../../../src/verify/claim.js';

/** Does what spins go round, or does it wait; what does the third task do; how does the holder of the second reference go on. */
interface Told {
  readonly polls: boolean;
  readonly third?: 'ends' | 'goes on';
  /** `wants`: takes the lock before it puts the reference. `behind`: waits for another lock, whose holder wants it. */
  readonly holder: 'wants' | 'behind' | 'idle' | 'puts first';
  /** Whether another task, which holds no reference, wants the lock to take one and put it. */
  readonly passerBy?: true;
  /** Looks once, and gives the lock up where it must not go on. */
  readonly backsOff?: true;
}

/** R28 and R55 of the guest_memfd notes: a conversion that spins, under the invalidate lock, until one reference is left. */
function spinning({ polls, third, holder, passerBy, backsOff }: Told): Model {
  return defineModel({
    name: 'spinning',
    build(m) {
      const lock = m.mutex('invalidate_lock');
      const other = m.mutex('folio_lock');
      const refs = m.cell('folio_refs', { initial: 2 });
      const gate = m.cell('gate', { initial: holder === 'behind' ? 0 : 1 });
      m.actor('converter', function* convert() {
        yield* lock.lock();
        if (backsOff) {
          const isAlone = (yield* refs.read()) === 1;
          yield* lock.unlock();
          return isAlone ? 0 : -11;
        }
        if (polls) {
          const again = yield* here();
          if ((yield* refs.read()) !== 1) return yield* again();
        } else yield* m.waitUntil([refs], (count) => count === 1);
        yield* lock.unlock();
        return 0;
      });
      if (holder !== 'idle') {
        m.actor('reader', function* fault() {
          yield* m.waitUntil([gate], (open) => open === 1);
          const wanted = holder === 'behind' ? other : lock;
          if (holder === 'puts first') yield* refs.add(-1);
          yield* wanted.lock();
          yield* wanted.unlock();
          if (holder !== 'puts first') yield* refs.add(-1);
        });
      }
      if (holder === 'behind') {
        m.actor('mapper', function* map() {
          yield* other.lock();
          yield* gate.write(1);
          yield* lock.lock();
          yield* lock.unlock();
          yield* other.unlock();
        });
      }
      if (passerBy) {
        m.actor('passer', function* lookup() {
          yield* lock.lock();
          yield* refs.add(1);
          yield* lock.unlock();
          yield* refs.add(-1);
        });
      }
      const work = m.cell('work');
      if (third === 'ends') {
        m.actor('worker', function* works() {
          yield* work.write(1);
        });
      }
      if (third === 'goes on') {
        const works = function* works() {
          const again = yield* here();
          yield* work.write(1);
          yield* work.write(2);
          return yield* again();
        };
        m.actor('worker', works, { daemon: true });
      }
    },
  });
}

const RING =
  'converter holds invalidate_lock until folio_refs, now 2, changes, and reader, which would change that, waits for invalidate_lock';

describe.each([
  ['a wait', false, undefined, 'deadlock'],
  ['a wait beside a task that ends', false, 'ends', 'deadlock'],
  ['a wait beside a task that goes on for ever', false, 'goes on', 'livelock'],
  ['a poll', true, undefined, 'livelock'],
  ['a poll beside a task that ends', true, 'ends', 'livelock'],
  ['a poll beside a task that goes on for ever', true, 'goes on', 'livelock'],
] as const)('%s under a lock that the holder of the count wants', (_, polls, third, kind) => {
  const model = spinning({ polls, holder: 'wants', ...(third && { third }) });

  it('is found by verify, with who spins under which lock until which cell changes, and who would change it', async () => {
    const { findings } = await verify(model, { all: true });
    expect(findings.map((finding) => finding.kind)).toEqual([kind]);
    expect(findings[0].words).toMatch(new RegExp(`\\. ${RING}$`));
  });

  it('is found by explore within 40 schedules, in the same words, and drawn with its ring', async () => {
    const { findings, program } = await explore(model, { schedules: 40 });
    expect(findings.map((finding) => finding.kind)).toEqual([kind]);
    const [finding] = findings;
    expect(finding.words).toMatch(new RegExp(`\\. ${RING}$`));
    const trace = traceOf(program, keepCalls(program.actors, finding.kept), finding.schedule);
    const claim = claimOf(finding);
    const columns = claim === undefined ? columnsOf(trace) : claimColumns(trace, claim, finding.words);
    expect(columns).toContain('Cycle: converter -> reader -> converter');
    expect(columns).toMatch(/converter:\n {2}holds invalidate_lock/);
  });
});

it.each([false, true])('a ring goes through all that wait in between (polls: %s)', async (polls) => {
  const { findings } = await verify(spinning({ polls, holder: 'behind' }));
  expect(findings[0].words).toContain(
    'converter holds invalidate_lock until folio_refs, now 2, changes, and reader, which would change that, waits for ' +
      'folio_lock, and mapper waits for invalidate_lock',
  );
});

it.each([false, true])('who would take a reference and put it back is not blamed (polls: %s)', async (polls) => {
  const { findings } = await verify(spinning({ polls, holder: 'idle', passerBy: true }));
  expect(findings).not.toEqual([]);
  for (const { words } of findings) expect(words).not.toContain('would change');
});

it('of a holder who is idle for ever it is said what is held and what is looked at', async () => {
  const { findings, program } = await verify(spinning({ polls: true, holder: 'idle' }));
  const [finding] = findings;
  const trace = traceOf(program, program.actors, finding.schedule);
  expect(roundWords(trace, finding.loopFrom ?? 0, finding.words)).toBe(finding.words);
  expect(spinsOf(trace, finding.loopFrom)).toMatchObject([{ actor: 0, cells: ['folio_refs, now 2,'], ring: [] }]);
  expect(claimColumns(trace, claimOf(finding), finding.words)).toContain(
    'converter:\n  holds invalidate_lock until folio_refs, now 2, changes',
  );
});

it.each([false, true])(
  'a holder who puts the reference before it takes the lock verifies (polls: %s)',
  async (polls) => {
    expect((await verify(spinning({ polls, holder: 'puts first' }))).verdict).toBe('verified');
  },
);

it('a conversion that looks once and backs off verifies, whoever holds the count', async () => {
  for (const holder of ['wants', 'behind', 'idle'] as const) {
    expect((await verify(spinning({ polls: true, holder, backsOff: true }))).verdict).toBe('verified');
  }
});

it('what is tried to tell who would change a cell is covered by nobody', async () => {
  const { findings, program } = await explore(spinning({ polls: true, holder: 'wants' }), { schedules: 40 });
  const { size } = program.automaton;
  const trace = traceOf(program, keepCalls(program.actors, findings[0].kept), findings[0].schedule);
  expect(spinsOf(trace, findings[0].loopFrom).map(({ ring }) => ring)).toEqual([[0, 1]]);
  expect(program.automaton.size).toBe(size);
});
