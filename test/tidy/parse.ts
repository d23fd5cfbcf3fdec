/**
 * Syntax trees for the house rules, so that a comment or a string never counts as code.
 *
 * The parser is Oxc's, which vitest brings along through Vite.
 */
import { type ESTree, parseSync } from 'vite';
import type { SourceFile } from './source-file.js';

export interface ParsedFile {
  readonly path: string;
  readonly program: ESTree.Program;
  /** Counted from 1. */
  lineOf(node: { readonly start: number }): number;
}

/** Of the files that rules look at, one after the other. */
const parsed = new WeakMap<SourceFile, ParsedFile>();

/** Throws when the file has a syntax error: a rule that skipped such a file would pass it. */
export function parse(file: SourceFile): ParsedFile {
  const known = parsed.get(file) ?? parseAnew(file);
  parsed.set(file, known);
  return known;
}

function parseAnew({ path, text }: SourceFile): ParsedFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return { path, program, lineOf: (node) => text.slice(0, node.start).split('\n').length };
}
