#!/usr/bin/env node
/**
 * The command line's entry: parses, calls a verb, and turns what went wrong into one sentence and an exit status.
 */

import { CommanderError } from 'commander';
import { InputError, ModelError } from '../core/errors.js';
import { commands } from './commands.js';
import { ExitStatus } from './exit-status.js';
import { say, watchOutput } from './terminal.js';

watchOutput();
try {
  const words = process.argv.slice(2);
  if (words.length === 0) await (await import('./overview.js')).overview();
  else await commands().parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = statusOf(error);
}

function statusOf(error: unknown): number {
  // It has spoken already: help and version are answers, all else is wrong input.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.Clean : ExitStatus.WrongInput;
  if (error instanceof InputError || error instanceof ModelError) {
    say(sentenceOf(error.message));
    return ExitStatus.WrongInput;
  }
  say(`faultline: this should not have happened: ${error instanceof Error ? error.stack : String(error)}`);
  return ExitStatus.Inconclusive;
}

function sentenceOf(message: string): string {
  const named = message.startsWith('faultline: ') ? message : `faultline: ${message}`;
  return /[.?!]$/.test(named) ? named : `${named}.`;
}
