/**
 * Subjects that are the user's own models: a file that exports what `defineModel` returns, with parameters from
 * `--set`. Imported by subject.ts and finding files.
 */

import { isDeepStrictEqual } from 'node:util';
import { inputProblem, notAllowed, unknownName } from '../core/input-sentence.js';
import { shortHash } from '../core/short-hash.js';
import { loadModel } from '../model/load-model.js';
import type { Model, Parameters, ParameterValue } from '../model/model.js';
import { fileRecordOf, partsOf } from './file-record.js';
import type { Subject } from './subject.js';
import type { FileRecord } from './subject-record.js';

/** The subject for a model file and settings. Throws InputError. */
export async function modelSubject(path: string, settings: Readonly<Record<string, string>>): Promise<Subject> {
  const model = await loadModel(path);
  const given = Object.fromEntries(
    Object.entries(settings).map(([name, text]) => [name, coerced(model.parameters, name, text)]),
  );
  const differing = Object.entries(settings).filter(
    ([name]) => !isDeepStrictEqual(given[name], model.parameters[name]),
  );
  const parameters = { ...model.parameters, ...given };
  return withParameters(model, parameters, Object.fromEntries(differing), await fileRecordOf(path));
}

/** The subject for a model and its parameters. `file` is where it was read. */
export function withParameters(
  model: Model,
  parameters: Parameters,
  settings: Readonly<Record<string, string>>,
  file: FileRecord,
): Subject {
  return {
    model: model.with(parameters),
    scenario: model.name,
    scheme: undefined,
    arch: undefined,
    settings,
    hashes: { scenario: modelHash(file, parameters), scheme: shortHash() },
    builtIn: false,
    // Parameters are plain JSON by their type.
    record: { model: 'file', name: model.name, modelFile: file, parameters: parameters as never, settings },
  };
}

function modelHash(file: FileRecord, parameters: Parameters): string {
  const [text, ...imports] = partsOf(file);
  return shortHash(text, JSON.stringify(parameters), ...imports);
}

/** The text of a setting as a value of the type of its default. */
function coerced(parameters: Parameters, name: string, text: string): ParameterValue {
  const where = `--set ${name}=${text}`;
  if (!Object.hasOwn(parameters, name)) {
    const names = Object.keys(parameters);
    if (names.length === 0) throw inputProblem(where, 'the model has no parameters');
    throw inputProblem(where, `${unknownName('parameter', name, names)}`);
  }
  const byDefault = parameters[name];
  switch (typeof byDefault) {
    case 'string':
      return text;
    case 'number':
      if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
      throw inputProblem(where, `${notAllowed(name, text, 'a number')}`);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw inputProblem(where, `${notAllowed(name, text, 'true, false')}`);
    default:
      return jsonValue(where, name, text);
  }
}

function jsonValue(where: string, name: string, text: string): ParameterValue {
  try {
    return JSON.parse(text);
  } catch {
    throw inputProblem(where, `${notAllowed(name, text, 'a JSON value')}`);
  }
}
