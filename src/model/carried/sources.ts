/**
 * Sources: the files that a stranger's routines are written in, those that they import from their own folders included,
 * and what can be asked about all of them together: which functions an expression may stand for, who calls a function,
 * what properties are called. Functions are found by their names, so the answers hold too much rather than too little.
 * Used by the rest of this room.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isOwnFile } from '../own-file.js';
import { type Binding, Names, type Reference } from './names.js';
import {
  type FunctionNode,
  isFunction,
  keyOf,
  memberName,
  parseSource,
  pathOf,
  type SyntaxNode,
  walk,
} from './syntax.js';

type Call = Extract<SyntaxNode, { type: 'CallExpression' | 'NewExpression' }>;

/** What begins loops, and runs functions where they stand. */
const MARKS = new Set(['here', 'loop', 'within', 'atomic']);

const parsed = new Map<string, { readonly text: string; readonly names: Names }>();

/** Some files and what they import. */
export class Sources {
  readonly #files = new Map<string, Names>();
  /** Calls by the name of what is called. */
  readonly #calls = new Map<string, Call[]>();
  /** Calls by the names of what they are handed. */
  readonly #handed = new Map<string, Call[]>();
  readonly #callers = new Map<FunctionNode, readonly Call[]>();
  /** What properties of a name may hold. */
  readonly #properties = new Map<string, SyntaxNode[]>();
  /** Functions that can be called without being named. */
  readonly nameless: SyntaxNode[] = [];

  /** @param paths of files; those that are not there or cannot be read are left out */
  constructor(paths: readonly string[]) {
    for (const path of paths) this.#add(path);
  }

  /** The names of the file a node is from. */
  namesOf(node: SyntaxNode): Names {
    return this.#files.get(pathOf(node)) as Names;
  }

  /** The names of a file; undefined when it could not be read. */
  file(path: string): Names | undefined {
    return this.#files.get(path);
  }

  get files(): readonly Names[] {
    return [...this.#files.values()];
  }

  /** Whether somebody looks at a variable: `n++;` as a statement looks at it for itself alone. */
  isLookedAt({ by, how }: Reference): boolean {
    if (how !== 'update') return how === 'read';
    const isAsked = by.type === 'AssignmentExpression' && /^(?:\?\?|&&|\|\|)=$/.test(by.operator);
    return isAsked || this.namesOf(by).parent(by)?.type !== 'ExpressionStatement';
  }

  /** What an identifier stands for; imports from other files of the stranger are followed. */
  bindingOf(node: SyntaxNode): Binding | undefined {
    const binding = this.namesOf(node).reference(node)?.binding;
    return binding && this.origin(binding);
  }

  /** The binding that an import is of, where that is one of the files; else the binding itself. */
  origin(binding: Binding): Binding {
    const [source] = binding.sources;
    if (source?.kind !== 'import') return binding;
    const path = resolved(source.module, pathOf(binding.node));
    const names = path === undefined ? undefined : this.#files.get(path);
    const exported = names && exportedBinding(names, source.name);
    return exported === undefined ? binding : this.origin(exported);
  }

  /** What the library calls something that an expression stands for, `here` say, whatever its name is in the file. */
  libraryName(node: SyntaxNode, seen = new Set<Binding>()): string | undefined {
    if (node.type === 'SequenceExpression')
      return this.libraryName(node.expressions[node.expressions.length - 1], seen);
    if (node.type === 'MemberExpression') {
      const module = node.object.type === 'Identifier' ? this.#moduleOf(node.object) : undefined;
      const name = memberName(node);
      return module === undefined || name === undefined ? undefined : this.#library(module, name, pathOf(node));
    }
    if (node.type !== 'Identifier') return undefined;
    const binding = this.bindingOf(node);
    if (binding === undefined || seen.has(binding)) return undefined;
    seen.add(binding);
    const path = pathOf(binding.node);
    for (const source of binding.sources) {
      if (source.kind === 'import') return this.#library(source.module, source.name, path);
      if (source.kind === 'value') return this.libraryName(source.from, seen);
      const module = source.kind === 'part' ? importedModule(source.from) : undefined;
      if (module !== undefined) return this.#library(module, takenKey(this.namesOf(binding.node), binding), path);
    }
    return undefined;
  }

  /** The module that an identifier stands for. */
  #moduleOf(node: SyntaxNode): string | undefined {
    const [source] = this.bindingOf(node)?.sources ?? [];
    if (source?.kind === 'import') return source.name === '*' ? source.module : undefined;
    return source?.kind === 'value' ? importedModule(source.from) : undefined;
  }

  /** The name of what a module exports, if it is the library's; files of the stranger may hand it on. */
  #library(module: string, name: string | undefined, from: string): string | undefined {
    if (name === undefined) return undefined;
    if (module === 'faultline') return name;
    const path = resolved(module, from);
    if (path !== undefined && isOwnFile(path)) return name;
    const names = path === undefined ? undefined : this.#files.get(path);
    // Whoever installs the library under another name still begins loops with it.
    if (names === undefined) return MARKS.has(name) ? name : undefined;
    for (const statement of names.program.body) {
      if (statement.type === 'ExportAllDeclaration') {
        const found = this.#library(String(statement.source.value), name, pathOf(statement));
        if (found !== undefined) return found;
      }
      if (statement.type !== 'ExportNamedDeclaration' || !statement.source) continue;
      for (const { exported, local } of statement.specifiers) {
        if (textOf(exported) === name)
          return this.#library(String(statement.source.value), textOf(local), pathOf(statement));
      }
    }
    return undefined;
  }

  /** The functions that an expression may stand for, as far as that can be seen. */
  functionsOf(node: SyntaxNode, seen = new Set<SyntaxNode>()): FunctionNode[] {
    if (seen.has(node)) return [];
    seen.add(node);
    if (isFunction(node)) return [node];
    switch (node.type) {
      case 'Identifier': {
        const binding = this.bindingOf(node);
        return binding === undefined ? [] : this.functionsOfBinding(binding, seen);
      }
      case 'MemberExpression':
        return this.propertiesOf(memberName(node)).flatMap((value) => this.functionsOf(value, seen));
      case 'ConditionalExpression':
        return [node.consequent, node.alternate].flatMap((each) => this.functionsOf(each, seen));
      case 'LogicalExpression':
        return [node.left, node.right].flatMap((each) => this.functionsOf(each, seen));
      case 'AssignmentExpression':
        return this.functionsOf(node.right, seen);
      case 'CallExpression':
        // `put.bind(box)` is `put`.
        if (node.callee.type !== 'MemberExpression' || memberName(node.callee) !== 'bind') return [];
        return this.functionsOf(node.callee.object, seen);
      default:
        return [];
    }
  }

  /** The functions that a binding may stand for. */
  functionsOfBinding(binding: Binding, seen = new Set<SyntaxNode>()): FunctionNode[] {
    const parent = this.namesOf(binding.node).parent(binding.node);
    if (binding.kind === 'function' && !isFunction(parent))
      return declaredFunctions(this.namesOf(binding.node), binding);
    return binding.sources.flatMap((source) => {
      if (source.kind === 'value') return this.functionsOf(source.from, seen);
      // `const { put } = box` is `box.put`.
      if (source.kind !== 'part') return [];
      const taken = this.propertiesOf(takenKey(this.namesOf(binding.node), binding));
      return taken.flatMap((value) => this.functionsOf(value, seen));
    });
  }

  /** What properties of a name hold: values, methods, accessors. */
  propertiesOf(name: string | undefined): readonly SyntaxNode[] {
    return name === undefined ? [] : (this.#properties.get(name) ?? []);
  }

  /** The calls that may be of a function. */
  callsOf(called: FunctionNode): readonly Call[] {
    let calls = this.#callers.get(called);
    if (calls === undefined) {
      calls = this.#findCalls(called);
      this.#callers.set(called, calls);
    }
    return calls;
  }

  #findCalls(called: FunctionNode): Call[] {
    const name = this.namesOf(called).nameOf(called);
    if (name === undefined) return [];
    const own = this.#calls.get(name) ?? [];
    // Imports may have another name for it.
    const others = [...this.#calls].filter(([other]) => other !== name).flatMap(([, calls]) => calls);
    return [
      ...own.filter(({ callee }) => callee.type !== 'Identifier' || this.#mayBe(callee, called)),
      ...others.filter(({ callee }) => callee.type === 'Identifier' && this.#mayBe(callee, called)),
    ];
  }

  /** The calls that a function is handed to, as it is written there or by its name. */
  handedTo(node: FunctionNode): readonly Call[] {
    const name = this.namesOf(node).nameOf(node);
    const named = name === undefined ? [] : (this.#handed.get(name) ?? []);
    const parent = this.namesOf(node).parent(node);
    const own = parent?.type === 'CallExpression' && parent.callee !== node ? [parent] : [];
    return [...own, ...named.filter((call) => call.arguments.some((each) => this.#mayBe(each, node)))];
  }

  #mayBe(callee: SyntaxNode, called: FunctionNode): boolean {
    return this.functionsOf(callee).includes(called);
  }

  #add(path: string, isImported = false): void {
    if (this.#files.has(path)) return;
    const names = namesIn(path);
    if (names === undefined || (isImported && isOwnFile(path))) return;
    this.#files.set(path, names);
    walk(names.program, (node) => {
      this.#index(node, names);
    });
    for (const statement of names.program.body) {
      if (!('source' in statement) || !statement.source) continue;
      const other = resolved(String(statement.source.value), path);
      if (other !== undefined) this.#add(other, true);
    }
  }

  #index(node: SyntaxNode, names: Names): void {
    switch (node.type) {
      case 'CallExpression':
      case 'NewExpression':
        push(this.#calls, calledName(node.callee), node);
        for (const each of node.arguments) if (each.type === 'Identifier') push(this.#handed, each.name, node);
        break;
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (names.parent(node)?.type === 'ObjectPattern' || !node.value) break;
        if (keyOf(node) === undefined) this.nameless.push(node.value);
        else push(this.#properties, keyOf(node), node.value);
        break;
      case 'AssignmentExpression':
        if (node.left.type === 'MemberExpression') push(this.#properties, memberName(node.left), node.right);
        break;
    }
  }
}

/** The names in a file; undefined when it is not there, or is no program. */
function namesIn(path: string): Names | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const known = parsed.get(path);
  if (known?.text === text) return known.names;
  try {
    const names = new Names(parseSource(text, path));
    parsed.set(path, { text, names });
    return names;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file that a specifier means; undefined for a package, and for what is not there. */
function resolved(specifier: string, from: string): string | undefined {
  if (!/^\.{0,2}\//.test(specifier)) return undefined;
  const path = resolve(dirname(from), specifier);
  const typed = path.replace(/\.([mc]?)js$/, '.$1ts');
  const endings = ['.ts', '.mts', '.js', '.mjs'];
  return [path, typed, ...endings.map((ending) => path + ending)].find(
    (each) => /\.[mc]?[jt]s$/.test(each) && existsSync(each),
  );
}

function exportedBinding(names: Names, exported: string): Binding | undefined {
  for (const statement of names.program.body) {
    if (statement.type === 'ExportNamedDeclaration') {
      for (const { local, exported: as } of statement.specifiers) {
        if (textOf(as) === exported && local.type === 'Identifier') return names.module.bindings.get(local.name);
      }
    }
    if (exported === 'default' && statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      if (declaration.type === 'Identifier') return names.module.bindings.get(declaration.name);
      if ('id' in declaration && declaration.id) return names.module.bindings.get(declaration.id.name);
    }
  }
  return names.module.bindings.get(exported);
}

function declaredFunctions(names: Names, binding: Binding): FunctionNode[] {
  return names.functions.filter((each) => each.type !== 'ArrowFunctionExpression' && each.id === binding.node);
}

/** The module of `await import('...')` and `require('...')`. */
function importedModule(node: SyntaxNode): string | undefined {
  if (node.type === 'AwaitExpression') return importedModule(node.argument);
  const isRequired =
    node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'require';
  const source = node.type === 'ImportExpression' ? node.source : isRequired ? node.arguments[0] : undefined;
  return source?.type === 'Literal' ? String(source.value) : undefined;
}

function textOf(name: SyntaxNode): string {
  return name.type === 'Identifier' ? name.name : String((name as { value?: unknown }).value);
}

/** The key by which a binding is taken out of an object or an imported module. */
function takenKey(names: Names, { node }: Binding): string | undefined {
  const property = names.parent(node);
  return property?.type === 'Property' ? keyOf(property) : undefined;
}

function calledName(callee: SyntaxNode): string | undefined {
  return callee.type === 'Identifier' ? callee.name : memberName(callee);
}

function push<T>(map: Map<string, T[]>, name: string | undefined, value: T): void {
  if (name === undefined) return;
  const values = map.get(name);
  if (values === undefined) map.set(name, [value]);
  else values.push(value);
}
