/**
 * What `faultline compare` is to run: from names, files and expectations to cells with their models.
 */

import { basename, extname } from 'node:path';
import { InputError } from '../../core/errors.js';
import type { CompareCell } from '../../explore/compare.js';
import { type Expectation, parseExpectations, scenarioName } from '../../gmem/expectations.js';
import { isSchemeFile } from '../../gmem/named-scheme.js';
import { usualScenarioNames } from '../../gmem/scenarios/builtin-scenario-names.js';
import type { Scheme } from '../../gmem/scheme.js';
import { loadScheme } from '../../gmem/scheme-lookup.js';
import { builtinSchemes, usualSchemes } from '../../gmem/schemes/builtin-schemes.js';
import { namedChanges } from '../../gmem/schemes/named-changes.js';
import type { ColumnScheme } from '../../report/compare-table.js';
import { scenarioSubject } from '../../subject/scenario-subject.js';
import { textOfFile } from '../../subject/scheme-text.js';
import { DEFAULT_SCHEME, isModelFile, type Subject } from '../../subject/subject.js';
import { splitAt } from '../options/option-values.js';
import type { CompareWords } from './compare.js';

/** A cell and what its findings are kept by. */
export interface PlannedCell extends CompareCell {
  readonly subject: Subject;
}

/** Cells, and the rows and columns in which they stand. */
export interface ComparePlan {
  readonly cells: readonly PlannedCell[];
  readonly scenarios: readonly string[];
  readonly schemes: readonly ColumnScheme[];
  /** What is expected, by scheme and scenario as the cells name them. */
  readonly expectations: readonly (Expectation & { readonly row: string })[];
}

/** The scenarios in which V1 and V2 differ with the kind of conversion. */
const conversionScenarios = ['convert-there-and-back', 'fault-vs-convert'];

const changeTitles: ReadonlyMap<string, string> = new Map(namedChanges.map(({ name, title }) => [name, title]));

/** Names of the usual rows: their scenarios, and those with conversions once more with the kind of V1 and V2. */
const usualScenarios: readonly string[] = [
  ...usualScenarioNames,
  ...conversionScenarios.map((name) => `${name}@conversion=vm-attributes`),
];

/** Makes the plan. Throws InputError for whatever does not exist or does not fit. */
export async function comparePlan({ schemes, scenarios, expect, set }: CompareWords): Promise<ComparePlan> {
  const expected = expect === undefined ? [] : parseExpectations(textOfFile(expect), expect);
  const listed = expect !== undefined && schemes === undefined && scenarios === undefined;
  const asked = listed
    ? expected.map(({ scenario, scheme, set: own }) => ({ scenario, scheme, settings: { ...own, ...set } }))
    : product(scenarios ?? usualScenarios, schemes ?? usualSchemes.map(({ name }) => name), set);
  const cells = distinct(await Promise.all(asked.map(cellOf)));
  const rows = await Promise.all(expected.map((each) => rowOf(each.scenario, each.set)));
  const named = new Set(cells.map(cellKey));
  if (
    expect !== undefined &&
    !expected.some(({ scheme }, place) => named.has(cellKey({ scenario: rows[place], scheme })))
  ) {
    throw new InputError(
      `faultline: --expect: ${expect} expects nothing of the cells of --schemes and --scenarios; without these two its own cells are run.`,
    );
  }
  return {
    cells,
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
    schemes: await schemeColumns([...new Set(cells.map(({ scheme }) => scheme))]),
    expectations: expected.map((each, place) => ({ ...each, row: rows[place] })),
  };
}

interface Asked {
  readonly scenario: string;
  readonly scheme: string;
  readonly settings: Readonly<Record<string, string>>;
}

function product(scenarios: readonly string[], schemes: readonly string[], set: Asked['settings']): Asked[] {
  return [...new Set(scenarios)].flatMap((text) => {
    const [scenario, ...pairs] = text.split('@');
    const settings = Object.fromEntries(pairs.map((pair) => settingOf(text, pair)));
    return [...new Set(schemes)].map((scheme) => ({ scenario, scheme, settings: { ...settings, ...set } }));
  });
}

function settingOf(text: string, pair: string): [name: string, value: string] {
  const [name, value] = splitAt(pair, '=');
  if (name !== '' && value !== undefined) return [name, value];
  throw new InputError(
    `faultline: --scenarios: "${text}": after @ comes setting=value, such as conversion=vm-attributes`,
  );
}

async function cellOf({ scenario, scheme, settings }: Asked): Promise<PlannedCell> {
  const subject = await schemeSubject(scenario, scheme, settings);
  return { scenario: scenarioName(subject.scenario, subject.settings), scheme, model: subject.model, subject };
}

/** A scenario of guest_memfd; a model of the user's own has no schemes that could be compared. */
async function schemeSubject(scenario: string, scheme: string, settings: Asked['settings']): Promise<Subject> {
  if (!isModelFile(scenario)) return scenarioSubject(scenario, scheme, settings, 'scenario (.yaml) or a recorded log');
  throw new InputError(
    `faultline: compare: ${scenario} is a model of its own, which has no schemes to compare; verify or explore it`,
  );
}

/** Equal for the cells of one row and one column. */
export function cellKey({ scenario, scheme }: Pick<CompareCell, 'scenario' | 'scheme'>): string {
  return `${scenario}\n${scheme}`;
}

/** The cells without those that were asked for twice, by settings that are the default, say. */
function distinct(cells: readonly PlannedCell[]): PlannedCell[] {
  return [...new Map(cells.map((cell) => [cellKey(cell), cell])).values()];
}

/** The row of a scenario: settings that change nothing are left out, so that however it is written it is one row. */
async function rowOf(scenario: string, settings: Asked['settings']): Promise<string> {
  const subject = await schemeSubject(scenario, DEFAULT_SCHEME, settings);
  return scenarioName(subject.scenario, subject.settings);
}

/** The name that a scheme gives itself; of a copy that still has a built-in one's, that of its file. */
function labelOf(named: string, { name }: Scheme): string {
  const isBuiltIn = builtinSchemes.some((each) => each.name === name);
  return isSchemeFile(named) && isBuiltIn ? basename(named, extname(named)) : name;
}

/** The title of a scheme; of a file that has only the title of what it was made from, what that is. */
function titleOfScheme(named: string, { title }: Scheme): string {
  const base = isSchemeFile(named) ? builtinSchemes.find((each) => each.title === title) : undefined;
  return base === undefined ? title : `based on ${base.name}`;
}

async function schemeColumns(names: readonly string[]): Promise<ColumnScheme[]> {
  const columns = await Promise.all(
    names.map(async (name) => {
      const [base, ...names] = name.split('+');
      const scheme = await loadScheme(base);
      const label = labelOf(base, scheme);
      const changes = names.map((change) => changeTitles.get(change) ?? change);
      const title = [names.length === 0 ? titleOfScheme(base, scheme) : label, ...changes].join('; ');
      return { name, title, label: [label, ...names].join('+') };
    }),
  );
  const isTwin = (label: string) => columns.filter((each) => each.label === label).length > 1;
  return columns.map((column) => (isTwin(column.label) ? { ...column, label: column.name } : column));
}
