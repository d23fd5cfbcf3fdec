/**
 * Dropped: calls whose value is lost. A routine that is called runs nothing, and an op that is made does nothing: both
 * have to be yielded by `yield*`. Whether a call makes an op only a run can tell, so the deriver asks here about those that
 * it saw made and not yielded; that it calls a routine of the stranger's own can be read. Used by watch.ts.
 */

import type { Names } from './names.js';
import type { Sources } from './sources.js';
import { type FunctionNode, isFunction, memberName, type SyntaxNode, walk } from './syntax.js';

type Call = Extract<SyntaxNode, { type: 'CallExpression' }>;

/** What becomes of a value: lost, given to the caller, or kept by somebody who may still yield it. */
export type ValueUse = 'dropped' | 'returned' | 'kept' | 'yielded';

/** What becomes of the value of a call. */
export function useOf(names: Names, node: SyntaxNode): ValueUse {
  const parent = names.parent(node);
  switch (parent?.type) {
    case 'YieldExpression':
      return parent.delegate ? 'yielded' : 'dropped';
    case 'ExpressionStatement':
    case 'UnaryExpression':
    case 'BinaryExpression':
      return 'dropped';
    case 'IfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return parent.test === node ? 'dropped' : 'kept';
    case 'ForStatement':
      return 'dropped';
    case 'LogicalExpression':
      // What comes first is asked whether it is true, and so is the rest where the whole is lost.
      return parent.left === node && parent.operator !== '??' ? 'dropped' : useOf(names, parent);
    case 'ConditionalExpression':
      return parent.test === node ? 'dropped' : useOf(names, parent);
    case 'SequenceExpression':
      return parent.expressions.at(-1) === node ? useOf(names, parent) : 'dropped';
    case 'ReturnStatement':
      return 'returned';
    case 'ArrowFunctionExpression':
      return parent.body === node ? 'returned' : 'kept';
    case 'VariableDeclarator':
      return parent.init === node && parent.id.type === 'Identifier' ? useOfVariable(names, parent.id) : 'kept';
    default:
      return 'kept';
  }
}

/** What becomes of a variable's value: it is lost where nobody does more with it than ask whether it is true. */
function useOfVariable(names: Names, declared: SyntaxNode): ValueUse {
  const reads = names.reference(declared)?.binding?.references.filter(({ node }) => node !== declared) ?? [];
  return reads.every(({ node, how }) => how === 'read' && useOf(names, node) === 'dropped') ? 'dropped' : 'kept';
}

/** What becomes of a value that is made on a line: what its calls there say, the worst of them; undefined without one. */
export function useOnLine(names: Names, line: number): ValueUse | undefined {
  const uses = new Set<ValueUse>();
  walk(names.program, (node) => {
    if (node.type === 'CallExpression' && node.callee.loc?.end.line === line) uses.add(useOf(names, node));
  });
  return (['dropped', 'returned', 'kept', 'yielded'] as const).find((use) => uses.has(use));
}

/** Methods that call what they are handed and do nothing with what it returns. */
const DEAF = new Set(['forEach']);

/** The first call of a routine of the stranger's own whose routine nobody can yield. */
export function droppedCallIn(sources: Sources): Call | undefined {
  const routines = new Routines(sources);
  let found: Call | undefined;
  for (const names of sources.files) {
    walk(names.program, (node) => {
      if (found === undefined && node.type === 'CallExpression' && routines.isDropped(names, node)) found = node;
    });
  }
  return found;
}

/** Which calls make routines, as far as the text tells. */
class Routines {
  readonly #asked = new Set<SyntaxNode>();

  constructor(readonly sources: Sources) {}

  /** Whether a call makes a routine that is lost, or hands a routine to somebody who loses it. */
  isDropped(names: Names, call: Call): boolean {
    if (DEAF.has(memberName(call.callee) ?? '')) return call.arguments.some((each) => this.#isLost(each));
    return this.#makes(call) && useOf(names, call) === 'dropped';
  }

  /** Whether what a function that is called by somebody deaf makes is a routine. */
  #isLost(handed: SyntaxNode): boolean {
    const functions = this.sources.functionsOf(handed);
    return functions.length > 0 && functions.every((each) => isRoutine(each) || this.#gives(each));
  }

  #makes({ callee }: Call): boolean {
    if (this.#isOfContainer(callee)) return false;
    const functions = [...this.sources.functionsOf(callee), ...this.#handedIn(callee)];
    return functions.length > 0 && functions.every((each) => isRoutine(each) || this.#gives(each));
  }

  /** Whether a method is one of an array, a Map or a Set, whatever else of the stranger's own has its name. */
  #isOfContainer(callee: SyntaxNode): boolean {
    if (callee.type !== 'MemberExpression') return false;
    if (callee.object.type !== 'Identifier') return isContainer(callee.object);
    const origins = this.sources.bindingOf(callee.object)?.sources ?? [];
    return origins.length > 0 && origins.every((each) => each.kind === 'value' && isContainer(each.from));
  }

  /** What a parameter that is called may stand for. */
  #handedIn(callee: SyntaxNode): FunctionNode[] {
    const binding = callee.type === 'Identifier' ? this.sources.bindingOf(callee) : undefined;
    return (binding?.sources ?? []).flatMap((source) => {
      if (source.kind !== 'argument' || source.part) return [];
      return this.sources.callsOf(source.of).flatMap(({ arguments: given }) => {
        const argument = given[source.position];
        return argument === undefined ? [] : this.sources.functionsOf(argument);
      });
    });
  }

  /** Whether a plain function returns a routine that it has made. */
  #gives(node: FunctionNode): boolean {
    if (node.generator || node.async || this.#asked.has(node)) return false;
    this.#asked.add(node);
    const returned = returnedBy(node);
    const gives = returned.length > 0 && returned.every((each) => each.type === 'CallExpression' && this.#makes(each));
    this.#asked.delete(node);
    return gives;
  }
}

const CONTAINERS = new Set(['Array', 'Map', 'Set', 'WeakMap', 'WeakSet']);

/** `[]`, `new Map()`, `Array.from(...)`. */
function isContainer(node: SyntaxNode): boolean {
  if (node.type === 'ArrayExpression') return true;
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return false;
  const { callee } = node;
  const maker = callee.type === 'MemberExpression' ? callee.object : callee;
  return maker.type === 'Identifier' && CONTAINERS.has(maker.name);
}

/** A generator that delegates: only those do ops. */
function isRoutine(node: FunctionNode): boolean {
  if (!node.generator) return false;
  let delegates = false;
  walk(node, (each) => {
    if (each.type === 'YieldExpression' && each.delegate) delegates = true;
  });
  return delegates;
}

/** What a function returns. */
function returnedBy(node: FunctionNode): SyntaxNode[] {
  if (node.body.type !== 'BlockStatement') return [node.body];
  const found: SyntaxNode[] = [];
  walk(node.body, (each) => {
    if (isFunction(each)) return false;
    if (each.type === 'ReturnStatement' && each.argument) found.push(each.argument);
    return true;
  });
  return found;
}
