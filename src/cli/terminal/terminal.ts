/**
 * The terminal: results go to stdout, everything else to stderr, a note each. Imported by the verbs.
 */

import { InputError } from '../../core/errors.js';
import { plainJson, plainText } from '../../core/plain-text.js';
import { endProgram } from './ending.js';
import { ExitStatus } from './exit-status.js';
import { noteText } from './note.js';

/** Width of what is no terminal. */
const USUAL_WIDTH = 80;

/** What our own colours are made of: bold and red, and their ends. */
const COLOR = new RegExp(`(${String.fromCharCode(27)}\\[(?:1|22|31|39)m)`);

/** Writes a result: lines and our own colours, and whatever else is in it as it reads (core/plain-text.ts). */
export function print(text: string): void {
  const shown = text.split(COLOR).map((part, place) => (place % 2 === 0 ? plainText(part) : part));
  write(shown.join(''));
}

/** Writes a text that is to be saved: word for word, unless a terminal shows it. */
export function printText(text: string): void {
  if (process.stdout.isTTY) print(text);
  else write(text);
}

/** Writes what is no text; a terminal would take it for commands. Throws InputError, which says where to put it. */
export function printBytes(bytes: Uint8Array, option: string, file: string): void {
  if (process.stdout.isTTY) {
    throw new InputError(`faultline: ${option}: it is no text for a terminal; write it to a file: > ${file}`);
  }
  process.stdout.write(bytes);
}

function write(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes one JSON document. Integers beyond 2^53 are strings. */
export function printJson(document: unknown): void {
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? seedValue(value) : value);
  write(plainJson(JSON.stringify(document, plain, 2)));
}

/** Places that a line of results may take: those of the terminal; of a file or a pipe always the same. */
export function terminalWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : USUAL_WIDTH;
}

/** Says something that is not a result. */
export function say(sentence: string): void {
  process.stderr.write(`${noteText(sentence)}\n`);
}

/** A seed as JSON holds it. */
export function seedValue(seed: bigint): number | string {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : String(seed);
}

/**
 * A reader that went away (`| head`) ends the program without a word and with the status it had; a result that cannot
 * be written for another reason (a full disk) is one sentence and no answer.
 */
export function watchOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') endProgram();
    say(`faultline: the result cannot be written (${error.code}).`);
    endProgram(ExitStatus.Inconclusive);
  });
}
