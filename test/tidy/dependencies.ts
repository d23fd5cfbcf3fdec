/** package.json and the imports agree: no dependency sits idle, and nothing is imported that an installed copy lacks. */
import { isBuiltin } from 'node:module';
import { importsOf } from './imports-of.js';
import type { SourceFile } from './source-file.js';

/** The part of package.json that the rule reads. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  /** What an installed copy finds in the user's own project. */
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One sentence for each idle dependency and each undeclared import; `files` are those of src, workers and machines. */
export function dependencyViolations(manifest: Manifest, files: readonly SourceFile[]): string[] {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const imported = files.flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => !/^[./#]/.test(specifier) && !isBuiltin(specifier))
      .map(({ specifier, line }) => ({ name: packageOf(specifier), where: `${file.path}:${line}` })),
  );
  const idle = declared.filter((name) => !imported.some((found) => found.name === name));
  return [
    ...idle.map((name) => `package.json: the dependency ${name} is imported nowhere in src, workers, machines`),
    ...imported
      .filter(({ name }) => !declared.includes(name))
      .map(({ name, where }) => `${where}: ${name} is not among the dependencies of package.json`),
  ];
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
