/**
 * The subject of a model that somebody has in hand: what its findings need to be kept and replayed. Imported by the
 * library's functions for findings.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { gmemModel } from '../gmem/model.js';
import type { Scenario } from '../gmem/scenarios/scenario.js';
import { loadModel } from '../model/load-model.js';
import type { Model, ParameterValue } from '../model/model.js';
import { fileRecordOf } from './file-record.js';
import { withParameters } from './model-subject.js';
import { schemeFileOf, worldSubject } from './scenario-subject.js';
import type { Subject } from './subject.js';

/** Files that a test runner loads; loaded by anybody else they do nothing, or fail. */
const TEST_FILE = /\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** The file that worker threads and replays can load a model from; undefined where there is none. */
export function fileOfModel({ source }: Model): string | undefined {
  if (source === undefined) return undefined;
  const path = source.startsWith('file:') ? fileURLToPath(source) : source;
  return existsSync(path) && !TEST_FILE.test(path) ? path : undefined;
}

/**
 * The subject of a model: guest_memfd with scenario and scheme, or a model that a file exports. Undefined for a model
 * that cannot be loaded again: it has no `source`, or lies in the file of a test.
 *
 * @throws InputError when its file exports no such model
 */
export async function subjectOfModel(model: Model): Promise<Subject | undefined> {
  if (model.definition.build === gmemModel.definition.build) {
    const { scenario, scheme } = model.parameters as { scenario: ParameterValue; scheme: string };
    return await worldSubject(scenario as unknown as Scenario, scheme, await schemeFileOf(scheme));
  }
  const path = fileOfModel(model);
  if (path === undefined) return undefined;
  const exported = await loadModel(path, model.name);
  const differing = Object.entries(model.parameters).filter(
    ([name, value]) => !isDeepStrictEqual(value, exported.parameters[name]),
  );
  const settings = differing.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return withParameters(exported, model.parameters, Object.fromEntries(settings), await fileRecordOf(path));
}
