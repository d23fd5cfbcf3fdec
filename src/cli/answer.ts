/**
 * Answering: one command line from its words to its exit status. What the process is to be like - its console, what its
 * end means - is the entry's. Imported by main, and by tests that give many command lines to one process.
 */

import { commands } from './commands.js';
import { isShellAsking } from './complete/complete.js';
import { errorDocument, failureOf } from './terminal/failure.js';
import { print, printJson, say } from './terminal/terminal.js';
import { whileListening } from './terminal/while-listening.js';

/** Parses, calls a verb, and turns what went wrong into one sentence; the exit status stands in `process.exitCode`. */
export async function answer(words: readonly string[]): Promise<void> {
  try {
    if (isShellAsking(words)) print(await (await import('./complete/answers.js')).answerTo(commands(), words.slice(2)));
    else if (words.length === 0) await (await whileListening(() => import('./overview.js'))).overview();
    else await commands().parseAsync([...words], { from: 'user' });
  } catch (error) {
    const { sentence, message = sentence, status } = failureOf(error);
    if (sentence !== undefined) say(sentence);
    if (message !== undefined && words.includes('--json')) printJson(errorDocument(message, status));
    process.exitCode = status;
  }
}
