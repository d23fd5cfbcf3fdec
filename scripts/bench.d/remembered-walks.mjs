/**
 * Races walks by remembered steps against the interpreter that takes every step, on guest_memfd cells and on preparedness:
 * the same schedules by the same shard, which take turns chunk by chunk. Part of bench explore.
 */

import { isDeepStrictEqual } from 'node:util';
import { applySettings, builtinScenario, compileModel, gmem } from 'faultline';
import { profileOf } from '../../dist/src/explore/profile.js';
import { BLOCK, Shard } from '../../dist/src/explore/shard.js';
import { withVcpus } from '../../dist/src/gmem/scenarios/with-vcpus.js';

const STEP_BOUND = 10_000;
const BLOCKS = 200;

const cell = (scenario, scheme, vcpus) => gmem(withVcpus(applySettings(builtinScenario(scenario), {}), vcpus), scheme);

/** Name, model, and the least ratio. */
const cells = (preparedness) => [
  ['fault-vs-convert v3-inplace, 1 vCPU', cell('fault-vs-convert', 'v3-inplace', 1), 2.5],
  ['fault-vs-convert v3-inplace, 3 vCPUs', cell('fault-vs-convert', 'v3-inplace', 3), 2.5],
  ['fault-vs-punch bitmap-nolock, 2 vCPUs', cell('fault-vs-punch', 'bitmap-nolock', 2), 2.5],
  ['preparedness, N = 3', preparedness.with({ faults: 3 }), 1.2],
];

/** Ratios of steps per second of CPU time, remembered to interpreted: one for each round. */
async function ratios(model, strategy, rounds) {
  const shards = [];
  for (const kernel of [true, false]) {
    const program = await compileModel(model);
    const profile = profileOf(program, STEP_BOUND);
    const settings = { strategy, depth: 3, seed: 1n, stepBound: STEP_BOUND, keepGoing: true, profile, kernel };
    shards.push({ shard: new Shard(program, settings), racing: profile.racing });
  }
  const found = [];
  for (let round = 0; round < rounds; round++) {
    const [remembered, interpreted] = shards.map(({ shard, racing }) => {
      const order = { first: round * BLOCKS, count: BLOCKS, size: BLOCK, schedules: BLOCKS * BLOCK, racing };
      const start = process.cpuUsage();
      const chunk = shard.run(order);
      const { user, system } = process.cpuUsage(start);
      return { chunk, time: user + system };
    });
    if (!isDeepStrictEqual(remembered.chunk, interpreted.chunk)) throw new Error('the two came to different results');
    found.push(interpreted.time / remembered.time);
  }
  return found;
}

/** Prints them; `bar` is told each that has a bar, and `median` takes a list. */
export async function raceRememberedWalks(preparedness, rounds, median, bar) {
  console.log('\nby remembered steps, times the interpreter');
  for (const [name, model, least] of cells(preparedness)) {
    for (const strategy of ['random', 'pct', 'pos', 'mixed']) {
      bar(`${name}: ${strategy}`, median(await ratios(model, strategy, rounds)), least);
    }
  }
}
