/**
 * Remedies in words: what alone keeps a round going, and what a model says if that cannot last. Used by `verify`.
 */

import type { Program } from '../core/program/program.js';
import type { Arbiter } from './demands.js';
import type { Remedy } from './fair-rounds.js';

/** A sentence on what alone keeps a round alive, and what to write if that cannot last; none when nothing does. */
export function remedyWords({ actors }: Program, remedies: readonly Remedy[]): readonly string[] {
  if (remedies.length === 0) return [];
  const names = (set: readonly number[]): string => set.map((actor) => actors[actor].name).join(', ');
  const why = remedies.map(({ arbiter: { kind, name, outcomes }, actors: whose, missing }) => {
    if (kind !== 'choice')
      return `others get ${name} again and again while ${names(whose)} ${whose.length === 1 ? 'waits' : 'wait'} for it`;
    if (missing.length === 0) return `the answers to "${name}" happen to come as they do`;
    return `the answer to "${name}" is never ${missing.map((outcome) => `"${outcomes[outcome]}"`).join(' or ')}`;
  });
  const things = remedies.map(({ arbiter: { kind } }) => (kind === 'choice' ? 'the choice' : 'the lock'));
  const what = things.length === 1 ? things[0] : 'them';
  const declared = remedies.map(({ arbiter }) => declarationOf(arbiter)).join(' and ');
  return [
    `It goes on only as long as ${why.join(', and ')}; if that cannot be so for ever, declare ${what} fair: ${declared}`,
  ];
}

/** How a model says that a choice or a lock is fair. */
function declarationOf({ kind, name, outcomes, named }: Arbiter): string {
  const text = (value: string): string => `'${value.replace(/['\\]/g, '\\$&')}'`;
  if (kind !== 'choice') return `m.${kind}(${text(name)}, { fair: true })`;
  const names = named ? `outcomes: [${outcomes.map(text).join(', ')}], ` : '';
  return `choose(${outcomes.length}, ${text(name)}, { ${names}fair: true })`;
}
