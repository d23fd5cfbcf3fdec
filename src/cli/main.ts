#!/usr/bin/env node
/**
 * The command line's entry: parses, calls a verb, and turns what went wrong into one sentence and an exit status.
 */

import { commands } from './commands.js';
import { failureOf } from './terminal/failure.js';
import { say, watchOutput } from './terminal/terminal.js';
import { compileLater } from './terminal/tiering.js';
import { whileListening } from './terminal/while-listening.js';

compileLater();
watchOutput();
try {
  const words = process.argv.slice(2);
  if (words.length === 0) await (await whileListening(() => import('./overview.js'))).overview();
  else await commands().parseAsync(words, { from: 'user' });
} catch (error) {
  const { sentence, status } = failureOf(error);
  if (sentence !== undefined) say(sentence);
  process.exitCode = status;
}
