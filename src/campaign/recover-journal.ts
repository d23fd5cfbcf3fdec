/**
 * Recovering a journal: which of its bytes are records. A process that was killed, or a disk that was full, leaves a last
 * line that is not whole; that line is cut. Anything else that is no record is damage, and is not repaired in silence.
 * Used by the journal.
 */

import { InputError } from '../core/errors.js';
import { type NumberedRecord, parseJournalLine } from './journal-line.js';

/** What is left of a journal. */
export interface RecoveredJournal {
  readonly records: readonly NumberedRecord[];
  /** Length in bytes of the part that holds them; what comes after is to be cut. */
  readonly bytes: number;
}

const LINE_FEED = 10;

/**
 * Reads the records of a journal.
 *
 * @param path for the error
 * @throws InputError when something that is no record stands before one
 */
export function recoverJournal(content: Buffer, path: string): RecoveredJournal {
  const records: NumberedRecord[] = [];
  let bytes = 0;
  let torn: number | undefined;
  for (let start = 0, line = 1; start < content.length; line++) {
    const end = content.indexOf(LINE_FEED, start);
    if (end < 0) break;
    const parsed = parseJournalLine(content.toString('utf8', start, end));
    start = end + 1;
    if (parsed === undefined) torn ??= line;
    else if (torn !== undefined) {
      throw new InputError(
        `faultline: ${path}:${torn}: this line is damaged; the journal is used as it was written only.`,
      );
    } else {
      records.push(parsed);
      bytes = start;
    }
  }
  return { records, bytes };
}
