/**
 * World note: what a user should know of a scenario under a scheme that no kernel has ever been. Used by the command
 * line.
 */

import type { Scenario } from './scenarios/scenario.js';
import type { Scheme } from './scheme.js';

/**
 * Labels (docs/kernel.md) of the versions and proposals whose fault calls the hook without asking the attribute. They
 * are of before in-place conversion, when shared faults went to ordinary memory and never came to kvm_gmem_get_pfn().
 */
const PREPARES_ALL: ReadonlySet<string> = new Set(['V1', 'V2', 'S4', 'S5', 'S6', 'S9']);

/** One sentence, or undefined where there is nothing to say. */
export function worldNote({ arch, conversion, actors }: Scenario, { name, version }: Scheme): string | undefined {
  if (arch !== 'snp' || conversion !== 'in-place' || !PREPARES_ALL.has(version)) return undefined;
  const shared = actors.find(({ calls }) => calls.some(({ spec }) => 'as' in spec && spec.as === 'shared'));
  if (shared === undefined) return undefined;
  return (
    `${name} is of before in-place conversion: its fault prepares every page as private, and no kernel of it lets a ` +
    `shared guest access, as ${shared.name} makes, come there; what breaks by that alone is no bug of it ` +
    '(v3-inplace asks the attribute first; --set conversion=vm-attributes gives shared memory pages of its own)'
  );
}
