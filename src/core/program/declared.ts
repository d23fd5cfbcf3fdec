/**
 * What is declared, as a program keeps it: checks, and how objects start. Used by the builder.
 */

import { ModelError } from '../errors.js';
import { findingKinds } from '../finding-kind.js';
import { unknownName } from '../input-sentence.js';
import { refuseUnknownOptions } from '../known-options.js';
import type { MachineTable } from '../machine/machine-table.js';
import { effectWords } from '../ops/effect.js';
import { eventOf } from '../ops/objects.js';
import { Identity } from '../ops/ref.js';
import { userLine } from '../user-line.js';
import type { ProgramCheck } from './program.js';
import type { Checkable, CheckOptions } from './program-builder.js';

/** The events of objects that nobody can undo. */
export function effectsOf(name: string, table: MachineTable, events: Readonly<Record<string, string>> = {}) {
  const words = Object.entries(events).map(([event, text]) => {
    eventOf(table, event);
    return [event, effectWords(`m.objects("${name}"): ${event} is irreversible and`, text)] as const;
  });
  return Object.fromEntries(words);
}

/** The state in which a machine's objects start. */
export function stateAfter(name: string, table: MachineTable, events: readonly string[]): number {
  let state = table.initial;
  for (const event of events) {
    state = table.next(state, eventOf(table, event));
    if (state >= 0) continue;
    throw new ModelError(
      `${name} cannot start with ${event}: the machine refuses it (${table.violations[-state - 1].kind})`,
    );
  }
  return state;
}

/** A check of the words of some cells. Throws ModelError for what is none. */
export function checkOf(
  how: string,
  name: string,
  cells: readonly Checkable[],
  holds: ProgramCheck['holds'],
  options: CheckOptions,
): ProgramCheck {
  const { kind = 'assertion' } = options;
  refuseUnknownOptions(`m.${how}("${name}")`, options, ['kind']);
  if (!findingKinds.includes(kind)) throw new ModelError(`check "${name}": ${unknownName('kind', kind, findingKinds)}`);
  if (!Array.isArray(cells) || cells.some((cell) => cell?.region === undefined)) {
    throw new ModelError(
      `check "${name}" takes a list of cells, as in m.${how}("${name}", [cell], (value) => value < 3)`,
    );
  }
  if (typeof holds !== 'function') {
    throw new ModelError(
      `check "${name}" takes a function of the cells' values: m.${how}("${name}", [cell], (value) => value < 3)`,
    );
  }
  const words = cells.map(({ region, index }) => {
    const position = index instanceof Identity ? index.index : (index ?? 0);
    if (typeof position !== 'number')
      throw new ModelError(`check "${name}" names a cell by a ref; name it by position`);
    return region.base + position;
  });
  return new DeclaredCheck(name, kind, words, holds);
}

/** A check with the line at which it was declared, which is read off the stack when it is asked for: there may be very many. */
class DeclaredCheck implements ProgramCheck {
  readonly #declared = new Error('declared');
  #line: { readonly at: string | undefined } | undefined;

  constructor(
    readonly name: string,
    readonly kind: ProgramCheck['kind'],
    readonly words: readonly number[],
    readonly holds: ProgramCheck['holds'],
  ) {}

  get at(): string | undefined {
    this.#line ??= { at: userLine(this.#declared.stack ?? '') };
    return this.#line.at;
  }
}
