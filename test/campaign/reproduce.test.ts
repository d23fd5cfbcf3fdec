import { describe, expect, it } from 'vitest';
import { reproduce, wantedOf } from '../../src/campaign/reproduce.js';
import { defineModel, type Model } from '../../src/index.js';
import type { LiveFinding } from '../../src/live/live-finding.js';
import { limiter } from '../explore/toys.js';

/** Two writers of one cell; with `guard` they exclude each other. */
const writers = defineModel({
  name: 'writers',
  parameters: { guard: false, other: false },
  build(m, p) {
    const lock = m.mutex('lock');
    const first = m.cell('first', { initial: 0 });
    const second = m.cell('second', { initial: 0 });
    const cell = p.other ? second : first;
    function* write() {
      if (p.guard) yield* lock.lock();
      yield* cell.add(1);
      yield* cell.add(-1);
      if (p.guard) yield* lock.unlock();
    }
    m.actors('writer', 2, () => write);
    m.always('one at a time', [first], (value) => value <= 1 || 'two write the first');
    m.always('one at a time too', [second], (value) => value <= 1 || 'two write the second');
  },
});

const guarded = { what: 'guarded', model: writers.with({ guard: true }) as Model };
const open = { what: 'open', model: writers as Model };
const other = { what: 'other', model: writers.with({ other: true }) as Model };
const options = { seed: 1n, workers: 1, rounds: [50, 500] } as const;
const wanted = { kind: 'assertion', cell: 'first' } as const;

describe('reproduce', () => {
  it('finds the candidate that shows it, and shrinks its schedule', async () => {
    const { reproduction, schedules, candidates } = await reproduce(wanted, [guarded, open], options);
    expect(reproduction?.candidate).toBe(open);
    expect(reproduction?.finding).toMatchObject({ kind: 'assertion', minimal: true, steps: 2, contextSwitches: 1 });
    expect(candidates).toBe(2);
    // What there is of the first is tried to the end, in a few.
    expect(schedules).toBeLessThan(50);
  });

  it('passes over what breaks another cell', async () => {
    const { reproduction, schedules, candidates } = await reproduce(wanted, [other], options);
    expect(reproduction).toBeUndefined();
    expect(schedules).toBeGreaterThan(0);
    expect(candidates).toBe(1);
  });

  it('passes over another kind', async () => {
    const search = await reproduce({ kind: 'deadlock' }, [open], options);
    expect(search.reproduction).toBeUndefined();
  });

  it('says how much it searched in vain', async () => {
    const search = await reproduce(wanted, [guarded, other], options);
    expect(search).toMatchObject({ reproduction: undefined, candidates: 2 });
    expect(search.schedules).toBeGreaterThan(0);
    // Every schedule of the one in which the other cell breaks.
    expect(search.otherwise).toBeGreaterThan(0);
  });

  it('finds within a few schedules what a priority strategy takes hundreds for', async () => {
    const candidate = { what: 'limiter', model: limiter as Model };
    const { reproduction, schedules } = await reproduce({ kind: 'assertion' }, [candidate], {
      ...options,
      rounds: [200],
    });
    expect(reproduction?.finding).toMatchObject({ kind: 'assertion', steps: 5 });
    expect(schedules).toBeLessThan(50);
    const fixed = { what: 'fixed', model: limiter.with({ fixed: true }) as Model };
    expect(await reproduce({ kind: 'assertion' }, [fixed], { ...options, rounds: [202] })).toMatchObject({
      reproduction: undefined,
      ...{ otherwise: 0, candidates: 1 },
    });
  });

  it('ends when it is told to', async () => {
    const search = await reproduce(wanted, [open], { ...options, signal: AbortSignal.abort() });
    expect(search).toEqual({ reproduction: undefined, schedules: 0, candidates: 0, otherwise: 0 });
  });

  it('finds the same schedule with the same seed', async () => {
    const [once, again] = await Promise.all([
      reproduce(wanted, [guarded, open], options),
      reproduce(wanted, [guarded, open], options),
    ]);
    expect(once.reproduction?.finding).toEqual(again.reproduction?.finding);
    expect(once.schedules).toBe(again.schedules);
  });
});

describe('wantedOf', () => {
  const found = (signature: Partial<LiveFinding['signature']>) =>
    wantedOf({
      kind: 'leak',
      signature: { kind: 'leak', cell: 'folio', function: 'punch', op: 'free', ...signature },
    } as LiveFinding);

  it('is the kind and the cell class of the op', () => {
    expect(found({})).toEqual({ kind: 'leak', cell: 'folio' });
  });

  it('is the kind alone for a check at rest, which blames another cell than the op that breaks it', () => {
    expect(found({ function: '' })).toEqual({ kind: 'leak', cell: undefined });
  });

  it('is the kind alone for a deadlock', () => {
    expect(found({ cell: '' })).toEqual({ kind: 'leak', cell: undefined });
  });
});
