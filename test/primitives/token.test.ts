/** A token has changed exactly when somebody bumped it since the actor took it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { call } from '../../src/core/program/program-builder.js';
import { Executor } from '../../src/core/run/executor.js';
import { programOf, stepAll } from '../core/every-run.js';

const ACTORS = 3;
const verb = fc.constantFrom('take', 'changed', 'bump');
const scripts = fc.tuple(...Array.from({ length: ACTORS }, () => fc.array(verb, { maxLength: 6 })));

it('agrees with a counter, for every actor on its own', async () => {
  let yes = 0;
  let no = 0;
  await fc.assert(
    fc.asyncProperty(scripts, fc.infiniteStream(fc.nat()), async (scripts, random) => {
      const program = await programOf((m) => {
        const seq = m.token('seq');
        const verbs = {
          take: call('take', function* take() {
            yield* seq.take();
          }),
          changed: call('changed', function* changed() {
            return yield* seq.changed();
          }),
          bump: call('bump', function* bump() {
            yield* seq.bump();
          }),
        };
        scripts.forEach((script, actor) => {
          m.actor(
            `a${actor}`,
            script.map((each) => verbs[each]),
          );
        });
      });
      const executor = new Executor(program);
      // The reference: a counter that grows, and what each actor remembers of it.
      let counter = 0;
      const remembered = new Array<number>(ACTORS).fill(-1);
      while (executor.runnableCount > 0) {
        const actor = executor.runnable[random.next().value % executor.runnableCount];
        const position = executor.callsOf(actor);
        executor.step(actor);
        switch (scripts[actor][position]) {
          case 'take':
            remembered[actor] = counter;
            break;
          case 'bump':
            counter++;
            break;
          default: {
            const changed = remembered[actor] !== counter;
            expect(executor.resultOf(actor, position)).toBe(changed ? 1 : 0);
            if (changed) yes++;
            else no++;
          }
        }
      }
    }),
  );
  expect(Math.min(yes, no)).toBeGreaterThan(20);
});

it('has changed for an actor that never took it', async () => {
  const program = await programOf((m) => {
    const seq = m.token('seq');
    m.actor('task', function* asks() {
      return yield* seq.changed();
    });
  });
  const executor = new Executor(program);
  stepAll(executor, [0]);
  expect(executor.resultOf(0, 0)).toBe(1);
});

it('has changed for who bumped it, too', async () => {
  const program = await programOf((m) => {
    const seq = m.token('seq');
    m.actor('task', function* asks() {
      yield* seq.take();
      yield* seq.bump();
      return yield* seq.changed();
    });
  });
  const executor = new Executor(program);
  stepAll(executor, [0, 0, 0]);
  expect(executor.resultOf(0, 0)).toBe(1);
});

it('of an array is one for each object', async () => {
  const program = await programOf((m) => {
    const seqs = m.token('seq', { count: 2 });
    m.actor('task', function* asks() {
      yield* seqs.at(0).take();
      yield* seqs.at(1).take();
      yield* seqs.at(1).bump();
      const first = yield* seqs.at(0).changed();
      return (first ? 2 : 0) + ((yield* seqs.at(1).changed()) ? 1 : 0);
    });
  });
  const executor = new Executor(program);
  stepAll(executor, [0, 0, 0, 0, 0]);
  expect(executor.resultOf(0, 0)).toBe(1);
});
