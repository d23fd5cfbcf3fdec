/**
 * Models as people write them by mistake, for the tests of budget and Ctrl-C. Those that do not come back say so on stderr
 * first, so that a test can wait for it; before that they run a few ops.
 */

const model = (name: string, build: string): string => `import { atomic, defineModel } from 'faultline';
import { writeSync } from 'node:fs';

const loopsFrom = (place) => {
  writeSync(2, 'looping in ' + place + '\\n');
  for (;;);
};

export default defineModel({
  name: '${name}',
  source: import.meta.url,
  parameters: {},
  build(m) {
    const c = m.cell('c');
    ${build}
  },
});
`;

/** Never comes back from `build`. */
export const endlessBuild = model('endless-build', "loopsFrom('build');");

/** Loops without an op behind its first one. */
export const endlessRoutine = model(
  'endless-routine',
  "m.actor('task', function* reads() { yield* c.read(); loopsFrom('reads'); });",
);

/** The same where so few orders lead there that walks do not come to it, and more of them break something. */
export const endlessSeldom = model(
  'endless-seldom',
  `m.actor('writer', function* writes() { for (let k = 1; k <= 12; k++) yield* c.write(k); });
    m.actor('reader', function* reads() {
      const seen = [yield* c.read(), yield* c.read(), yield* c.read()];
      if (seen.join() === '3,6,10') loopsFrom('reads');
      if (seen.join() === '4,7,7') yield* c.write(-1);
    });
    m.always('never below', [c], (value) => value >= 0);`,
);

/** Its check loops. */
export const endlessCheck = model(
  'endless-check',
  `m.actor('task', function* writes() { yield* c.write(1); yield* c.write(2); });
    m.always('never two', [c], (value) => { if (value === 2) loopsFrom('the check'); return true; });`,
);

/** Spins without a retry: each round is a local state of its own, and a schedule runs to its bound. */
export const spin = model(
  'spin',
  `m.actor('waiter', function* waits() { while ((yield* c.read()) !== 2); });
    m.actor('setter', function* sets() { yield* c.write(1); yield* c.write(2); });`,
);

/** Nobody ever finishes: two go round without a retry. They say so when they have gone on for a while. */
export const treadmill = model(
  'treadmill',
  `m.actors('walker', 2, () => function* walks() {
      for (let i = 0; ; i++) {
        if (i === 5000) writeSync(2, 'walking\\n');
        yield* c.write(i % 5);
      }
    });`,
);

/** A check that never comes back from the initial state, in which everybody asks it first. */
export const endlessInitially = model(
  'endless-initially',
  `m.actors('writer', 2, () => function* writes() { yield* c.write(1); });
    m.always('loops', [c], (value) => value !== 0 || loopsFrom('check'));`,
);
