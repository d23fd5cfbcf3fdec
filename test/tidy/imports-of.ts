/** Every way in which one file can name another: import, re-export, import(), import('...').Type. */
import { type ESTree, Visitor } from 'vite';
import { parse } from './parse.js';
import type { SourceFile } from './source-file.js';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Gone after compilation. `import { type A }` is not: under verbatimModuleSyntax it still loads the file. */
  readonly typeOnly: boolean;
}

/** In the order of the text. An import() of something computed names no file and is left out. */
export function importsOf(file: SourceFile): Import[] {
  const { program, lineOf } = parse(file);
  const imports: (Import & { readonly start: number })[] = [];
  const add = (source: ESTree.Node | null, typeOnly: boolean) => {
    const specifier = source === null ? undefined : constantText(source);
    if (source !== null && specifier !== undefined) {
      imports.push({ specifier, line: lineOf(source), typeOnly, start: source.start });
    }
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
  }).visit(program);
  return imports.sort((a, b) => a.start - b.start).map(({ start: _, ...found }) => found);
}

function constantText(node: ESTree.Node): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}
