/**
 * The preparedness benchmark on fast-check's scheduler in its fastest usage: the arbitrary is asked directly, one
 * scheduler a run, and the wait loop is our own. A step is a task of the scheduler; an actor that has to wait for the
 * lock offers none. (A task that is picked and finds the lock taken does nothing: a draw that is rejected, so the walk
 * stays uniform among those that can run.)
 */
import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const READY = Promise.resolve();
/** Random numbers that a run may use up; a scheduler works on a copy of the generator. */
const NUMBERS_A_RUN = 40;

/** A walker for N faults and the converter. `walk(runs, ends)` returns the steps and counts V in `ends`. */
export function walkerByFastCheck(faults) {
  const schedulers = fc.scheduler();
  const random = new fc.Random(xoroshiro128plus(1));
  let steps = 0;

  async function run() {
    for (let i = 0; i < NUMBERS_A_RUN; i++) random.nextInt(0, 1);
    const scheduler = schedulers.generate(random, undefined).value;
    let lock = 0;
    let flag = 0;
    let rmp = 0;
    let content = -1;
    let v = 0;
    let waiting = [];
    /** Actors that were woken and have not looked yet. */
    let woken = 0;

    function setLock(value) {
      lock = value;
      if (waiting.length === 0) return;
      const all = waiting;
      waiting = [];
      woken += all.length;
      for (const wake of all) wake();
    }

    // Written out and not called: an await more, and an actor would offer its next step too late for the next pick.
    async function fault(me) {
      do {
        while (lock < 0) {
          await new Promise((wake) => waiting.push(wake));
          woken--;
        }
        await scheduler.schedule(READY);
      } while (lock < 0);
      steps++;
      setLock(lock + 1);
      await scheduler.schedule(READY);
      steps++;
      if (flag === 0) {
        await scheduler.schedule(READY);
        steps++;
        content = 0;
        await scheduler.schedule(READY);
        steps++;
        if (rmp === 1) v |= 1;
        rmp = 1;
        await scheduler.schedule(READY);
        steps++;
        flag = 1;
      }
      await scheduler.schedule(READY);
      steps++;
      setLock(lock - 1);
      await scheduler.schedule(READY);
      steps++;
      content = me;
      await scheduler.schedule(READY);
      steps++;
      if (content === 0) v |= 2;
      else if (content === -1) v |= 4;
    }

    async function convert() {
      do {
        while (lock !== 0) {
          await new Promise((wake) => waiting.push(wake));
          woken--;
        }
        await scheduler.schedule(READY);
      } while (lock !== 0);
      steps++;
      setLock(-1);
      await scheduler.schedule(READY);
      steps++;
      rmp = 0;
      await scheduler.schedule(READY);
      steps++;
      flag = 0;
      await scheduler.schedule(READY);
      steps++;
      setLock(0);
    }

    for (let actor = 1; actor <= faults; actor++) fault(actor);
    convert();
    while (scheduler.count() > 0) {
      await scheduler.waitOne();
      while (woken > 0) await undefined;
    }
    return v;
  }

  return async function walk(runs, ends) {
    steps = 0;
    for (let i = 0; i < runs; i++) ends[await run()]++;
    return steps;
  };
}
