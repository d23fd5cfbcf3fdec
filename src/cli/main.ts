#!/usr/bin/env node

/**
 * The command line's entry: makes the process ready, and answers the words that it was given.
 */

import { printOnStderr } from '../threads/model-console.js';
import { answer } from './answer.js';
import { watchEnd } from './terminal/ending.js';
import { watchOutput } from './terminal/terminal.js';
import { compileLater } from './terminal/tiering.js';
import { tellWatcher } from './watch/watched-run.js';

compileLater();
watchOutput();
printOnStderr();
const end = watchEnd();
await tellWatcher();
await answer(process.argv.slice(2));
end.answered();
