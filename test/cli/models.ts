/**
 * Files as users write them, for the tests of the command line. All import 'faultline' from outside the package.
 */

/** Two tellers deposit without a lock: the library example of the README. */
export const account = `import { defineModel } from 'faultline';

export default defineModel({
  name: 'account',
  source: import.meta.url,
  parameters: { tellers: 2, locked: false },
  build(m, p) {
    const balance = m.cell('balance');
    const lock = m.mutex('lock');
    function* deposit() {
      if (p.locked) yield* lock.lock();
      const seen = yield* balance.read();
      yield* balance.write(seen + 1);
      if (p.locked) yield* lock.unlock();
    }
    m.actors('teller', p.tellers, () => deposit, { symmetric: true });
    m.finally('all counted', [balance], (b) => b === p.tellers || 'a deposit was lost');
  },
});
`;

/** Each waits for what the other never does. */
export const stuck = `import { defineModel } from 'faultline';

export default defineModel({
  name: 'stuck',
  source: import.meta.url,
  build(m) {
    const cell = m.cell('cell');
    function* spin() {
      const again = yield* here();
      if ((yield* cell.read()) === 0) yield* again();
    }
    m.actor('spinner', spin);
  },
});
`.replace('import { defineModel }', 'import { defineModel, here }');

/** A task that writes 1 beside a daemon that never rests; `wanted` is what it should have written. */
export const ticker = `import { defineModel, here } from 'faultline';

export default defineModel({
  name: 'ticker',
  source: import.meta.url,
  parameters: { wanted: 2 },
  build(m, p) {
    const [x, y] = [m.cell('x'), m.cell('y')];
    m.actor('worker', function* worker() {
      yield* x.write(1);
    });
    m.actor('ticker', function* tick() {
      const again = yield* here();
      yield* y.write(1);
      yield* y.write(0);
      yield* again();
    }, { daemon: true });
    m.finally('written', [x, y], (value, tick) => (value === p.wanted && tick === 0) || 'x is not ' + p.wanted);
  },
});
`;

/** V2 that forgets to mark a page it has cleared. */
export const forgetful = `import { defineScheme, v2HookEveryFault } from 'faultline';

export default defineScheme(v2HookEveryFault, {
  name: 'forgetful',
  title: 'V2 that clears on every fault',
  *prepareFolio(g, folio) {
    yield* g.clearHighpage(folio);
    return yield* g.arch.prepare(g, folio);
  },
});
`;

/** A scenario of the user's. */
export const scenario = `# One vCPU, and a host that takes the page away.
title: a write and a hole
gfns: 1
actors:
  - name: vCPU0
    calls:
      - write: 0
      - read: 0
  - name: puncher
    calls:
      - punch-hole: 0
`;
