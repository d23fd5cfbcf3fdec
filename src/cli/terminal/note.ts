/**
 * Notes: what stands on stderr. A terminal shows them in lines of its width, with whole words on each; a pipe or a file gets
 * one line a note, as those who search and count lines expect. Imported by whatever writes there.
 */

import { plainText } from '../../core/plain-text.js';
import { wrapNote } from '../../report/wrap.js';

/** Lines are no shorter than that, however narrow a terminal may be. */
const NARROWEST = 20;

/** A note as stderr shows it, without the end of its last line. */
export function noteText(note: string): string {
  const { isTTY, columns } = process.stderr;
  const text = plainText(note);
  return isTTY && columns > 0 ? wrapNote(text, Math.max(columns, NARROWEST)).join('\n') : text;
}
