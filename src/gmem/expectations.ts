/**
 * Expectations: what each scheme is expected to do in each scenario, and why. The format of test/expected.yaml and of
 * `faultline compare --expect FILE`; imported by the command line and by tests.
 */

import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type FindingKind, findingKinds } from '../core/finding-kind.js';
import { inputProblem, notAllowed, shown, unknownName } from '../core/input-sentence.js';
import { lineAndColumn, yamlPosition } from './scenarios/yaml-position.js';

/** What is expected: nothing, this kind as the most urgent one, or any kind. */
export type Expected = 'clean' | FindingKind | 'broken';

/** One cell. */
export interface Expectation {
  readonly scenario: string;
  /** With its mutations. */
  readonly scheme: string;
  /** Settings of the scenario. */
  readonly set: Readonly<Record<string, string>>;
  readonly expect: Expected;
  /** A race of docs/kernel.md, or a sentence with the interleaving. */
  readonly reason: string;
}

const answers = ['clean', ...findingKinds, 'broken'] as const;
const keys = ['scenario', 'scheme', 'set', 'expect', 'reason'];

const cell = z.strictObject(
  {
    scenario: text('scenario', 'the name of a scenario'),
    scheme: text('scheme', 'the name of a scheme, with its mutations'),
    set: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]), {
        error: ({ input }) => notAllowed('set', input, 'a mapping of settings to their values'),
      })
      .optional(),
    expect: z.enum(answers, {
      error: ({ input }) =>
        typeof input === 'string'
          ? unknownName('expectation', input, answers)
          : notAllowed('expect', input, answers.join(', ')),
    }),
    reason: text('reason', 'a race of docs/kernel.md, or a sentence'),
  },
  strictly(keys),
);

const file = z.strictObject(
  { cells: z.array(cell, { error: ({ input }) => notAllowed('cells', input, 'a list of cells') }).min(1) },
  strictly(['cells']),
);

/** Whether what was found (undefined: nothing) is what was expected. */
export function isAsExpected(expected: Expected, found: FindingKind | undefined): boolean {
  if (expected === 'clean') return found === undefined;
  return expected === 'broken' ? found !== undefined : found === expected;
}

/**
 * Reads expectations from YAML text. `fileName` goes into error sentences.
 *
 * @throws InputError that names line and column: invalid YAML, an unknown key, kind or form, a cell given twice
 */
export function parseExpectations(text: string, fileName: string): readonly Expectation[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const fail = (offset: number, sentence: string) =>
    inputProblem(`${fileName}:${lineAndColumn(lines, offset)}`, sentence);
  const [invalid] = document.errors;
  if (invalid !== undefined) throw fail(invalid.pos[0], `not valid YAML: ${invalid.message.replace(/\s+/g, ' ')}`);
  const parsed = file.safeParse(document.toJS());
  if (!parsed.success) {
    const { issues } = parsed.error;
    // A key that is mistyped is missing as well.
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
    const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    throw fail(yamlPosition(document, issue.path, key).offset, issue.message);
  }
  const seen = new Set<string>();
  return parsed.data.cells.map((each, place) => {
    const set = Object.fromEntries(Object.entries(each.set ?? {}).map(([name, value]) => [name, String(value)]));
    const name = cellName(each.scenario, each.scheme, set);
    if (seen.has(name)) throw fail(yamlPosition(document, ['cells', place]).offset, `${name} has a cell already`);
    seen.add(name);
    return { ...each, set };
  });
}

/** `fault-vs-convert@conversion=vm-attributes`: a scenario with its settings, in the order of their names. */
export function scenarioName(scenario: string, set: Readonly<Record<string, string>>): string {
  const settings = Object.keys(set).sort();
  return [scenario, ...settings.map((name) => `${name}=${set[name]}`)].join('@');
}

function cellName(scenario: string, scheme: string, set: Readonly<Record<string, string>>): string {
  return `${scheme} in ${scenarioName(scenario, set)}`;
}

function text(what: string, allowed: string) {
  const error = (issue: { readonly input?: unknown }) => notAllowed(what, issue.input, allowed);
  return z.string({ error }).min(1, { error });
}

function strictly(allowed: readonly string[]) {
  return {
    error: (issue: z.core.$ZodRawIssue) =>
      issue.code === 'unrecognized_keys'
        ? unknownName('key', issue.keys[0] ?? '', allowed)
        : `expected a mapping with ${allowed.join(', ')}, not ${shown(issue.input)}`,
  };
}
