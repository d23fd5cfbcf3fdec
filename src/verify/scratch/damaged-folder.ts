/**
 * Damaged folders: what is said of a scratch folder that is not as it was left. Used by the search on disk.
 */

import { InputError } from '../../core/errors.js';

/** Thrown for a file that is gone, too short, or not as it was written. */
export class DamagedFolder extends InputError {
  constructor(path: string) {
    super(
      `faultline: ${path} is not as it was written; what the folder holds is of no use any more. Remove it and begin anew.`,
    );
  }
}
