/**
 * `faultline` without a word: the table of all built-in schemes, then one finding in columns.
 */

import { runCompare } from './compare/run-compare.js';
import { runExplore } from './explore/run-explore.js';
import { usualEngine, usualStrategy, usualWorkers } from './options/engine-options.js';
import { ExitStatus } from './terminal/exit-status.js';
import { print } from './terminal/terminal.js';

/** R4 of the kernel facts: the prepared bit of a punched page is inherited by the next folio. */
const SHOWN = { scenario: 'fault-vs-punch', scheme: 'bitmap-nolock' };

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
  const status = await runCompare(common);
  process.exitCode = status;
  if (status === ExitStatus.Interrupted) return;
  print('\nOne of them in columns:\n\n');
  const { scenario, scheme } = SHOWN;
  await runExplore(scenario, { ...common, scheme, keepGoing: false, coverage: false, unfold: false });
}
