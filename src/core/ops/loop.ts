/**
 * Loops that carry values: `yield* loop({ tries: 0 }, function* ({ tries }, again) { ... })`.
 *
 * A routine's local state is the history of the results it received, and a retry goes back to an earlier one. What a
 * loop carries is therefore part of the history: the automaton has a head for each different set of values with which a
 * round begins, and `again(values)` leads to the head of those values behind the same results as before. The feeder
 * hands a round its values when it feeds a history again. The body is run by hand and not with `yield*`, so that it can be
 * called once more where it stands, as the program reads: the deriver does so, and compares what the body then does with
 * what it does when it is fed. What differs is something that is carried besides the values.
 *
 * Imported by whoever writes routines, and for the values' text by the automaton.
 */

import { ModelError } from '../errors.js';
import { noteYielded, toYield } from './made.js';
import { Identity, Ref } from './ref.js';
import { type Carried, type CarriedValues, type Instruction, Place, type Routine } from './routine.js';
import { isWord, valueText } from './word-value.js';

/** What each round of a loop is handed: that the first one is handed `true` does not make it the only value. */
export type RoundValues<V extends CarriedValues> = { readonly [K in keyof V]: V[K] extends boolean ? boolean : V[K] };

/** Goes on to the next round of a loop. What is left out of `changed` stays as it is in this round. */
export type Again<V extends CarriedValues> = (changed?: Partial<RoundValues<V>>) => Routine<never>;

/**
 * A retry loop that hands named values on from round to round; a round that returns leaves the loop with what it
 * returned.
 *
 * ```ts
 * const locked = yield* loop({ tries: 0 }, function* ({ tries }, again) {
 *   if (yield* lock.trylock()) return true;
 *   if (tries === 2) return false;
 *   return yield* again({ tries: tries + 1 });
 * });
 * ```
 *
 * Nothing else is handed on: a body that changes a variable from outside of itself is refused by name. Each different set
 * of values is a local state of its own, so a counter that grows for ever has no end: bound it. Strategies take `again`
 * as a yield, unless its values are further from the first ones than this round's, and a loop that is gone round for ever
 * is a livelock. Where everything learned is forgotten, `here()` will
 * do; a loop that ends after so many rounds whatever happens may as well be a plain `for`.
 *
 * @param values what the first round is handed: whole numbers of 32 bits, booleans, strings, null, refs, identities
 * @throws ModelError for values of another kind, and for names that the loop does not know
 */
export function loop<V extends CarriedValues, T>(
  values: V,
  body: (values: RoundValues<V>, again: Again<V>) => Routine<T>,
): Routine<T> {
  return toYield('loop()', rounds(values, body, false));
}

/**
 * One pass in stages: a loop whose every round goes further than the one before. A stage knows nothing of the ones before it
 * but the values that it was handed. Nothing is tried again, so traces show the rounds as one piece.
 */
export function inStages<V extends CarriedValues, T>(
  values: V,
  body: (values: RoundValues<V>, again: Again<V>) => Routine<T>,
): Routine<T> {
  return toYield('inStages()', rounds(values, body, true));
}

function* rounds<V extends CarriedValues, T>(
  values: V,
  body: (values: RoundValues<V>, again: Again<V>) => Routine<T>,
  staged: boolean,
): Routine<T> {
  const place = new Place(carriedValues(values), staged);
  let round = (yield { mark: 'loop', place }) as RoundValues<V>;
  function* goesOn(changed?: Partial<RoundValues<V>>): Routine<never> {
    if (!place.open) throw new ModelError('again() is called after its loop was left; call it in the body of the loop');
    yield { mark: 'again', place, round: nextRound(round, changed) };
    throw new Error('unreachable: nothing runs past again()');
  }
  const again: Again<V> = (changed) => toYield('again()', goesOn(changed));
  for (;;) {
    const running = body(round, again);
    if (typeof running?.next !== 'function') {
      throw new ModelError('the body of loop() is not a generator function; write function* (values, again) { ... }');
    }
    noteYielded(running);
    for (let sent: unknown; ; ) {
      const { value, done } = running.next(sent);
      if (done) {
        place.open = false;
        return value;
      }
      sent = yield value;
      const next = roundOf(value, place);
      if (next !== undefined) {
        round = next as RoundValues<V>;
        break;
      }
    }
  }
}

/** The values of the round that an instruction asks for, if it is an `again` of this place. */
function roundOf(instruction: Instruction, place: Place): CarriedValues | undefined {
  if (instruction === null || typeof instruction !== 'object' || !('mark' in instruction)) return undefined;
  return instruction.mark === 'again' && instruction.place === place ? instruction.round : undefined;
}

/** What tells sets of values apart: equal for values that are the same to a routine. */
export function carriedText(values: CarriedValues): string {
  const names = Object.keys(values).sort();
  return names.map((name) => `${JSON.stringify(name)}:${textOf(values[name])}`).join();
}

/** A set of values for people: `{ tries: 2, last: folio }`. */
export function carriedWords(values: CarriedValues): string {
  const fields = Object.entries(values).map(([name, value]) => `${name}: ${wordsOf(value)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/**
 * How far the values of a round are from those of the first one: numbers by what lies between, others by whether they
 * differ.
 */
export function carriedDistance(first: CarriedValues, round: CarriedValues): number {
  let distance = 0;
  for (const [name, value] of Object.entries(round)) {
    const before = first[name];
    if (typeof value === 'number' && typeof before === 'number') distance += Math.abs(value - before);
    else if (textOf(value) !== textOf(before)) distance++;
  }
  return distance;
}

/** The registers that values are in, ascending. */
export function carriedRegisters(values: CarriedValues): readonly number[] {
  const registers = Object.values(values).flatMap((value) => (value instanceof Ref ? [value.register] : []));
  return [...new Set(registers)].sort((left, right) => left - right);
}

function carriedValues(values: unknown): CarriedValues {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new ModelError(
      `loop() is handed ${valueText(values)}; hand it values by name, as in loop({ tries: 0 }, ...)`,
    );
  }
  for (const [name, value] of entriesOf('loop', values)) refuseOther('loop', name, value);
  return Object.freeze({ ...values });
}

function nextRound(round: CarriedValues, changed: unknown = {}): CarriedValues {
  if (typeof changed !== 'object' || changed === null || Array.isArray(changed)) {
    throw new ModelError(`again() is handed ${valueText(changed)}; hand it values by name, as its loop is`);
  }
  for (const [name, value] of entriesOf('again', changed)) {
    if (!Object.hasOwn(round, name)) {
      const known = Object.keys(round);
      const carries = known.length === 0 ? 'carries nothing' : `carries ${known.join(', ')}`;
      throw new ModelError(`again() is handed "${name}", but its loop ${carries}; name it in loop({ ... }) as well`);
    }
    refuseOther('again', name, value);
  }
  return Object.freeze({ ...round, ...changed });
}

function entriesOf(by: string, values: object): [string, unknown][] {
  const [symbol] = Object.getOwnPropertySymbols(values);
  if (symbol !== undefined) throw new ModelError(`${by}() is handed ${String(symbol)}; a name is a string`);
  return Object.entries(values);
}

function refuseOther(by: string, name: string, value: unknown): void {
  if (isCarried(value)) return;
  throw new ModelError(
    `${by}({ ${name} }) hands on ${valueText(value)}; a loop carries whole numbers of 32 bits, booleans, strings, null, ` +
      'refs and identities',
  );
}

function isCarried(value: unknown): value is Carried {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  return isWord(value) || value instanceof Ref || value instanceof Identity;
}

function textOf(value: Carried): string {
  if (value instanceof Ref) return `r${value.register}`;
  if (value instanceof Identity) return `${value.domain.name} ${value.index}`;
  return JSON.stringify(value);
}

function wordsOf(value: Carried): string {
  return value instanceof Ref ? (value.domain?.name ?? 'a word') : valueText(value);
}
