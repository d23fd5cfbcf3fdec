import { describe, expect, it } from 'vitest';
import { compileModel, defineModel, here, type Model } from '../../src/index.js';
import { completeAutomaton } from '../../src/space/complete.js';
import { MergedView } from '../../src/space/merge.js';
import { Met } from '../../src/space/met.js';
import { NodeTexts } from '../../src/space/node-texts.js';
import { Walks } from '../../src/space/walks.js';
import { verify } from '../../src/verify/verify.js';

const ORDER = { all: true, symmetry: false, por: false, coverage: false };

async function states(model: Model, merge: boolean): Promise<number> {
  return (await verify(model, { ...ORDER, merge })).states;
}

describe('merging', () => {
  it('forgets what was learned once nothing depends on it', async () => {
    const model = defineModel({
      name: 'forgetful',
      build(m) {
        const [seen, other] = [m.cell('seen'), m.cell('other')];
        m.actor('reader', function* reader() {
          yield* seen.read();
          yield* other.write(1);
          yield* other.write(2);
        });
        m.actor('writer', function* writer() {
          yield* seen.write(7);
        });
      },
    });
    expect(await states(model, true)).toBe(8);
    expect(await states(model, false)).toBe(10);
  });

  it('lets a register go when nothing reads it any more', async () => {
    const model = defineModel({
      name: 'registers',
      build(m) {
        const items = m.domain('item', 3);
        const [source, target] = [m.refCell('source', items), m.refCell('target', items)];
        const cell = m.cell('cell');
        m.actor('copier', function* copier() {
          const item = yield* source.read();
          yield* target.write(item);
          yield* target.write(null);
          yield* cell.write(1);
        });
        m.actor('writer', function* writer() {
          yield* source.write(items.id(0));
          yield* source.write(items.id(2));
        });
      },
    });
    expect(await states(model, true)).toBeLessThan(await states(model, false));
  });

  it('keeps ops apart that look the same and do different things', async () => {
    const model = defineModel({
      name: 'lookalikes',
      build(m) {
        const [choice, cell] = [m.cell('choice'), m.cell('cell')];
        m.actor('a', function* a() {
          const limit = (yield* choice.read()) === 0 ? 100 : 200;
          // Only a value that no random walk is likely to meet tells the two apart.
          yield* cell.apply<void>('clip', 'none', { next: (value) => Math.min(value, limit) });
        });
        m.actor('b', function* b() {
          yield* choice.write(1);
        });
        m.actor('c', function* c() {
          for (let i = 0; i < 10; i++) yield* cell.add(15);
        });
        m.finally('bound', [cell], (value) => value <= 150);
      },
    });
    const merged = await verify(model, { ...ORDER, merge: true });
    const plain = await verify(model, { ...ORDER, merge: false });
    expect([merged.finalStates, merged.verdict]).toEqual([plain.finalStates, plain.verdict]);
    expect(merged.finalStates).toBeGreaterThan(2);
  });

  it('starts over when it meets a result that no walk met', async () => {
    const model = defineModel({
      name: 'needle',
      build(m) {
        const [step, hit] = [m.cell('step'), m.cell('hit')];
        m.actor('counter', function* counter() {
          for (let i = 0; i < 30; i++) yield* step.add(1);
        });
        m.actor('seeker', function* seeker() {
          // Three looks that must all fall between the last two steps of the counter.
          for (let i = 0; i < 3; i++) {
            const found = yield* step.apply<boolean>('step == 29', 'boolean', { result: (v) => (v === 29 ? 1 : 0) });
            if (!found) return;
          }
          yield* hit.write(1);
        });
        m.always('never', [hit], (value) => value === 0 || 'found');
      },
    });
    const program = await compileModel(model);
    const met = new Met(program.automaton);
    new Walks(program, met).fromStart();
    const completion = completeAutomaton(program, met);
    if (typeof completion === 'string') throw new Error(completion);
    const view = new MergedView(program.automaton, completion, new NodeTexts(program.automaton, met));
    expect(view.classes).toBeLessThanOrEqual(completion.nodes.length);
    const { findings } = await verify(model, { ...ORDER, merge: true });
    expect(findings.map(({ words }) => words)).toEqual(['found']);
  });

  it('gives up with a reason where local states have no end', async () => {
    const model = defineModel({
      name: 'endless',
      build(m) {
        const cell = m.cell('cell');
        m.actor('spinner', function* spinner() {
          while (!(yield* cell.cmpxchg(2, 3)));
        });
        m.actor('other', function* other() {
          yield* cell.write(1);
        });
      },
    });
    const { reductions, verdict, stoppedBy } = await verify(model, { all: true, maxStates: 500, liveness: false });
    expect(verdict).toBe('inconclusive');
    expect(stoppedBy).toBe('the bound of 500 states');
    expect(reductions.merge.used).toBe(false);
    expect(reductions.merge.reasons.join()).toMatch(
      /local states of spinner have no end.*loop begin with here\(\) and go on with again\(\)$/,
    );
    expect(reductions.problem).toBe(reductions.merge.reasons[0]);
  });

  it('does not merge a first pass with the head of the loop behind it', async () => {
    const model = defineModel({
      name: 'unrolled',
      build(m) {
        const cell = m.cell('cell');
        m.actor(
          'looper',
          function* looper() {
            yield* cell.add(0);
            const again = yield* here();
            yield* cell.add(0);
            yield* again();
          },
          { daemon: true },
        );
        m.actor('stopper', function* stopper() {
          yield* cell.write(1);
        });
      },
    });
    expect(await states(model, true)).toBe(await states(model, false));
  });
});
