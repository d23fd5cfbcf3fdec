/**
 * Notes below the options in the help of a verb, and lists, within the width of the terminal. Imported by the verbs.
 *
 * Commander wraps them: what the reports use (report/wrap.ts) knows how wide any letter is, and would be loaded with every
 * verb for that.
 */

import { type Command, Help } from 'commander';
import { terminalWidth } from '../terminal/terminal.js';

/** Adds paragraphs with empty lines between them. A line that begins with a space stays as it is. */
export function addNote(command: Command, text: string): Command {
  return command.addHelpText('after', () => `\n${wrappedParagraphs(text, terminalWidth())}`);
}

/** Paragraphs in lines of at most `width`. */
function wrappedParagraphs(text: string, width: number): string {
  const paragraphs = text.trim().split(/\n{2,}/);
  return paragraphs.map((paragraph) => wrappedLines(paragraph, width).join('\n')).join('\n\n');
}

function wrappedLines(paragraph: string, width: number): string[] {
  if (/^ /m.test(paragraph)) return paragraph.split('\n');
  return linesOf(paragraph.replace(/\n/g, ' '), width);
}

/** A text of ours in lines of at most `width` letters. */
export function linesOf(text: string, width: number): string[] {
  return new Help().boxWrap(text, width).split('\n');
}
