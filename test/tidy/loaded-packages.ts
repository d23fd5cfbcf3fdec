/** What loads together with a file, before anything of it runs: imports and re-exports of values, however far. */
import { posix } from 'node:path';
import { parse } from './parse.js';
import type { SourceFile } from './source-file.js';

/** The packages that load with the file at `path`, sorted. */
export function packagesLoadedBy(path: string, files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (at: string): void => {
    const file = byPath.get(at);
    if (file === undefined || seen.has(at)) return;
    seen.add(at);
    for (const specifier of loadedWith(file)) {
      if (specifier.startsWith('.')) visit(posix.join(posix.dirname(at), specifier).replace(/\.js$/, '.ts'));
      else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier));
    }
  };
  visit(path);
  return [...packages].sort();
}

function loadedWith(file: SourceFile): string[] {
  return parse(file).program.body.flatMap((node) => {
    if (node.type === 'ImportDeclaration') return node.importKind === 'type' ? [] : [node.source.value];
    if (node.type === 'ExportAllDeclaration') return node.exportKind === 'type' ? [] : [node.source.value];
    if (node.type !== 'ExportNamedDeclaration' || node.source === null || node.exportKind === 'type') return [];
    return [node.source.value];
  });
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
