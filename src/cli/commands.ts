/**
 * All verbs. Imported by main and by tests of the help.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../gmem/scenarios/package-root.js';
import { checkCommand } from './check/check.js';
import { compareCommand } from './compare/compare.js';
import { completeCommand } from './complete/complete.js';
import { conformCommand } from './conform/conform.js';
import { exploreCommand } from './explore/explore.js';
import { findingsCommand } from './findings.js';
import { initCommand } from './init/init.js';
import { listCommand } from './list.js';
import { addNote } from './options/help-notes.js';
import { replayCommand } from './replay.js';
import { showCommand } from './show.js';
import { soakCommand } from './soak/soak.js';
import { stressCommand } from './stress/stress.js';
import { noteText } from './terminal/note.js';
import { verifyCommand } from './verify/verify.js';
import { viewCommand } from './view/view.js';

const EXIT_STATUS = `
Without a verb it compares all built-in schemes and shows one finding.

Exit status: 0 nothing found; 1 a violation; 2 the input is wrong; 3 no answer; 130 interrupted.`;

/** Places beside the names of options; help in fewer is not wrapped. */
const NARROWEST = 20;

/** The command line; it throws instead of ending the program. */
export function commands(): Command {
  const program = new Command('faultline')
    .description("Finds the interleavings that break concurrent code: KVM's guest_memfd, or a model of your own.")
    .version(version());
  addNote(program, EXIT_STATUS);
  for (const verb of [
    exploreCommand(),
    verifyCommand(),
    stressCommand(),
    soakCommand(),
    replayCommand(),
    showCommand(),
    viewCommand(),
    compareCommand(),
    conformCommand(),
    findingsCommand(),
    listCommand(),
    checkCommand(),
    initCommand(),
    completeCommand(),
  ]) {
    program.addCommand(verb);
  }
  for (const each of [program, ...program.commands]) {
    each.exitOverride().configureOutput({ outputError }).configureHelp({ minWidthToWrap: NARROWEST });
  }
  return program;
}

/** Commander's own sentences, in our form: a note. */
function outputError(text: string, write: (text: string) => void): void {
  const sentence = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.?$/, '.');
  write(`${noteText(`faultline: ${sentence}`)}\n`);
}

function version(): string {
  return JSON.parse(readFileSync(join(packageRoot(import.meta.url), 'package.json'), 'utf8')).version;
}
