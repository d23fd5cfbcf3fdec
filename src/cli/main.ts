#!/usr/bin/env node

/**
 * The command line's entry: parses, calls a verb, and turns what went wrong into one sentence and an exit status.
 */

import { printOnStderr } from '../threads/model-console.js';
import { commands } from './commands.js';
import { isShellAsking } from './complete/complete.js';
import { watchEnd } from './terminal/ending.js';
import { errorDocument, failureOf } from './terminal/failure.js';
import { print, printJson, say, watchOutput } from './terminal/terminal.js';
import { compileLater } from './terminal/tiering.js';
import { whileListening } from './terminal/while-listening.js';
import { tellWatcher } from './watch/watched-run.js';

compileLater();
watchOutput();
printOnStderr();
const end = watchEnd();
await tellWatcher();
const words = process.argv.slice(2);
try {
  if (isShellAsking(words)) print(await (await import('./complete/answers.js')).answerTo(commands(), words.slice(2)));
  else if (words.length === 0) await (await whileListening(() => import('./overview.js'))).overview();
  else await commands().parseAsync(words, { from: 'user' });
} catch (error) {
  const { sentence, message = sentence, status } = failureOf(error);
  if (sentence !== undefined) say(sentence);
  if (message !== undefined && words.includes('--json')) printJson(errorDocument(message, status));
  process.exitCode = status;
}
end.answered();
