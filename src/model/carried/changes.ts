/**
 * Mutations: where code changes an object, or uses up an iterator. Used by carried.ts.
 */

import type { Binding } from './names.js';
import type { ReachedCode } from './reach.js';
import type { Sources } from './sources.js';
import { memberName, type SyntaxNode } from './syntax.js';

/** A place where something is done to an object. */
export interface ObjectChange {
  readonly node: SyntaxNode;
  readonly object: SyntaxNode;
  readonly how: 'changes' | 'uses up';
}

/** Methods of JavaScript's objects that change them, and of iterators that use them up. */
const MUTATORS = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin', 'delete', 'next'],
  ...['setDate', 'setFullYear', 'setHours', 'setMilliseconds', 'setMinutes', 'setMonth', 'setSeconds', 'setTime'],
]);

/** Methods that change a Set or a Map, and that cells and bitmaps have as well: there they make an op. */
const AMBIGUOUS = new Set(['add', 'set', 'clear']);

/** Functions of the language that change what they are handed first. */
const CHANGING = new Map([
  ['Object', new Set(['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf'])],
  ['Reflect', new Set(['set', 'defineProperty', 'deleteProperty', 'setPrototypeOf'])],
  ['Atomics', new Set(['add', 'and', 'compareExchange', 'exchange', 'or', 'store', 'sub', 'xor'])],
]);

const ITERATORS = new Set(['keys', 'values', 'entries', 'matchAll']);

/** Everything that the code does to objects. */
export function changesIn(sources: Sources, reach: ReachedCode): ObjectChange[] {
  const found: ObjectChange[] = [];
  const changes = (node: SyntaxNode, target: SyntaxNode): void => {
    if (target.type === 'MemberExpression') found.push({ node, object: target.object, how: 'changes' });
    else if (isPattern(target)) for (const each of membersOf(target)) changes(node, each);
  };
  const usesUp = (node: SyntaxNode, object: SyntaxNode | null | undefined): void => {
    // What a call makes is new.
    if (object && object.type !== 'CallExpression' && isIterator(sources, object))
      found.push({ node, object, how: 'uses up' });
  };
  reach.walk((node) => {
    switch (node.type) {
      case 'AssignmentExpression':
        changes(node, node.left);
        if (node.left.type === 'ArrayPattern') usesUp(node, node.right);
        break;
      case 'UpdateExpression':
        changes(node, node.argument);
        break;
      case 'UnaryExpression':
        if (node.operator === 'delete') changes(node, node.argument);
        break;
      case 'ForInStatement':
      case 'ForOfStatement':
        if (node.left.type !== 'VariableDeclaration') changes(node.left, node.left);
        if (node.type === 'ForOfStatement') usesUp(node.right, node.right);
        break;
      case 'SpreadElement':
        usesUp(node, node.argument);
        break;
      case 'YieldExpression':
        if (node.delegate) usesUp(node, node.argument);
        break;
      case 'VariableDeclarator':
        if (node.id.type === 'ArrayPattern') usesUp(node, node.init);
        break;
      case 'CallExpression':
        found.push(...callMutations(sources, node));
        break;
    }
  });
  return found;
}

function callMutations(sources: Sources, node: Extract<SyntaxNode, { type: 'CallExpression' }>): ObjectChange[] {
  const { callee, arguments: given } = node;
  if (callee.type !== 'MemberExpression') return [];
  const name = memberName(callee) ?? '';
  const { object } = callee;
  if (object.type === 'Identifier' && sources.bindingOf(object) === undefined) {
    const changing = CHANGING.get(object.name)?.has(name) === true;
    return changing && given.length > 0 ? [{ node, object: given[0], how: 'changes' }] : [];
  }
  if ((name === 'call' || name === 'apply') && MUTATORS.has(memberName(object) ?? '') && given.length > 0) {
    return [{ node, object: given[0], how: 'changes' }];
  }
  if (isYielded(sources, node)) return [];
  if (MUTATORS.has(name)) return [{ node, object, how: name === 'next' ? 'uses up' : 'changes' }];
  if (!AMBIGUOUS.has(name)) return [];
  const isStatement = sources.namesOf(node).parent(node)?.type === 'ExpressionStatement';
  const made = isStatement ? madeBy(sources, object) !== 'model' : madeBy(sources, object) === 'language';
  return made ? [{ node, object, how: 'changes' }] : [];
}

/** Whether a method of the language changes what it is called on, as far as its name tells. */
export function isMutator(name: string): boolean {
  return MUTATORS.has(name) || AMBIGUOUS.has(name);
}

/** Whether what a call makes is yielded: an op, or the run of a routine. */
export function isYielded(sources: Sources, call: SyntaxNode): boolean {
  const names = sources.namesOf(call);
  let at: SyntaxNode = call;
  for (let parent = names.parent(at); parent !== undefined; parent = names.parent(at)) {
    if (parent.type === 'YieldExpression') return parent.delegate;
    const isChained = parent.type === 'MemberExpression' && parent.object === at;
    if (!isChained && !(parent.type === 'CallExpression' && parent.callee === at)) return false;
    at = parent;
  }
  return false;
}

/** Who made what an expression stands for: a literal, `new` or a copy; a call like `m.cell('x')`; or nobody knows. */
export function madeBy(
  sources: Sources,
  node: SyntaxNode,
  seen = new Set<Binding>(),
): 'language' | 'model' | undefined {
  switch (node.type) {
    case 'ArrayExpression':
    case 'ObjectExpression':
    case 'NewExpression':
    case 'ClassExpression':
      return 'language';
    case 'CallExpression': {
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return undefined;
      const maker = sources.bindingOf(callee.object);
      if (memberName(callee) === 'freeze') return undefined;
      if (maker === undefined)
        return callee.object.name === 'Array' || callee.object.name === 'Object' ? 'language' : undefined;
      return maker.kind === 'param' ? 'model' : undefined;
    }
    case 'Identifier': {
      const binding = sources.bindingOf(node);
      if (binding === undefined || seen.has(binding)) return undefined;
      seen.add(binding);
      const makers = binding.sources.map((source) =>
        source.kind === 'value' ? madeBy(sources, source.from, seen) : undefined,
      );
      return makers.find((maker) => maker !== undefined);
    }
    default:
      return undefined;
  }
}

/** Whether an expression stands for something that can be gone through once only. */
function isIterator(sources: Sources, node: SyntaxNode, seen = new Set<SyntaxNode | Binding>()): boolean {
  if (seen.has(node)) return false;
  seen.add(node);
  if (node.type === 'CallExpression') {
    const { callee } = node;
    if (callee.type === 'MemberExpression') {
      const isStatic = callee.object.type === 'Identifier' && sources.bindingOf(callee.object) === undefined;
      if (isStatic) return callee.object.type === 'Identifier' && callee.object.name === 'Iterator';
      if (isSymbolIterator(callee)) return true;
      if (ITERATORS.has(memberName(callee) ?? '')) return true;
    }
    const name = sources.libraryName(callee);
    if (name === 'within' || name === 'atomic' || name === 'loop') return true;
    return sources.functionsOf(callee).some(({ generator }) => generator);
  }
  if (node.type !== 'Identifier') return false;
  const binding = sources.bindingOf(node);
  if (binding === undefined || seen.has(binding)) return false;
  seen.add(binding);
  return binding.sources.some((source) => {
    if (source.kind === 'value') return isIterator(sources, source.from, seen);
    if (source.kind !== 'argument' || source.part) return false;
    return sources.callsOf(source.of).some(({ arguments: given }) => {
      const argument = given[source.position];
      return argument !== undefined && isIterator(sources, argument, seen);
    });
  });
}

function isSymbolIterator({ computed, property }: Extract<SyntaxNode, { type: 'MemberExpression' }>): boolean {
  if (!computed || property.type !== 'MemberExpression') return false;
  return property.object.type === 'Identifier' && property.object.name === 'Symbol';
}

function isPattern(node: SyntaxNode): boolean {
  return node.type === 'ArrayPattern' || node.type === 'ObjectPattern' || node.type === 'AssignmentPattern';
}

/** The members that a pattern writes to. */
function membersOf(pattern: SyntaxNode): SyntaxNode[] {
  switch (pattern.type) {
    case 'MemberExpression':
      return [pattern];
    case 'AssignmentPattern':
      return membersOf(pattern.left);
    case 'RestElement':
      return membersOf(pattern.argument);
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) => (each === null ? [] : membersOf(each)));
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => membersOf(each.type === 'RestElement' ? each.argument : each.value));
    default:
      return [];
  }
}
