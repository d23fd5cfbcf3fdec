/**
 * The option that lets what a file holds be run. Imported by the verbs that take files which may be somebody else's.
 */

import { Option } from 'commander';

/** What `--trust` gave. */
export interface TrustWords {
  readonly trust: boolean;
}

/** `--trust` */
export function trustOption(): Option {
  const what = 'run the model or scheme that the file holds, although it is not on this disk word for word';
  return new Option('--trust', what).default(false, 'refused');
}
