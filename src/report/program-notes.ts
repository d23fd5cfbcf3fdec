/**
 * Program notes: what a user should know of a model beside its result, in sentences. Used by the verbs that run engines.
 */

import type { Program } from '../core/program/program.js';
import { actorsWithoutStep } from '../core/story/no-step.js';

/** Names that a sentence has room for. */
const SHOWN = 5;

/** Sentences without their end; none where there is nothing to say. */
export function programNotes(program: Program): string[] {
  const idle = actorsWithoutStep(program);
  if (idle.length === 0) return [];
  const shown = idle.length > SHOWN ? [...idle.slice(0, SHOWN), `${idle.length - SHOWN} more`] : idle;
  const names = [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter((part) => part !== '').join(' and ');
  const [has, its] = idle.length === 1 ? ['has', 'its routine comes'] : ['have', 'their routines come'];
  return [
    `${names} ${has} no step: ${its} to ${idle.length === 1 ? 'its' : 'their'} end without an op, so nothing was searched ` +
      'there; steps are ops that are yielded by yield*',
  ];
}
