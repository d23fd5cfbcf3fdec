/**
 * Layout hash: one of the parts that a token compares. It stands for the words of shared memory, the actors with their
 * calls, and the machines by name.
 */

import type { Program } from '../core/program/program.js';
import { shortHash } from '../core/short-hash.js';

/** Hash of a program's words, machines and scripts: 8 hex digits. */
export function layoutHash({ layout, machines, actors }: Program): string {
  const regions = layout.regions.map(({ name, kind, count, width }) => `${name} ${kind} ${count} ${width}`);
  const scripts = actors.map(({ name, calls }) => `${name}: ${calls.map((call) => call.name).join(', ')}`);
  return shortHash(...regions, layout.initial().join(' '), ...machines.map(({ name }) => name), ...scripts);
}
