/**
 * Prints runs and results in the formats of others. Imported by the verbs that have `--format`.
 */

import { InputError } from '../../core/errors.js';
import { plainJson } from '../../core/plain-text.js';
import { resultExports, runExports } from '../../exports/exports.js';
import type { ResultDocument } from '../../report/result-schema.js';
import type { TraceDocument } from '../../trace/trace-schema.js';
import { printBytes, printJson, printText } from './terminal.js';

/** Prints a result as `json` or as one of the exports; `runs`: those of its findings, where a format has them. */
export async function printResult(
  format: string,
  result: ResultDocument,
  runs: () => readonly TraceDocument[] = () => [],
): Promise<void> {
  if (format === 'json') return printJson(result);
  const written = await resultExports.find(({ name }) => name === format)?.load();
  if (written === undefined) throw new Error(`${format} is no format of results`);
  printText(written(result, runs()));
}

/** Prints runs that were shown or replayed: `trace`, a format of one run, or of the result that they are together. */
export async function printRuns(verb: string, format: string, runs: readonly TraceDocument[]): Promise<void> {
  if (resultExports.some(({ name }) => name === format)) {
    const { resultOfRuns } = await import('../../exports/run-result.js');
    return await printResult(format, resultOfRuns(verb, runs), () => runs);
  }
  const [run] = runs;
  if (runs.length !== 1) {
    throw new InputError(`faultline: ${verb}: --format ${format} prints one document; name one finding.`);
  }
  if (format === 'trace') return printText(`${plainJson(JSON.stringify(run))}\n`);
  const found = runExports.find(({ name }) => name === format);
  if (found === undefined) throw new Error(`${format} is no format of runs`);
  const written = (await found.load())(run);
  if (typeof written === 'string') printText(written);
  else printBytes(written, `--format ${format}`, `run.${found.ending}`);
}
