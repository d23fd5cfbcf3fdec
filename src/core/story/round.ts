/**
 * Rounds: what is said of a run that goes round for ever. Used by the engines that find one, from whatever graph of
 * states they found it in.
 */

import type { Automaton } from '../automaton/automaton.js';
import type { Program } from '../program/program.js';
import type { Violation } from '../run/checks.js';
import { functionAt, opClass, type Signature } from './signature.js';

/** Who goes round, and who is kept from his end; numbers of actors, ascending. */
export interface RoundActors {
  readonly kind: 'livelock' | 'starvation';
  /** Actors that must finish and do not. */
  readonly starved: readonly number[];
  /** Actors that take steps in it. */
  readonly movers: readonly number[];
}

/** What a round is, in words. */
export function roundViolation({ actors }: Program, { kind, starved, movers }: RoundActors): Violation {
  const names = (numbers: readonly number[]): string => numbers.map((actor) => actors[actor].name).join(', ');
  const waiting = names(starved.filter((actor) => !movers.includes(actor)));
  const kept = names(movers.filter((actor) => starved.includes(actor)));
  // Who need not come to an end is not to be blamed where somebody must.
  const others = kept === '' ? '' : names(movers.filter((actor) => !starved.includes(actor)));
  const rounds =
    `${kept === '' ? names(movers) : kept} can go round for ever${others === '' ? '' : ` beside ${others}`}` +
    (waiting === '' ? '' : ` while ${waiting} can only wait`);
  return kind === 'livelock'
    ? {
        kind,
        words: `${rounds}, and nothing that any task does leads out of it`,
        rule: 'every task can go on to its end',
      }
    : { kind, words: `${rounds}, although every task gets its turns`, rule: 'every task that gets its turns ends' };
}

/**
 * The signature of a round, by where the starved actors are: the nodes at which they go back to the heads of their loops,
 * or at which they wait, in any order and any number of times.
 */
export function roundSignature(automaton: Automaton, kind: RoundActors['kind'], nodes: Iterable<number>): Signature {
  const places = new Map<string, Pick<Signature, 'function' | 'op'>>();
  for (const node of nodes) {
    const place = { function: functionAt(automaton, node), op: opClass(automaton, node) };
    places.set(`${place.function}: ${place.op}`, place);
  }
  const sorted = [...places].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, place]) => place);
  return {
    kind,
    cell: '',
    function: sorted.map((place) => place.function).join(' / '),
    op: sorted.map(({ op }) => op).join(' / '),
  };
}
