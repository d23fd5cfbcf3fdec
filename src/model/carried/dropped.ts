/**
 * Dropped: calls whose value is lost. A routine that is called runs nothing, and an op that is made does nothing: both
 * have to be yielded by `yield*`. Whether a call makes an op only a run can tell, so the deriver asks here about those that
 * it saw made and not yielded; that it calls a routine of the stranger's own can be read. Used by watch.ts.
 */

import type { Names } from './names.js';
import { routinesOf } from './sites.js';
import type { Sources } from './sources.js';
import { isFunction, isWithin, type SyntaxNode, walk } from './syntax.js';

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

/** The first call of a routine of the stranger's own, in a routine, that nobody yields. */
export function droppedCallIn(sources: Sources): Call | undefined {
  let found: Call | undefined;
  for (const part of routinesOf(sources)?.parts ?? []) {
    walk(part, (node) => {
      if (found !== undefined || node.type !== 'CallExpression') return;
      const names = sources.namesOf(node);
      const around = names.functionAround(node);
      if (!isFunction(around) || !around.generator || !isWithin(node, around.body)) return;
      const called = sources.functionsOf(node.callee);
      if (called.length > 0 && called.every(({ generator }) => generator) && useOf(names, node) === 'dropped')
        found = node;
    });
  }
  return found;
}
