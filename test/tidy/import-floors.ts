/**
 * The import floors (src/README.md draws them): a file imports only from its own floor or below, engines know neither
 * each other nor guest_memfd, and the machines know nothing of ours. The wings of core are floors of their own.
 */
import { posix } from 'node:path';
import { importsOf } from './imports-of.js';
import type { SourceFile } from './source-file.js';

/** The wings of core: each loads what stands before it, and may name the others in types. */
const wings = ['core/ops', 'core/machine', 'core/automaton', 'core/program', 'core/run', 'core/story'];
const core = ['core', ...wings];
const engines = ['live', 'explore', 'verify'];
const model = ['model', 'primitives', ...core, 'machines'];
const everything = ['report', 'trace', 'campaign', ...engines, 'conform', 'space', 'threads', 'gmem', ...model];

interface Floor {
  /** Floors it may load. Its own is always among them. */
  readonly imports: readonly string[];
  /** Floors it may name in types only. */
  readonly types?: readonly string[];
}

const floors: Readonly<Record<string, Floor>> = {
  machines: { imports: [] },
  // What lies in no wing: errors, random numbers, the words for findings.
  core: { imports: [] },
  ...Object.fromEntries(wings.map((wing, at) => [wing, { imports: ['core', ...wings.slice(0, at)], types: wings }])),
  // A run as a document, for browsers as well: it knows nothing of ours.
  trace: { imports: [] },
  // What pages carry: drawn from documents alone.
  viewer: { imports: ['trace'] },
  // The engine in them: what a browser can run.
  tryout: { imports: ['report', 'trace', 'gmem', ...model] },
  // Read by two compilers, and so by nobody else's rules.
  kernels: { imports: [] },
  primitives: { imports: core },
  model: { imports: ['primitives', ...core] },
  threads: { imports: ['core'] },
  space: { imports: ['kernels', ...core] },
  // Holds recordings against any model; guest_memfd reads its own traces with it.
  conform: { imports: core },
  gmem: { imports: ['conform', ...model] },
  live: { imports: ['threads', ...model] },
  explore: { imports: ['kernels', 'space', 'threads', ...model] },
  verify: { imports: ['kernels', 'space', 'threads', ...model] },
  campaign: { imports: [...engines, ...model] },
  // A report prints what the floors below found and runs none of them.
  report: { imports: ['trace', ...model], types: ['campaign', ...engines, 'space'] },
  // What is written for others is written from documents, and from nothing else.
  exports: { imports: ['trace', 'core'], types: ['report'] },
  workers: { imports: [...engines, 'threads', ...model] },
  index: { imports: ['library', ...everything] },
  subject: { imports: ['gmem', ...model] },
  kept: { imports: ['subject', 'report', 'trace', 'campaign', ...engines, 'gmem', ...model] },
  // What users of the library call beyond the engines, and what test runners do.
  library: { imports: ['kept', 'subject', ...everything] },
  testing: { imports: ['library', 'kept', 'subject', ...everything] },
  cli: { imports: ['index', 'library', 'kept', 'subject', 'exports', ...everything] },
};

/** One sentence for each import that the floors forbid, and for each file that stands on no floor. */
export function importFloorViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const from = floorOf(file.path);
    if (from === undefined)
      return [`${file.path}: stands on no floor; the floors are ${Object.keys(floors).join(', ')}`];
    return importsOf(file).flatMap(({ specifier, line, typeOnly }) => {
      const path = pathOf(file.path, specifier);
      if (path === undefined) return [];
      const to = floorOf(path);
      if (to !== undefined && mayImport(from, to, typeOnly)) return [];
      return [`${file.path}:${line}: ${from} may not import ${specifier}${typeOnly ? '' : hintOf(from, to)}`];
    });
  });
}

function mayImport(from: string, to: string, typeOnly: boolean): boolean {
  const { imports = [], types = [] } = floors[from] ?? {};
  return from === to || imports.includes(to) || (typeOnly && types.includes(to));
}

function hintOf(from: string, to: string | undefined): string {
  return to !== undefined && mayImport(from, to, true) ? ' except for its types (import type)' : '';
}

/** The imported file from the repository's root; undefined for packages and Node's own modules. */
function pathOf(importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (specifier.startsWith('/')) return specifier;
  if (/^\.\.?\//.test(specifier)) return posix.join(posix.dirname(importer), specifier);
  return undefined;
}

function floorOf(path: string): string | undefined {
  const [, house, wing] = /^(?:src\/)?(\w+)\/(?:(\w+)\/)?/.exec(path) ?? [];
  if (house === 'core' && wing !== undefined) return wings.find((each) => each === `core/${wing}`);
  const name = /^src\/index\.[jt]s$/.test(path) ? 'index' : house;
  return name !== undefined && Object.hasOwn(floors, name) && isWhereItBelongs(path, name) ? name : undefined;
}

function isWhereItBelongs(path: string, floor: string): boolean {
  return path.startsWith('src/') !== (floor === 'machines' || floor === 'workers');
}
