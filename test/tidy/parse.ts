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

/** Throws when the file has a syntax error: a rule that skipped such a file would pass it. */
export function parse({ path, text }: SourceFile): ParsedFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return { path, program, lineOf: (node) => text.slice(0, node.start).split('\n').length };
}
