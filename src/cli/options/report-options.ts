/**
 * The options that say how much a report tells. Imported by the verbs that print one.
 */

import { Option } from 'commander';
import type { Unfold } from '../../report/column-rows.js';

/** What `--unfold` gave. */
export interface UnfoldWords {
  readonly unfold: boolean;
}

/** `--unfold` */
export function unfoldOption(): Option {
  return new Option('--unfold', 'show every atomic section op by op, not only the one that breaks').default(
    false,
    'the one that breaks',
  );
}

/** Which sections are unfolded. */
export function unfoldOf({ unfold }: UnfoldWords): Unfold {
  return unfold ? 'all' : 'broken';
}

/** What `--coverage` gave. */
export interface CoverageWords {
  readonly coverage: boolean;
}

/** `--coverage` */
export function coverageOption(): Option {
  return new Option('--coverage', 'name all ops, events and outcomes of tests that were not reached').default(
    false,
    'a few that the calls lead to',
  );
}
