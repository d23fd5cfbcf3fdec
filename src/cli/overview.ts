/**
 * `faultline` without a word: the table of all built-in schemes, then one finding in columns.
 */

import { commandOf } from '../kept/story.js';
import { runCompare } from './compare/run-compare.js';
import { runExplore } from './explore/run-explore.js';
import { usualEngine, usualStrategy, usualWorkers } from './options/engine-options.js';
import { ExitStatus } from './terminal/exit-status.js';
import { print } from './terminal/terminal.js';

/** The prepared bit of a page that was punched is inherited by the folio that comes after it. */
const SHOWN = { scenario: 'fault-vs-punch', scheme: 'bitmap-nolock' };

const OPENING = `Every interleaving of the usual scenarios (rows) under the usual locking schemes of
guest_memfd (columns) is searched now: some fifteen seconds on two idle cores.

`;

/** What to type next. */
const NEXT = [
  'list scenarios                 # what is in the rows, and more; list schemes: columns',
  'explore fault-vs-convert       # one of them, as it breaks',
  'init mine                      # a model of your own, with its test',
];

/** Prints both. The exit status is that of the table: the finding is there to be looked at. */
export async function overview(): Promise<void> {
  const common = {
    seed: 1n,
    set: {},
    json: false,
    quiet: false,
    ...usualEngine,
    ...usualStrategy,
    workers: usualWorkers(),
  };
  print(OPENING);
  const status = await runCompare(common);
  process.exitCode = status;
  if (status === ExitStatus.Interrupted) return;
  print('\nOne of them in columns:\n\n');
  const { scenario, scheme } = SHOWN;
  await runExplore(scenario, { ...common, scheme, keepGoing: false, kernel: true, coverage: false, unfold: false });
  print(`\nNext:\n${NEXT.map((words) => `  ${commandOf(words)}`).join('\n')}\n`);
}
