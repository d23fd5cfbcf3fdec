import { describe, expect, it } from 'vitest';
import { defineModel, type Model } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { verify } from '../../src/verify/verify.js';
import { abba } from '../oracles/classic/abba.js';
import { philosophers } from '../oracles/classic/philosophers.js';

const ALL = { all: true, coverage: false };

function modelOf(build: (m: ModelBuilder) => void): Model {
  return defineModel({ name: 'locks', build });
}

async function kindsOf(model: Model): Promise<readonly string[]> {
  return (await verify(model, ALL)).findings.map(({ kind }) => kind);
}

describe('lock order', () => {
  it('tells of opposite orders even where a gate keeps the deadlock away', async () => {
    const { findings } = await verify(abba.with({ gated: true }), ALL);
    expect(findings.map(({ signature }) => signature)).toEqual(['lock-order in task: a -> b -> a']);
    expect(findings[0].lockCycle?.map(({ held, wanted }) => `${held} ${wanted}`).sort()).toEqual(['a b', 'b a']);
    expect(findings[0].words).toMatch(/^b is taken while a is held, a is taken while b is held/);
  });

  it('says no more than deadlock where a run was stuck in that ring', async () => {
    expect(await kindsOf(abba)).toEqual(['deadlock']);
    expect(await kindsOf(philosophers)).toEqual(['deadlock']);
  });

  it('is content with one order, and with members of one class in order', async () => {
    expect(await kindsOf(abba.with({ broken: false }))).toEqual([]);
    expect(await kindsOf(philosophers.with({ broken: false }))).toEqual([]);
  });

  it('takes locks by class: opposite orders on different objects are opposite orders', async () => {
    const model = modelOf((m) => {
      const [folio, inode] = [m.mutex('folio_lock', { count: 2 }), m.mutex('inode_lock')];
      m.actor('one', function* one() {
        yield* folio.at(0).lock();
        yield* inode.lock();
        yield* inode.unlock();
        yield* folio.at(0).unlock();
      });
      m.actor('two', function* two() {
        yield* inode.lock();
        yield* folio.at(1).lock();
        yield* folio.at(1).unlock();
        yield* inode.unlock();
      });
    });
    const { findings } = await verify(model, ALL);
    expect(findings.map(({ signature }) => signature)).toEqual([
      'lock-order in one / two: folio_lock -> inode_lock -> folio_lock',
    ]);
  });

  /** Two tasks take two locks for reading, in opposite orders; a gate keeps them apart. */
  const readers = (kind: 'rwsem' | 'rwlock' | 'srcu'): Model =>
    modelOf((m) => {
      const sections = (['a', 'b'] as const).map((name) => {
        if (kind === 'rwsem') {
          const lock = m.rwsem(name);
          return { enter: () => lock.downRead(), leave: () => lock.upRead() };
        }
        if (kind === 'rwlock') {
          const lock = m.rwlock(name);
          return { enter: () => lock.readLock(), leave: () => lock.readUnlock() };
        }
        const srcu = m.srcu(name);
        let index = 0;
        return {
          *enter() {
            index = yield* srcu.readLock();
          },
          leave: () => srcu.readUnlock(index),
        };
      });
      const gate = m.mutex('gate');
      const take = ([first, second]: typeof sections) =>
        function* task() {
          yield* gate.lock();
          yield* first.enter();
          yield* second.enter();
          yield* second.leave();
          yield* first.leave();
          yield* gate.unlock();
        };
      m.actor('ab', take(sections));
      m.actor('ba', take(sections.toReversed()));
    });

  it('knows that readers do not stop readers', async () => {
    expect(await kindsOf(readers('srcu'))).toEqual([]);
  });

  it.each(['rwsem', 'rwlock'] as const)('knows that a writer who queues between two readers does: %s', async (kind) => {
    expect(await kindsOf(readers(kind))).toEqual(['lock-order']);
  });

  it('names what else was held, and the gate that keeps the tasks apart', async () => {
    const gate = { name: 'gate', as: 'write' };
    const { findings } = await verify(abba.with({ gated: true }), ALL);
    expect(findings[0].lockCycle?.map(({ others }) => others)).toEqual([[gate], [gate]]);
    expect(findings[0].words).toMatch(/for ever \(here gate keeps them apart\)$/);
  });

  it('draws no edge to a lock that is only tried', async () => {
    const model = modelOf((m) => {
      const [a, b] = [m.mutex('a'), m.mutex('b')];
      m.actor('ab', function* ab() {
        yield* a.lock();
        yield* b.lock();
        yield* b.unlock();
        yield* a.unlock();
      });
      m.actor('ba', function* ba() {
        yield* b.lock();
        if (yield* a.trylock()) yield* a.unlock();
        yield* b.unlock();
      });
    });
    expect(await kindsOf(model)).toEqual([]);
  });

  it('is the same with and without reductions', async () => {
    for (const reductions of [{}, { por: false }, { symmetry: false }, { merge: false, por: false, symmetry: false }]) {
      const { findings } = await verify(abba.with({ gated: true }), { ...ALL, ...reductions });
      expect(findings.map(({ kind }) => kind)).toEqual(['lock-order']);
    }
  });
});
