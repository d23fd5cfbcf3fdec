/**
 * Recovering a journal: which of its bytes are records. A process that was killed, or a disk that was full, leaves a last
 * line that is not whole; that line is cut. Anything else that is no record is damage, and is not repaired in silence.
 * Nor is a record that does not follow the one before it: then two processes have written, or a part is missing. Used by
 * the journal.
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
 * @throws InputError when something that is no record stands before one, or the numbers do not ascend by one
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
      refuseGap(records, parsed, `${path}:${line}`);
      records.push(parsed);
      bytes = start;
    }
  }
  return { records, bytes };
}

/** Numbers ascend by one from 1; what compaction has kept of the part it left out ascends with gaps. */
function refuseGap(before: readonly NumberedRecord[], { number, record }: NumberedRecord, where: string): void {
  const [first, second] = before;
  const through = second?.record.type === 'compacted' ? second.record.through : 0;
  if (record.type === 'compacted' && before.length === 1 && number === record.through) return;
  // The record of the compaction itself has the last number of what was left out.
  const last = (before.length === 2 && through > 0 ? first : before.at(-1))?.number ?? 0;
  const isNext = number === Math.max(last, through) + 1;
  const isKept = number <= through && number > last;
  if (isNext || isKept) return;
  throw new InputError(
    `faultline: ${where}: record ${number} does not follow record ${last}: two processes have written into this journal, or ` +
      'a part of it is missing; the journal is used as it was written only.',
  );
}
