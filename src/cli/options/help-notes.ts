/**
 * Notes below the options in the help of a verb, within the width of the terminal. Imported by the verbs.
 */

import type { Command } from 'commander';
import { wrapWords } from '../../report/wrap.js';
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
  return wrapWords(paragraph, width);
}
