/**
 * The words of a step in exports. Used by the exports only.
 */

import type { DocumentStep, TraceDocument } from '../trace/trace-schema.js';
import { oneLine } from './export-text.js';

/** `i_pages[0] -> folio 1`; a section with its name alone. */
export function stepWithResult({ text, result }: DocumentStep): string {
  return oneLine(result === undefined ? text : `${text} -> ${result}`);
}

/** The innermost function that a step lies in; undefined where the model names none. */
export function innermostFunction({ frames }: DocumentStep): string | undefined {
  return frames.at(-1)?.name;
}

/** `kvm_gmem_get_pfn: i_pages[0] -> folio 1` */
export function stepInFunction(step: DocumentStep): string {
  const name = innermostFunction(step);
  return oneLine(name === undefined ? stepWithResult(step) : `${name}: ${stepWithResult(step)}`);
}

/** `i_pages[0], page lock of folio 1` */
export function cellNames(document: TraceDocument, cells: readonly number[]): string {
  return cells.map((cell) => document.cells[cell].name).join(', ');
}

/** The step that breaks; undefined where nothing does, or where it shows when the run has ended. */
export function breakingStep({ steps }: TraceDocument): number | undefined {
  const found = steps.findIndex(({ violation }) => violation !== undefined);
  return found < 0 ? undefined : found;
}

/** `When this happens, the page is leaked.` */
export function happensText(words: string): string {
  const line = oneLine(words);
  return `When this happens, ${/[.!?]$/.test(line) ? line : `${line}.`}`;
}
