/** Threads of an engine. They run what was built: scripts/setup comes before the tests. */
import { describe, expect, it } from 'vitest';
import { endPool, workerPool } from '../../src/threads/worker-pool.js';

describe('workerPool', () => {
  it('starts what piscina can require(), which loads the ES module of the engine by import()', async () => {
    const pool = workerPool('verify', 'runLevels', 1);
    // Node ends the process when a thread is ended while it requires an ES module: seen once in some 450 times.
    expect(pool.options.filename).toMatch(/[\\/]dist[\\/]workers[\\/]entry\.cjs$/);
    await endPool(pool);
  });

  it('may be ended at any time while its threads load', async () => {
    for (let wait = 0; wait < 40; wait++) {
      const pool = workerPool('explore', 'runShardTask', 2);
      for (let turn = 0; turn < wait * 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      await endPool(pool);
    }
  });

  it('hands on what a task throws that its module throws', async () => {
    const pool = workerPool('explore', 'noSuchTask', 1);
    await expect(pool.run({})).rejects.toThrow(/is not a function/);
    await endPool(pool);
  });
});
