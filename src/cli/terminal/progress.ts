/**
 * Progress on stderr while a verb works: a spinner on a terminal, else a line now and then. Imported by the verbs.
 */

import { say } from './terminal.js';

const FIRST_LINE_MS = 1000;
const LINE_EVERY_MS = 5000;

/** Tells how far a verb has come. */
export interface Progress {
  update(text: string): void;
  /** Takes the spinner away, before results are printed. */
  stop(): void;
}

/** Starts to tell; says nothing when `quiet`. */
export async function startProgress(quiet: boolean): Promise<Progress> {
  if (quiet) return { update() {}, stop() {} };
  // A terminal that does not know its width (one that `script` or a container made) keeps ora busy for ever.
  return process.stderr.isTTY && process.stderr.columns > 0 ? await spinner() : lines();
}

async function spinner(): Promise<Progress> {
  const { default: ora } = await import('ora');
  // ora would swallow Ctrl-C with the rest of the input.
  const spinning = ora({ stream: process.stderr, discardStdin: false });
  return {
    update(text) {
      spinning.text = text;
      if (!spinning.isSpinning) spinning.start();
    },
    stop: () => spinning.stop(),
  };
}

function lines(): Progress {
  let next = performance.now() + FIRST_LINE_MS;
  return {
    update(text) {
      if (performance.now() < next) return;
      next = performance.now() + LINE_EVERY_MS;
      say(`faultline: ${text}`);
    },
    stop() {},
  };
}
