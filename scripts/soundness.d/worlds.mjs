/**
 * Worlds to run live: a scenario under a scheme, on a few pages, for a while.
 *
 * A scenario is written for the smallest world that can break; a live run wants to be on several pages at once where an
 * actor that comes too late finds nothing to do, and on one where two have to meet. So a while is cut into slices that
 * take the sizes by turns, each with a seed of its own.
 */

import { availableParallelism } from 'node:os';
import { say } from '../../dist/src/cli/terminal/terminal.js';
import { scenarioName } from '../../dist/src/gmem/expectations.js';
import { loadScenario } from '../../dist/src/gmem/scenarios/load-scenario.js';
import { live } from '../../dist/src/live/live.js';
import { resolveSubject } from '../../dist/src/subject/subject.js';

/** Pages of a world, unless its calls need more. */
const SIZES = [1, 4, 32];
const SLICE_SECONDS = 2.5;
const SHORTEST_SLICE_SECONDS = 0.05;
/** Share of the environment's choices that fail; only some scenarios have any. */
const FAILURE_RATE = 0.1;

/** The name of a cell: scheme in scenario. */
export function cellName({ scenario, scheme, set = {} }) {
  return `${scheme} in ${scenarioName(scenario, set)}`;
}

/** The worlds of a cell as the command line makes them, one of each size. */
export function worldsOf({ scenario, scheme, set = {} }) {
  const { gfns } = loadScenario(scenario);
  const sizes = [...new Set(SIZES.map((size) => Math.max(size, gfns)))];
  return Promise.all(
    sizes.map((size) => resolveSubject({ scenario, scheme, settings: { ...set, gfns: String(size) } }, say)),
  );
}

/**
 * Runs the worlds by turns for so many seconds, which count from when the actors start, or until a finding says that it is enough.
 *
 * @param perturb rates of perturbation, by turns
 * @param isEnough asked at each finding
 * @returns calls, faults and seconds; `deaths`, which must be none; `found`: the first finding of each kind, with the
 *   world it was found in and with `after`, the faults until then
 */
export async function runWorlds(worlds, { seconds, perturb, isEnough = () => false }) {
  const sum = { faults: 0, calls: 0, seconds: 0, deaths: 0, audits: 0, found: [] };
  let enough = false;
  for (let slice = 0; !enough && sum.seconds < seconds - SHORTEST_SLICE_SECONDS; slice++) {
    const leftSeconds = seconds - sum.seconds;
    const world = worlds[slice % worlds.length];
    const rate = perturb[Math.floor(slice / worlds.length) % perturb.length];
    let endMs;
    // Asked for the first time when the threads have loaded the model.
    const deadline = () => {
      endMs ??= performance.now() + 1000 * Math.min(SLICE_SECONDS, leftSeconds);
      return performance.now() > endMs;
    };
    const threads = Math.min(2, availableParallelism());
    const run = live(world.model, {
      ...{ seed: BigInt(slice + 1), threads, perturb: rate, failureRate: FAILURE_RATE },
      deadline,
    });
    run.events.subscribe((event) => {
      if (event.type !== 'finding') return;
      const { finding } = event;
      if (!sum.found.some(({ kind }) => kind === finding.kind)) {
        sum.found.push({ kind: finding.kind, finding, world, after: sum.faults + finding.faults });
      }
      if (enough || !isEnough(sum.found)) return;
      enough = true;
      void run.stop();
    });
    const report = await run.done;
    for (const count of ['faults', 'calls', 'seconds', 'audits']) sum[count] += report[count];
    sum.deaths += report.deaths.length;
  }
  return sum;
}
