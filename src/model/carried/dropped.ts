/**
 * Dropped: calls whose value is lost. A routine that is called runs nothing, and an op that is made does nothing: both
 * have to be yielded by `yield*`. Whether a call makes an op only a run can tell, so the deriver asks here about those that
 * it saw made and not yielded; that it calls a routine of the stranger's own can be read. Used by watch.ts.
 */

import type { Names } from './names.js';
import type { Sources } from './sources.js';
import { calleeOf, type FunctionNode, isFunction, memberName, type SyntaxNode, walk } from './syntax.js';

type Call = Extract<SyntaxNode, { type: 'CallExpression' }>;

/**
 * What becomes of a value: lost, given to the caller, to whoever yields the generator that returns it, kept by somebody who
 * may still yield it, or handed to somebody.
 */
export type ValueUse = 'dropped' | 'returned' | 'generated' | 'kept' | 'handed' | 'yielded';

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
      return names.functionAround(parent)?.generator === true ? 'generated' : 'returned';
    case 'ArrowFunctionExpression':
      return parent.body === node ? 'returned' : 'kept';
    case 'CallExpression':
      return parent.callee === node ? 'kept' : 'handed';
    case 'VariableDeclarator':
      return parent.init === node && parent.id.type === 'Identifier' ? useOfVariable(names, parent.id) : 'kept';
    default:
      return 'kept';
  }
}

/**
 * What becomes of a variable's value: it is lost where nobody does more with it than ask whether it is true, or than to
 * return it from a generator.
 */
function useOfVariable(names: Names, declared: SyntaxNode): ValueUse {
  const reads = names.reference(declared)?.binding?.references.filter(({ node }) => node !== declared) ?? [];
  const uses = new Set(reads.map(({ node, how }) => (how === 'read' ? useOf(names, node) : 'kept')));
  uses.delete('dropped');
  const [use] = uses;
  if (use === undefined) return 'dropped';
  return uses.size === 1 && (use === 'generated' || use === 'handed') ? use : 'kept';
}

/**
 * What becomes of a value that is made on a line: what its calls there say, the worst of them; undefined without one.
 *
 * @param isYielded whether the value is what one of the calls returns when it is yielded: whoever yields others beside it
 * drops what those return, so here it is the best of them
 */
export function useOnLine(names: Names, line: number, isYielded = false): ValueUse | undefined {
  const uses = new Set<ValueUse>();
  walk(names.program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.loc?.end.line !== line) return;
    const parent = names.parent(node);
    const value = isYielded && parent?.type === 'YieldExpression' ? parent : node;
    uses.add(useOf(names, value));
  });
  const order = ['dropped', 'generated', 'returned', 'handed', 'kept', 'yielded'] as const;
  return (isYielded ? order.toReversed() : order).find((use) => uses.has(use));
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
    if (!this.#makes(call)) return false;
    const use = useOf(names, call);
    return use === 'dropped' || (use === 'generated' && this.#isNotYielded(names, call));
  }

  /** Whether nobody who yields the generator that returns what a call makes does more with it. */
  #isNotYielded(names: Names, call: Call): boolean {
    const around = names.functionAround(call);
    if (around === undefined || names.nameOf(around) === undefined) return false;
    return this.sources.callsOf(around).every((each) => {
      const its = this.sources.namesOf(each);
      const parent = its.parent(each);
      return parent?.type === 'YieldExpression' && useOf(its, parent) === 'dropped';
    });
  }

  /** Whether what a function that is called by somebody deaf makes is a routine. */
  #isLost(handed: SyntaxNode): boolean {
    const functions = this.sources.functionsOf(handed);
    return functions.length > 0 && functions.every((each) => isRoutine(each) || this.#gives(each));
  }

  #makes(call: Call): boolean {
    const called = calleeOf(call);
    if (this.#isOfContainer(called)) return false;
    const functions = [...this.sources.functionsOf(called), ...this.#handedIn(called)];
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
