/**
 * Large worlds of guest_memfd for bench verify: three vCPUs and a converter, searched with the kernel, without it, and, if
 * FAULTLINE_BEFORE names a folder with another built version of Faultline, by that. All in one process, by turns, through
 * the library; medians of the time from the call to the answer, and all of them must come to the same numbers.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ours from 'faultline';

const SCHEME = 'v3-inplace';
const NO_MORE = { liveness: false, lockOrder: false, coverage: false };
/** What is searched, and how many times as fast as commit 5c01435 it has to be. */
const WAYS = [
  ['merging only', { symmetry: false, por: false, ...NO_MORE }, 6],
  ['with order reduction', { symmetry: false, ...NO_MORE }, 7],
  ['verify as it is by default', {}, 2.5],
];

/** The built-in scenario with two more vCPUs like the first. */
function worldOf(library) {
  const scenario = structuredClone(library.builtinScenario('fault-vs-convert'));
  const [first, ...others] = scenario.actors;
  const vcpus = [0, 1, 2].map((number) => ({ ...structuredClone(first), name: `vCPU${number}` }));
  return library.gmem({ ...scenario, actors: [...vcpus, ...others] }, SCHEME);
}

/** Measures all; `bar` judges a ratio, `say` prints a line. */
export async function measureLargeWorlds(rounds, bar, say) {
  const folder = process.env.FAULTLINE_BEFORE;
  const before = folder && (await import(pathToFileURL(join(folder, 'dist/src/index.js')).href));
  say(`\nguest_memfd, fault-vs-convert, ${SCHEME}, 3 vCPUs`);
  for (const [name, options, times] of WAYS) {
    const contenders = [
      ['kernel', ours, options],
      ['without', ours, { ...options, kernel: false }],
      ...(before === undefined ? [] : [['before', before, options]]),
    ];
    const seconds = contenders.map(() => []);
    const counts = new Set();
    for (let round = 0; round < rounds; round++) {
      for (const [place, [, library, wanted]] of contenders.entries()) {
        globalThis.gc();
        const start = process.hrtime.bigint();
        const { verdict, states, transitions, finalStates } = await library.verify(worldOf(library), wanted);
        seconds[place].push(Number(process.hrtime.bigint() - start) / 1e9);
        counts.add(`${verdict}, ${states} states, ${transitions} transitions, ${finalStates} final states`);
      }
    }
    const medians = seconds.map((each) => each.sort((a, b) => a - b)[each.length >> 1]);
    const times3 = contenders.map(([which], place) => `${which} ${medians[place].toFixed(2)} s`).join(', ');
    say(`  ${name}: ${[...counts].join(' | ')}; ${times3}`);
    bar('answers', counts.size, 1, true);
    if (before !== undefined) bar('times as fast as before', medians[2] / medians[0], times);
    else bar('times as fast as without the kernel', medians[1] / medians[0], 1);
  }
}
