/**
 * `--format`: the option, and what a verb gives of it. Imported by the verbs that print findings and results.
 */

import { Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { inputProblem, unknownName } from '../../core/input-sentence.js';
import { resultExports, runExports } from '../../exports/exports.js';
import type { PrintedFormat } from '../../kept/finding-text.js';
import { offering } from './offers.js';

/** What `--format` gave, beside `--json`. */
export interface FormatWords {
  readonly json: boolean;
  readonly format?: string;
}

const titles: Readonly<Record<string, string>> = {
  columns: 'the text for people',
  json: 'one JSON document',
  mermaid: 'a sequence diagram',
  trace: 'the run as faultline.trace/1',
  ...Object.fromEntries([...runExports, ...resultExports].map(({ name, title }) => [name, title])),
};

/** Formats of results. */
export const resultFormats: readonly string[] = ['columns', 'json', ...resultExports.map(({ name }) => name)];

/** Formats of findings, each of which is a run as well. */
export const findingFormats: readonly string[] = [
  ...['columns', 'json', 'mermaid', 'trace'],
  ...[...runExports, ...resultExports].map(({ name }) => name),
];

/** `--format` of a verb that prints `formats`. */
export function formatOption(verb: string, formats: readonly string[]): Option {
  const parse = (written: string): string => {
    if (formats.includes(written)) return written;
    if (!findingFormats.includes(written)) throw inputProblem('--format', unknownName('format', written, formats));
    throw inputProblem(
      `--format ${written}`,
      `it is a format of one run, which show and replay print of a finding; ${verb} prints a result: ${formats.join(', ')}.`,
    );
  };
  const option = new Option('--format <format>', formats.join(', ')).argParser(parse);
  return offering(option, { names: () => formats.map((name) => ({ name, title: titles[name] })) });
}

/** The format that was asked for; undefined where nothing was said. Throws InputError where two were. */
export function formatOf({ format, json }: FormatWords): string | undefined {
  if (format === undefined) return json ? 'json' : undefined;
  if (json && format !== 'json') throw new InputError(`faultline: --json and --format ${format} exclude each other.`);
  return format;
}

/** Whether it is one of the formats that are printed one after the other, finding by finding. */
export function isPrinted(format: string): format is PrintedFormat {
  return ['columns', 'json', 'mermaid'].includes(format);
}
