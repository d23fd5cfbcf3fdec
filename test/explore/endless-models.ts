/** Models in which a run may go on for ever, each with its repaired form; most after public reports. */
import { defineModel, here } from '../../src/index.js';

/**
 * main sets y and spins on x; the other sets x only if it sees y (github.com/MPI-SWS/genmc, issue 34). Broken: if the
 * other looked too early, main hangs.
 */
export const mayHang = defineModel({
  name: 'may-hang',
  parameters: { broken: true },
  build(m, p) {
    const [x, y] = [m.cell('x'), m.cell('y')];
    m.actor('main', function* main() {
      yield* y.write(1);
      const again = yield* here();
      if ((yield* x.read()) === 0) yield* again();
    });
    m.actor('run', function* run() {
      if (!p.broken || (yield* y.read()) === 1) yield* x.write(1);
    });
  },
});

/** Two tasks that each wait for the other's flag to fall, once each has seen it; fixed: one of them does not look. */
export const bothStepAside = defineModel({
  name: 'both-step-aside',
  parameters: { broken: true },
  build(m, p) {
    const wants = m.cells('wants', 2);
    m.actors('task', 2, (self) => {
      return function* task() {
        yield* wants.at(self).write(1);
        if (self === 1 || p.broken) {
          const again = yield* here();
          if ((yield* wants.at(1 - self).read()) === 1) yield* again();
        }
        yield* wants.at(self).write(0);
      };
    });
  },
});

/**
 * A puncher that looks again until a range is empty, and a reader that keeps faulting pages in (Linux f00cdc6df7d7).
 * The puncher may starve, but each of his runs can end. Fixed: the reader waits while a hole is punched.
 */
export const shmemHole = defineModel({
  name: 'shmem-hole',
  parameters: { broken: true },
  build(m, p) {
    const [page, falloc] = [m.cell('i_pages', { initial: 1 }), m.cell('shmem_falloc')];
    m.actor(
      'reader',
      function* fault() {
        const again = yield* here();
        if (!p.broken) yield* falloc.waitUntil((value) => value === 0);
        yield* page.write(1);
        yield* again();
      },
      { daemon: true },
    );
    m.actor('puncher', function* fallocate() {
      yield* falloc.write(1);
      yield* page.write(0);
      const again = yield* here();
      if ((yield* page.read()) === 1) {
        yield* page.write(0);
        yield* again();
      }
      yield* falloc.write(0);
    });
  },
});

/** Two daemons on a ticket lock: the tickets grow for ever, so no state comes again. */
export const tickets = defineModel({
  name: 'tickets',
  build(m) {
    const [next, owner, inside] = [m.cell('next_ticket'), m.cell('owner'), m.cell('inside')];
    m.actors(
      'T',
      2,
      () =>
        function* enter() {
          const again = yield* here();
          const mine = yield* next.fetchAdd(1);
          yield* owner.waitUntil((ticket) => ticket === mine);
          yield* inside.add(1);
          yield* inside.add(-1);
          yield* owner.add(1);
          yield* again();
        },
      { daemon: true },
    );
    m.actor('main', function* main() {
      yield* inside.read();
    });
    m.always('exclusive', [inside], (value) => value <= 1);
  },
});

/** A plain loop that spins until somebody has written twice; it has no mark, so each round is a new local state. */
export const plainSpin = defineModel({
  name: 'plain-spin',
  build(m) {
    const flag = m.cell('flag');
    m.actor('spinner', function* spin() {
      while ((yield* flag.read()) !== 2);
    });
    m.actor('setter', function* set() {
      yield* flag.write(1);
      yield* flag.write(2);
    });
  },
});

/** A task beside a daemon that never rests, and a check at the end; `holds`: that is true. */
export const besideTicker = defineModel({
  name: 'beside-ticker',
  parameters: { holds: false },
  build(m, p) {
    const [x, y] = [m.cell('x'), m.cell('y')];
    m.actor('worker', function* work() {
      yield* x.write(1);
    });
    m.actor(
      'ticker',
      function* tick() {
        const again = yield* here();
        yield* y.write(1);
        yield* y.write(0);
        yield* again();
      },
      { daemon: true },
    );
    m.finally('written, between two ticks', [x, y], (written, tick) => written === (p.holds ? 1 : 2) && tick === 0);
  },
});
