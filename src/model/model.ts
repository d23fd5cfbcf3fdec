/**
 * Models: what users write. `defineModel` names a model and its parameters; `build` declares its parts through a
 * ModelBuilder; `compileModel` makes it ready to run. Engines take models from here; they know nothing of gmem.
 */

import { fileURLToPath } from 'node:url';
import type { LoopWatch } from '../core/automaton/automaton.js';
import { InputError, ModelError } from '../core/errors.js';
import { CutOff, ranFor, unguarded, type WorkGuard } from '../core/guard.js';
import { unknownName } from '../core/input-sentence.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { type Made, MadeThings } from '../core/ops/made.js';
import { valueText } from '../core/ops/word-value.js';
import type { Program } from '../core/program/program.js';
import { knownParameters } from './known-parameters.js';
import { hasLoadedFiles } from './load-module.js';
import { ModelBuilder } from './model-builder.js';
import { isOwnFile } from './own-file.js';
import { textWatch, watchFile } from './text-watch.js';

/** A value that a model takes as a parameter; plain, so that it can travel to a worker thread. */
export type ParameterValue =
  | string
  | number
  | boolean
  | null
  | readonly ParameterValue[]
  | { [key: string]: ParameterValue };

/** Named parameters with their defaults. */
export type Parameters = { [name: string]: ParameterValue };

/** Parameters as they are meant: that `true` is the default does not make it the only value. */
export type Widened<P> = { [K in keyof P]: P[K] extends boolean ? boolean : P[K] };

/** A function of the parameters, as a method: so that a model of some parameters is a model. */
interface OfParameters<P> {
  of(parameters: Widened<P>): number;
}

/** What `defineModel` takes. */
export interface ModelDefinition<P extends Parameters, L = undefined> {
  /** What reports and tokens call the model. */
  readonly name: string;
  /** `import.meta.url` of the file whose default export this is: where a worker thread loads it again. */
  readonly source?: string;
  /** Plain values; `--set name=value`, YAML or the caller override them. */
  readonly parameters?: P;
  /** Refs that one actor may hold at once: a number, or a function of the parameters. Default 8. */
  readonly registers?: number | OfParameters<P>['of'];
  /**
   * Live runs (`stress`, `soak`): whether actors may make the calls of their scripts over and over, on identities drawn
   * anew, as vCPUs fault for as long as a VM runs. Then what the checks say must hold however often each call was made, and
   * checks of finished runs are not made there. Default false: each actor makes each call once, as in the other engines;
   * then the checks of finished runs are made and the world starts over.
   */
  readonly repeatable?: boolean;
  /** Loads what `build` needs (files, modules), once per thread; its result is the third argument of `build`. */
  load?(parameters: Widened<P>): Promise<L>;
  /** Declares the model. Must not depend on anything but its arguments. */
  build(m: ModelBuilder, parameters: Widened<P>, loaded: L): void;
}

/** A model with its parameters chosen. */
export interface Model<P extends Parameters = Parameters> {
  readonly name: string;
  readonly source: string | undefined;
  readonly parameters: P;
  // biome-ignore lint/suspicious/noExplicitAny: what `load` returns is the definition's own business
  readonly definition: ModelDefinition<P, any>;
  /** The same model with some parameters changed. */
  with(parameters: Partial<P>): Model<P>;
}

const DEFINES = ['name', 'source', 'parameters', 'registers', 'repeatable', 'load', 'build'];

/** Names a model. Throws InputError when the definition lacks a name or a build function. */
export function defineModel<P extends Parameters = Parameters, L = undefined>(
  definition: ModelDefinition<P, L>,
): Model<Widened<P>> {
  if (typeof definition?.name !== 'string' || definition.name === '') {
    throw new InputError('faultline: a model needs a name: defineModel({ name: "...", build(m) { ... } }).');
  }
  if (typeof definition.build !== 'function') {
    throw new InputError(`faultline: model "${definition.name}" needs a build function: build(m, parameters) { ... }.`);
  }
  refuseUnknownOptions(`defineModel({ name: "${definition.name}", ... })`, definition, DEFINES);
  return modelOf(definition as ModelDefinition<Widened<P>, unknown>, (definition.parameters ?? {}) as Widened<P>);
}

function modelOf<P extends Parameters>(definition: ModelDefinition<P, unknown>, parameters: P): Model<P> {
  return {
    name: definition.name,
    source: definition.source,
    parameters,
    definition,
    with: (changed) => {
      refuseUnknownParameters(definition.name, parameters, changed);
      return modelOf(definition, { ...parameters, ...changed });
    },
  };
}

/** A parameter that the model does not have would be read by nobody. */
function refuseUnknownParameters(model: string, parameters: Parameters, changed: object): void {
  const names = Object.keys(parameters);
  for (const name of Object.keys(changed)) {
    if (names.includes(name)) continue;
    const those = names.length === 0 ? 'it has no parameters' : unknownName('parameter', name, names);
    throw new InputError(`faultline: model "${model}": ${those}`);
  }
}

/**
 * The model that somebody hands to an engine.
 *
 * @throws InputError when it is no model
 */
export function modelGiven<M extends Model>(model: M): M {
  if (isModel(model)) return model;
  const given: unknown = model;
  const what = given instanceof Promise ? 'a promise; await it first' : valueText(given);
  throw new InputError(`faultline: a model is what defineModel({ name, build(m) { ... } }) returns, and not ${what}.`);
}

/** Whether a value is what `defineModel` returned, possibly from another copy of the package. */
export function isModel(value: unknown): value is Model {
  const candidate = value as Model | undefined;
  return typeof candidate === 'object' && candidate !== null && typeof candidate.definition?.build === 'function';
}

/** Who looks at the routines of a model that begin loops; nobody where all of them are ours. */
async function watchFor({ source }: Model): Promise<LoopWatch | undefined> {
  if (source !== undefined) await watchFile(source);
  const isOurs = source !== undefined && isOwnFile(source.startsWith('file:') ? fileURLToPath(source) : source);
  return isOurs && !hasLoadedFiles() ? undefined : textWatch();
}

/** Makes a model ready to run. Throws ModelError when the model breaks a rule, or reads a parameter it does not have. */
export async function compileModel(model: Model): Promise<Program> {
  return await compileUnder(model, unguarded);
}

/** What a program is made for, besides being run. */
export interface CompileOptions {
  /** Whether its automaton keeps the marks that routines pass, for `conform`. */
  readonly notesCrossings?: boolean;
}

/**
 * Makes a model ready to run, as `compileModel` does.
 *
 * @param guard cuts off a `build` that does not come back
 * @throws ModelError when the model breaks a rule, reads a parameter it does not have, or does not come back; CutOff when
 * it was interrupted
 */
export async function compileUnder(
  model: Model,
  guard: WorkGuard,
  { notesCrossings = false }: CompileOptions = {},
): Promise<Program> {
  modelGiven(model);
  const parameters = knownParameters(model.name, model.parameters);
  const loaded = await model.definition.load?.(parameters);
  const { registers = 8, repeatable = false } = model.definition;
  const most = typeof registers === 'function' ? registers(parameters) : registers;
  const watch = await watchFor(model);
  for (let attempt = 1; ; attempt++) {
    const builder = new ModelBuilder(model.name, most);
    try {
      return guard.run(() => {
        const build = (into: ModelBuilder, made?: MadeThings) =>
          built(model, into, () => model.definition.build(into, parameters, loaded), made);
        if (watch === undefined) build(builder);
        else {
          // The program is of the last build: it is that whose cells and locks a model may have handed out.
          const first = new ModelBuilder(model.name, most);
          const made = new MadeThings(true);
          build(first, made);
          refuseDroppedInBuild(model, made.left, watch);
          build(builder);
          refuseOtherBuild(model.name, first.declared, builder.declared);
        }
        return { ...builder.program(watch, notesCrossings), repeatable };
      }, attempt);
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
      // Once more: it may have been the machine that was slow, or Ctrl-C that fell into a build like any other.
      if (attempt === 1) continue;
      error.stuck = new ModelError(doesNotComeBack(model.name, builder.routineUnderWay, error));
      throw error.reason === 'interrupt' ? error : error.stuck;
    }
  }
}

/** Runs `build`, after which nothing is declared any more. */
function built({ name }: Model, builder: ModelBuilder, build: () => unknown, made?: MadeThings): void {
  const returned = made === undefined ? build() : made.during(build);
  builder.close();
  if (returned === undefined) return;
  if (!isThenable(returned)) {
    throw new ModelError(
      `build of model "${name}" returns ${valueText(returned)}; it declares by m.cell() and the like, and returns nothing`,
    );
  }
  // What it comes to is nobody's business any more.
  returned.then(undefined, () => {});
  throw new ModelError(
    `build of model "${name}" is async: what it declares after its first await would come too late; write build(m) { ... }, ` +
      'and let load() fetch what it needs',
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null)?.then === 'function';
}

/** An op that is made while a model is built, and dropped: no actor does it. */
function refuseDroppedInBuild({ name }: Model, left: readonly Made[], watch: LoopWatch): void {
  for (const { text, trace } of left) {
    const line = watch.dropped(trace!);
    if (line === undefined) continue;
    throw new ModelError(
      `build of model "${name}" makes "${text()}" (${line}), which nobody does: ops are for the routines of actors; a cell ` +
        'starts with its initial value: m.cell("x", { initial: 1 })',
    );
  }
}

/** Built twice, a model declares the same twice, or its runs are runs of different models. */
function refuseOtherBuild(model: string, first: readonly string[], second: readonly string[]): void {
  const place = [...first, ''].findIndex((text, at) => text !== second[at]);
  if (place === first.length && second.length === first.length) return;
  const [one, other] = [first[place] ?? 'nothing more', second[place] ?? 'nothing more'];
  throw new ModelError(
    `build of model "${model}" is not deterministic: it declared ${one}, and ${other} when it was run once more; it may ` +
      'depend on its parameters only, and not on chance, the time or what is outside of it',
  );
}

function doesNotComeBack(model: string, routine: string | undefined, cut: CutOff): string {
  const after = `for ${ranFor(cut)}`;
  if (routine === undefined) return `build of model "${model}" does not come back: it ran ${after} without an end`;
  return `${routine} does not come back: from its start it ran ${after} without an op and without an end`;
}
