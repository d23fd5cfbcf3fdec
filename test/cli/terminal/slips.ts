/**
 * Models as people write them by mistake, for the tests of budget and Ctrl-C. Those that do not come back say so on stderr
 * first, so that a test can wait for it; before that they run a few ops.
 */

/** A round that leaves the processor to others: what is tested is that nobody comes back. */
const NAPS = 'Atomics.wait(nobody, 0, 0, 10)';

const model = (name: string, build: string, round = NAPS): string => `import { atomic, defineModel } from 'faultline';
import { writeSync } from 'node:fs';

const loopsFrom = (place) => {
  writeSync(2, 'looping in ' + place + '\\n');
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (;;) ${round};
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

/** The same where not even a call is made from within the loop. */
export const endlessSpin = model(
  'endless-spin',
  "m.actor('task', function* reads() { yield* c.read(); loopsFrom('reads'); });",
  '',
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
