import { expect, it } from 'vitest';
import { Executor } from '../../src/core/run/executor.js';
import { PendingRaces } from '../../src/explore/may-race.js';
import { atomic, choose, compileModel, compute, defineModel } from '../../src/index.js';

it('two pending ops may race when they touch one word that one may write, or words that are not known', async () => {
  const model = defineModel({
    name: 'pairs',
    build(m) {
      const x = m.cell('x');
      const y = m.cell('y');
      const lock = m.mutex('lock');
      const routines = {
        readX: () => x.read(),
        addX: () => x.add(1),
        addY: () => y.add(1),
        lock: () => lock.lock(),
        compute: () => compute<void>('sum', [x, y], () => {}),
        choose: () => choose(2, 'either'),
      };
      for (const [name, op] of Object.entries(routines)) {
        m.actor(name, function* work() {
          yield* op();
        });
      }
      m.actor('section', function* work() {
        yield* atomic('section', function* () {
          yield* y.read();
          yield* x.add(1);
        });
      });
    },
  });
  const program = await compileModel(model);
  const executor = new Executor(program);
  const names = program.actors.map(({ name }) => name);
  const races = new PendingRaces(executor);
  const mayRace = (left: number, right: number) => {
    races.about(left);
    return races.mayRaceWith(right);
  };
  const racing = names.flatMap((left, one) =>
    names.filter((_, other) => other > one && mayRace(one, other)).map((right) => `${left} ${right}`),
  );
  expect(racing).toEqual([
    'readX addX',
    'readX compute',
    'readX section',
    'addX compute',
    'addX section',
    'addY compute',
    'addY section',
    'lock compute',
    'lock section',
    'compute choose',
    'compute section',
    'choose section',
  ]);
  names.forEach((_, one) => {
    names.forEach((__, other) => {
      expect(mayRace(one, other)).toBe(mayRace(other, one));
    });
  });
});
