/**
 * Module files: evaluates a user's file and the files of the user's that it imports, and remembers what each of them
 * said. What a finding depends on is therefore known to the letter, down to an import whose name is computed.
 *
 * jiti makes CommonJS of TypeScript and of ES modules and resolves names; packages and what comes with Node are loaded by
 * it as well. `faultline`, `faultline/gmem` and `xstate` are the copies that are running: with a second copy, refs and ops would be of
 * other classes than the engine's. Used by the module loader.
 */

import { readFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, extname, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import type { Jiti } from 'jiti';
import { InputError } from '../core/errors.js';
import { isRoutineMaker, notedMaker } from '../core/ops/made.js';

/** A file and what it said when it was loaded. */
export interface FileText {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** A file that was to be loaded; without a text where there is none. */
export type WantedFile = Pick<FileText, 'path'> & Partial<FileText>;

/** Files that are code. */
const CODE = /\.[cm]?[jt]sx?$/;

/** A file that was loaded, or is being loaded. */
interface Loaded extends FileText {
  readonly module: { exports: Record<string, unknown> };
  readonly imports: Set<Loaded>;
  /** Ends when it was evaluated. */
  over: Promise<void>;
  isOver: boolean;
  /** Whom its evaluation waits for now. */
  readonly waitsFor: Set<Loaded>;
}

type Import = (specifier: string) => Promise<unknown>;
type Require = (specifier: string) => unknown;

/** Evaluates files, each once. */
export class ModuleFiles {
  readonly #files = new Map<string, Loaded>();
  /** Modules of ours as strangers got them. */
  readonly #handedOut = new WeakMap<object, object>();

  /**
   * @param ownFile where the running copy has a file of ours; undefined for any other path
   * @param onFile called with each file when it was read, before it is evaluated, or was found to be absent
   */
  constructor(
    readonly jiti: Jiti,
    readonly ownFile: (path: string) => string | undefined,
    readonly onFile: (file: WantedFile) => void = () => {},
  ) {}

  /** Evaluates a file; its exports. Throws what it throws, and what cannot be read or resolved. */
  async load(path: string): Promise<Record<string, unknown>> {
    const file = this.#files.get(path) ?? this.#begin(path);
    await file.over;
    const { exports } = file.module;
    return exports.__esModule === true ? exports : { default: exports, ...exports };
  }

  /** A file that was loaded and all files that it imports, directly or through others, by path. */
  of(path: string): readonly FileText[] {
    const found = new Set<Loaded>();
    const visit = (file: Loaded): void => {
      if (found.has(file)) return;
      found.add(file);
      file.imports.forEach(visit);
    };
    const file = this.#files.get(path);
    if (file !== undefined) visit(file);
    return [...found]
      .map(({ path: at, text }) => ({ path: at, text }))
      .sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  #begin(path: string): Loaded {
    const file = this.#enter(path);
    file.over = this.#evaluate(file).finally(() => {
      file.isOver = true;
    });
    // Whoever waits for it hears of it.
    file.over.catch(() => {});
    return file;
  }

  #enter(path: string): Loaded {
    const file: Loaded = {
      ...{ path, text: readFileSync(path, 'utf8'), module: { exports: {} } },
      ...{ imports: new Set(), over: Promise.resolve(), isOver: false, waitsFor: new Set() },
    };
    this.#files.set(path, file);
    this.onFile({ path, text: file.text });
    return file;
  }

  async #evaluate(file: Loaded): Promise<void> {
    if (extname(file.path) === '.json') return evaluateJson(file);
    await this.#run(file, true);
    throwIfUnreadable(file);
  }

  #evaluateNow(file: Loaded): void {
    if (extname(file.path) === '.json') evaluateJson(file);
    else this.#run(file, false);
    throwIfUnreadable(file);
    file.isOver = true;
  }

  #run({ path, text, module }: Loaded, async: boolean): unknown {
    const ts = /\.[cm]?tsx?$/.test(path);
    const code = this.jiti.transform({ filename: path, source: text, ts, async });
    const head = `(${async ? 'async ' : ''}function (exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve) {`;
    const run = runInThisContext(`${head} ${code}\n});`, { filename: path });
    const file = this.#files.get(path) as Loaded;
    const resolve = (specifier: string): string => pathToFileURL(this.#resolved(specifier, file)).href;
    return run(module.exports, this.#requireOf(file), module, path, dirname(path), this.#importOf(file), resolve);
  }

  #importOf(from: Loaded): Import {
    return async (specifier) => {
      const path = this.#userFile(specifier, from);
      if (path === undefined)
        return this.#given(specifier, from, await this.jiti.import(this.#foreign(specifier, from)));
      const file = this.#files.get(path) ?? this.#begin(path);
      from.imports.add(file);
      // In a circle somebody has to go on with what there is; else all would wait for ever.
      if (!file.isOver && waitsFor(file, from)) return file.module.exports;
      from.waitsFor.add(file);
      try {
        await file.over;
      } finally {
        from.waitsFor.delete(file);
      }
      return file.module.exports;
    };
  }

  #requireOf(from: Loaded): Require {
    return (specifier) => {
      const path = this.#userFile(specifier, from);
      if (path === undefined) return this.#given(specifier, from, this.jiti(this.#foreign(specifier, from)));
      let file = this.#files.get(path);
      if (file === undefined) {
        file = this.#enter(path);
        this.#evaluateNow(file);
      }
      from.imports.add(file);
      return file.module.exports;
    };
  }

  /** The path of a file of the user's that is to be evaluated here; undefined for whatever else is imported. */
  #userFile(specifier: string, from: Loaded): string | undefined {
    if (isRunningCopy(specifier) || isBuiltin(specifier)) return undefined;
    const path = this.#resolved(specifier, from);
    if (path.includes(`${sep}node_modules${sep}`) || this.ownFile(path) !== undefined) return undefined;
    return CODE.test(path) || extname(path) === '.json' ? path : undefined;
  }

  /** What jiti is asked for in place of a specifier. */
  #foreign(specifier: string, from: Loaded): string {
    if (isRunningCopy(specifier) || isBuiltin(specifier)) return specifier;
    const path = this.#resolved(specifier, from);
    return this.ownFile(path) ?? path;
  }

  /** What somebody gets of a module that is not evaluated here. Routines of ours are noted: they have to be yielded. */
  #given(specifier: string, from: Loaded, module: unknown): unknown {
    const isOurs =
      isLibrary(specifier) ||
      (!isRunningCopy(specifier) && !isBuiltin(specifier) && this.ownFile(this.#resolved(specifier, from)));
    if (!isOurs) return module;
    const exports = module as Record<string, unknown>;
    const known = this.#handedOut.get(exports);
    if (known !== undefined) return known;
    const given = Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, notedValue(name, value)]));
    this.#handedOut.set(exports, given);
    return given;
  }

  #resolved(specifier: string, { path }: Loaded): string {
    const found = this.jiti.esmResolve(specifier, { parentURL: pathToFileURL(path).href, try: true });
    if (found !== undefined) return found.startsWith('file:') ? fileURLToPath(found) : found;
    if (specifier.startsWith('xstate/')) return createRequire(import.meta.url).resolve(specifier);
    if (specifier.startsWith('.')) this.onFile({ path: resolve(dirname(path), specifier) });
    throw new InputError(`faultline: ${path} imports "${specifier}", and there is no such file or package.`);
  }
}

/** A routine of ours, or a scheme with its routines, as strangers get it. */
function notedValue(name: string, value: unknown): unknown {
  if (isRoutineMaker(value)) return notedMaker(name, value);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const members = Object.entries(value);
  if (!members.some(([, member]) => isRoutineMaker(member))) return value;
  return Object.fromEntries(
    members.map(([key, member]) => [key, isRoutineMaker(member) ? notedMaker(key, member) : member]),
  );
}

/** Names for which a user's file gets the copy that is running. */
function isRunningCopy(specifier: string): boolean {
  return isLibrary(specifier) || specifier === 'xstate';
}

/** The library, or the part of it that is about guest_memfd. */
function isLibrary(specifier: string): boolean {
  return specifier === 'faultline' || specifier === 'faultline/gmem';
}

function isBuiltin(specifier: string): boolean {
  return /^(node|data):/.test(specifier) || builtinModules.includes(specifier);
}

/** Whether the evaluation of a file waits for another one, directly or through others. */
function waitsFor(file: Loaded, other: Loaded, seen = new Set<Loaded>()): boolean {
  if (file === other) return true;
  seen.add(file);
  return [...file.waitsFor].some((next) => !seen.has(next) && waitsFor(next, other, seen));
}

function evaluateJson({ text, module }: Loaded): void {
  const value = JSON.parse(text) as unknown;
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  module.exports = { ...members, default: value, __esModule: true };
}

/** What jiti makes of a file with an error of syntax says so when it runs. */
function throwIfUnreadable({ module: { exports } }: Loaded): void {
  const error = exports.__JITI_ERROR__ as
    | { filename: string; line: number; column: number; code: string; message: string }
    | undefined;
  if (error === undefined) return;
  const { filename, line, column, code, message } = error;
  throw new Error(`${code}: ${message} \n ${filename}:${line}:${column}`);
}
