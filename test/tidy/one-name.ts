/** One word for one thing: a name that is exported is declared in one file. Re-exports declare nothing. */
import { type ESTree, Visitor } from 'vite';
import { parse } from './parse.js';
import type { SourceFile } from './source-file.js';

/** One sentence for each name that several of the files declare and export. */
export function oneNameViolations(files: readonly SourceFile[]): string[] {
  const places = new Map<string, string[]>();
  for (const file of files) {
    for (const [name, line] of exportedDeclarations(file)) {
      places.set(name, [...(places.get(name) ?? []), `${file.path}:${line}`]);
    }
  }
  return [...places]
    .filter(([, where]) => where.length > 1)
    .map(([name, where]) => `${name} is declared ${where.length} times: ${where.join(', ')}; give each thing a name`)
    .sort();
}

/** The names that a file declares and exports, each with its first line: overloads and a type beside its value are one. */
function exportedDeclarations(file: SourceFile): Map<string, number> {
  const { program, lineOf } = parse(file);
  const lines = new Map<string, number>();
  const note = (name: string, node: ESTree.Node) => {
    if (!lines.has(name)) lines.set(name, lineOf(node));
  };
  const declared = new Map<string, ESTree.Node>();
  for (const statement of program.body) {
    for (const [name, node] of namesOf(statement)) declared.set(name, node);
  }
  new Visitor({
    ExportNamedDeclaration(node) {
      if (node.declaration !== null) for (const [name, place] of namesOf(node.declaration)) note(name, place);
      if (node.source !== null) return;
      for (const { local, exported } of node.specifiers) {
        const place = local.type === 'Identifier' ? declared.get(local.name) : undefined;
        if (place !== undefined && exported.type === 'Identifier') note(exported.name, place);
      }
    },
  }).visit(program);
  return lines;
}

/** What a statement declares by itself. */
function namesOf(node: ESTree.Node): [name: string, place: ESTree.Node][] {
  switch (node.type) {
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => patternNames(id));
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return node.id === null ? [] : [[node.id.name, node]];
    default:
      return [];
  }
}

function patternNames(pattern: ESTree.Node): [name: string, place: ESTree.Node][] {
  switch (pattern.type) {
    case 'Identifier':
      return [[pattern.name, pattern]];
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) =>
        patternNames(each.type === 'RestElement' ? each.argument : each.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) => (each === null ? [] : patternNames(each)));
    case 'AssignmentPattern':
      return patternNames(pattern.left);
    case 'RestElement':
      return patternNames(pattern.argument);
    default:
      return [];
  }
}
