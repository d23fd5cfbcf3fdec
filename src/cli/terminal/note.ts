/**
 * Notes: what stands on stderr. A terminal shows them in lines of its width, with whole words on each; a pipe or a file gets
 * one line a note, as those who search and count lines expect. Imported by whatever writes there.
 */

import { plainText } from '../../core/plain-text.js';

/** Lines are no shorter than that, however narrow a terminal may be. */
const NARROWEST = 20;

/** A note as stderr shows it, without the end of its last line. */
export function noteText(note: string): string {
  const { isTTY, columns } = process.stderr;
  const text = plainText(note);
  return isTTY && columns > 0 ? wrapNote(text, Math.max(columns, NARROWEST)).join('\n') : text;
}

/**
 * A note in lines of at most `width`, all but the first indented. What stands to be copied, a path or a token, stays whole
 * however long it is; lines that are indented already, as those of a stack are, stay as they are.
 */
export function wrapNote(text: string, width: number, indent = '  '): string[] {
  return text.split('\n').flatMap((line) => {
    if (/^\s/.test(line)) return [line];
    const lines: string[] = [];
    for (const word of line.split(' ')) {
      const last = lines.at(-1);
      if (last === undefined) lines.push(word);
      else if (mostPlaces(last) + 1 + mostPlaces(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(indent + word);
    }
    return lines;
  });
}

/** The most places that a text may take: whatever measures it well takes longer to load than many a command runs. */
function mostPlaces(text: string): number {
  let places = 0;
  for (const character of text) places += character >= ' ' && character <= '~' ? 1 : 2;
  return places;
}
