/**
 * Value names: what a model calls the values of a cell, `{ IDLE: 0, BUSY: 1 }`. They cost nothing and change nothing but
 * what is printed. Imported by the layout, by the makers of ops and by reports.
 */

import { ModelError } from '../errors.js';
import { isWord, valueText, WORD_RANGE } from './word-value.js';

/** Names by value. */
export type ValueNames = ReadonlyMap<number, string>;

/** Values by their names; or names alone, of the values from 0 on. */
export type NamedValues = Readonly<Record<string, number>> | readonly string[];

/**
 * The names of a cell's values.
 *
 * @throws ModelError for a value that no word holds, for one that has two names, and for a name that is empty
 */
export function valueNamesOf(cell: string, values: NamedValues | undefined): ValueNames | undefined {
  if (values === undefined) return undefined;
  if (values === null || typeof values !== 'object') {
    throw new ModelError(`${cell} has values ${valueText(values)}; write { IDLE: 0, BUSY: 1 } or ['IDLE', 'BUSY']`);
  }
  const pairs: readonly (readonly [unknown, unknown])[] = isList(values)
    ? values.map((name, value) => [name, value])
    : Object.entries(values);
  const names = new Map<number, string>();
  for (const [name, value] of pairs) {
    if (typeof name !== 'string' || name.trim() === '') {
      throw new ModelError(
        `${cell} calls ${valueText(value)} ${valueText(name)}; a name is a text of one letter or more`,
      );
    }
    if (/[%$]/.test(name))
      throw new ModelError(`${cell} calls ${valueText(value)} "${name}"; a name has no % and no $`);
    if (!isWord(value)) throw new ModelError(`${cell} calls ${valueText(value)} "${name}"; a cell holds ${WORD_RANGE}`);
    const other = names.get(value);
    if (other !== undefined)
      throw new ModelError(`${cell} calls ${value} both "${other}" and "${name}"; one name is allowed`);
    names.set(value, name);
  }
  return names;
}

/** A value by its name, if it has one. */
export function namedValue(names: ValueNames | undefined, value: number): string {
  return names?.get(value) ?? String(value);
}

function isList(values: NamedValues): values is readonly string[] {
  return Array.isArray(values);
}
