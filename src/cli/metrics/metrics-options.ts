/**
 * `--metrics` and `--metrics-port`. Imported by the verbs that run live.
 */

import { type Command, Option } from 'commander';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { anyFile, offering } from '../options/offers.js';

/** What they gave. */
export interface MetricsWords {
  /** A file. */
  readonly metrics?: string;
  readonly metricsPort?: number;
}

/** Adds both to a verb. */
export function addMetricsOptions(command: Command): Command {
  const file = new Option('--metrics <file>', 'write metrics for Prometheus into this file, again and again');
  const port = new Option('--metrics-port <n>', 'offer them at http://127.0.0.1:<n>/metrics (0: a free port)');
  return command.addOption(offering(file, anyFile)).addOption(port.argParser(wholeParser('--metrics-port', 0, 65_535)));
}
