/**
 * Scenario files: YAML text in, a whole scenario out, or one sentence that says where the text is wrong.
 *
 * Three passes, each naming its first problem by position: YAML syntax, the shape of every value
 * (`scenario-schema.ts`), how the values fit together (`scenario-rules.ts`). Imported by the loaders and above.
 */

import { basename } from 'node:path';
import type { LineCounter, YAMLError, Document as YamlDocument } from 'yaml';
import { inputProblem } from '../../core/input-sentence.js';
import { completedCall } from '../calls/call-spec.js';
import { callKindOf } from '../calls/registry.js';
import { pagesOfInodes } from './files.js';
import type { Scenario, ScenarioActor } from './scenario.js';
import { actorNames, brokenRules } from './scenario-rules.js';
import { keyOfIssue, scenarioSchema, type WrittenScenario } from './scenario-schema.js';
import { slotShowing } from './slots.js';
import { culpritAlias, lineAndColumn, type YamlPosition, yamlPackage, yamlPosition } from './yaml-position.js';

/** The longest scenario file, in characters. The built-in ones have about a thousand. */
const longestText = 256 * 1024;

/** How many values the aliases of one anchor may stand for together. */
const mostAliases = 100;

/** Parser and value builder recurse; a text of brackets only runs them out of stack. */
const nestedTooDeeply = 'not valid YAML: nested too deeply';

interface Problem extends YamlPosition {
  readonly sentence: string;
}

type Failure = (problem: { readonly offset: number; readonly sentence: string }) => never;

/**
 * Reads a scenario from YAML text. `fileName` goes into error sentences and, without its folder and extension, names
 * the scenario when the text does not.
 *
 * @throws InputError `faultline: <file>:<line>:<column>: <what is wrong>; allowed: <...>` for the first problem in the
 * text, or the first thing missing when the rest is right: invalid YAML, an unknown key or call, a value out of range,
 * actors that no engine takes.
 */
export function parseScenario(text: string, fileName: string): Scenario {
  if (text.length > longestText) {
    throw inputProblem(fileName, `the scenario has ${text.length} characters; allowed: up to ${longestText}`);
  }
  const lines = new (yamlPackage().LineCounter)();
  const fail: Failure = ({ offset, sentence }) => {
    throw inputProblem(`${fileName}:${lineAndColumn(lines, offset)}`, sentence);
  };
  const document = documentOf(text, lines, fail);
  const parsed = scenarioSchema().safeParse(plainValue(document, fail));
  const problems: Problem[] = parsed.success
    ? brokenRules(parsed.data).map(({ path, key, sentence }) => ({ ...yamlPosition(document, path, key), sentence }))
    : parsed.error.issues.map((issue) => ({
        ...yamlPosition(document, issue.path, keyOfIssue(issue)),
        sentence: issue.message,
      }));
  if (problems.length > 0) fail(problems.reduce((first, problem) => (isBefore(problem, first) ? problem : first)));
  return completed(parsed.data as WrittenScenario, fileName);
}

/** By position; but what the text lacks comes last: a misspelt key is the reason why the right one is missing. */
function isBefore(one: Problem, other: Problem): boolean {
  return one.exists === other.exists ? one.offset < other.offset : one.exists;
}

function documentOf(text: string, lines: LineCounter, fail: Failure): YamlDocument {
  const document = yamlPackage().parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [problem] = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (problem) fail({ offset: problem.pos[0], sentence: yamlSentence(problem) });
  return document;
}

/** The plain value; what the library refuses here are aliases: without an anchor, or multiplying beyond its bound. */
function plainValue(document: YamlDocument, fail: Failure): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    if (error instanceof RangeError) return fail({ offset: 0, sentence: nestedTooDeeply });
    if (!(error instanceof ReferenceError)) throw error;
    const alias = culpritAlias(document);
    const sentence = alias.anchored
      ? `aliases multiply the text; allowed: aliases for up to ${mostAliases} values`
      : `not valid YAML: no anchor "${alias.name}" before its alias`;
    return fail({ offset: alias.offset, sentence });
  }
}

function yamlSentence(problem: YAMLError): string {
  // Two of the library's sentences speak to programmers.
  if (problem.code === 'MULTIPLE_DOCS') return 'a second YAML document; allowed: one scenario a file';
  if (problem.code === 'RESOURCE_EXHAUSTION') return nestedTooDeeply;
  return `not valid YAML: ${oneLine(problem.message)}`;
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}

/** Fills in every default. */
function completed(written: WrittenScenario, fileName: string): Scenario {
  const { gfns, attribute = 'private', maxOrder = 0, slots, files, conversion = 'in-place' } = written;
  // A VM has attributes of gfns.
  const shownBy = conversion === 'vm-attributes' ? slots : undefined;
  const attributes = Array.from({ length: gfns }, (_, page) => {
    const slot = shownBy === undefined ? { gfn: 0, index: 0 } : slotShowing(shownBy, page);
    return (slot === undefined ? undefined : written.attributes?.[page - slot.index + slot.gfn]) ?? attribute;
  });
  const actors = written.actors.flatMap((actor) =>
    actorNames(actor).map(
      (name): ScenarioActor => ({
        name,
        kind: callKindOf(actor.calls[0].call).by,
        ...(actor.file ? { file: actor.file } : {}),
        calls: actor.calls.map((call) => ({ spec: completedCall(call, attributes, { slots, conversion }) })),
      }),
    ),
  );
  return {
    name: written.name ?? nameOfFile(fileName),
    title: written.title,
    arch: written.arch ?? 'snp',
    gfns,
    frames: written.frames ?? pagesOfInodes(gfns, files) + Math.max(2, 2 ** maxOrder),
    ...(maxOrder === 0 ? {} : { maxOrder }),
    ...(slots === undefined ? {} : { slots }),
    ...(files === undefined ? {} : { files }),
    attribute,
    attributes,
    conversion,
    gate: written.gate ?? true,
    hookFails: written.hookFails ?? false,
    allocationFails: written.allocationFails ?? false,
    ...(written.lruBatch === true ? { lruBatch: true } : {}),
    ...(written.unassignFails && { unassignFails: true }),
    ...(written.launchFails && { launchFails: true }),
    ...(written.noDirectMap === true ? { noDirectMap: true } : {}),
    ...(written.psmashFails ? { psmashFails: true } : {}),
    ...(written.septSplitFails ? { septSplitFails: true } : {}),
    ...(written.septRemoveFails ? { septRemoveFails: true } : {}),
    ...(written.septBusy ? { septBusy: true } : {}),
    ...(written.iopteSplitFails ? { iopteSplitFails: true } : {}),
    ...(written.dynamicPamt ? { dynamicPamt: true } : {}),
    ...(written.pamtRemoveFails ? { pamtRemoveFails: true } : {}),
    ...(written.hugetlbPool ? { hugetlbPool: true } : {}),
    ...(written.rmpoptFrames === undefined ? {} : { rmpoptFrames: written.rmpoptFrames }),
    ...(written.slowEvict ? { slowEvict: true } : {}),
    actors,
  };
}

function nameOfFile(fileName: string): string {
  return (
    basename(fileName)
      .replace(/\.ya?ml$/, '')
      .replace(/[^\w.-]/g, '-') || 'scenario'
  );
}
