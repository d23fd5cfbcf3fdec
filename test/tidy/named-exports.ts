/** Named exports only in src: a thing has one name wherever it is used. */
import { type ESTree, Visitor } from 'vite';
import { parse } from './parse.js';
import type { SourceFile } from './source-file.js';

/** One sentence for each default export below src. */
export function namedExportViolations(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => path.startsWith('src/')).flatMap(violationsIn);
}

function violationsIn(file: SourceFile): string[] {
  const { path, program, lineOf } = parse(file);
  const found: string[] = [];
  const report = (node: ESTree.Node) => found.push(`${path}:${lineOf(node)}: a default export; give it a name`);
  new Visitor({
    ExportDefaultDeclaration: report,
    TSExportAssignment: report,
    ExportSpecifier(node) {
      if ((node.exported.type === 'Literal' ? node.exported.value : node.exported.name) === 'default') report(node);
    },
    ExportAllDeclaration(node) {
      if (node.exported?.type === 'Identifier' && node.exported.name === 'default') report(node);
    },
  }).visit(program);
  return found;
}
