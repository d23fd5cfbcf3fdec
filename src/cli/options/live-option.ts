/**
 * `--live`: the option of the verbs that run live, which serves a page about the run while it goes on.
 */

import { Option } from 'commander';
import { wholeParser } from '../../gmem/scenarios/input-value.js';

/** What `--live` gave: a port, or true for any that is free. */
export interface LiveWords {
  readonly live?: number | true;
}

/** `--live[=port]` */
export function liveOption(): Option {
  return new Option(
    '--live [port]',
    'serve a page about the run, to this machine alone; --live=4711 for that port',
  ).argParser(wholeParser('--live', 1, 65_535));
}
