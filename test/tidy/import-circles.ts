/** No circle of files that load each other: what goes round goes round in types, which are gone when the files load. */
import { posix } from 'node:path';
import { importsOf } from './imports-of.js';
import type { SourceFile } from './source-file.js';

/** One sentence for each import that closes a circle of imports of values. */
export function importCircleViolations(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, loadedBy(file)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path);
    if (start >= 0) found.push(`${[...way.slice(start), path].join(' -> ')}: files that load each other in a circle`);
    if (start >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

function loadedBy(file: SourceFile): string[] {
  return importsOf(file)
    .filter(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier).replace(/\.js$/, '.ts'));
}
