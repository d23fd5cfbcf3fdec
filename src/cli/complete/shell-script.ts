/**
 * The script for a shell. Imported by `complete` when it is asked for one.
 */

import { script } from '@bomb.sh/tab';

const PROGRAM = 'faultline';

/** The script with which a shell asks us what could come next. */
export function shellScript(shell: string): string {
  // The library writes to the console, which in this program stands for what models say.
  const { log } = console;
  const lines: string[] = [];
  console.log = (text: string) => lines.push(text);
  try {
    script(shell, PROGRAM, PROGRAM);
  } finally {
    console.log = log;
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
