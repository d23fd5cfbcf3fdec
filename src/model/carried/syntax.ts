/**
 * Syntax: a stranger's source text as a tree, JavaScript or TypeScript, without its types. Used by the rest of this room.
 */

import { tsPlugin } from '@sveltejs/acorn-typescript';
import {
  type AnonymousFunctionDeclaration,
  type AnyNode,
  type ArrowFunctionExpression,
  type FunctionDeclaration,
  type FunctionExpression,
  Parser,
  type Program,
} from 'acorn';

/** Any part of a program. */
export type SyntaxNode = AnyNode;

/** Any function; methods are function expressions. */
export type FunctionNode =
  | FunctionDeclaration
  | AnonymousFunctionDeclaration
  | FunctionExpression
  | ArrowFunctionExpression;

/** Parts of a node that say nothing at run time. */
const TYPES = new Set([
  'typeAnnotation',
  'typeParameters',
  'typeArguments',
  'returnType',
  'implements',
  'superTypeParameters',
]);

/** What stands around an expression and does nothing to it. */
const WRAPPERS = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ParenthesizedExpression',
  'ChainExpression',
]);

/**
 * The tree of a source text; every node knows the path of its file.
 *
 * @throws SyntaxError for what is neither a module nor a script
 */
export function parseSource(text: string, path: string): Program {
  const isTypeScript = /\.[mc]?ts$/.test(path);
  const parser = isTypeScript ? Parser.extend(tsPlugin()) : Parser;
  const options = { ecmaVersion: 'latest', locations: true, sourceFile: path, allowHashBang: true } as const;
  try {
    return withoutTypes(parser.parse(text, { ...options, sourceType: 'module' }));
  } catch (error) {
    if (isTypeScript) throw error;
    return parser.parse(text, { ...options, sourceType: 'commonjs' });
  }
}

/** The direct parts of a node, in the order of the text, which is the order in which they are evaluated. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) found.push(...value.filter(isNode));
    else if (isNode(value)) found.push(value);
  }
  return found.sort((left, right) => left.start - right.start);
}

/** Calls `visit` for a node and all its parts; not for the parts of a node for which it returns false. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => boolean | void): void {
  if (visit(node) === false) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** Whether a node is a function. */
export function isFunction(node: SyntaxNode | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  );
}

/** Whether one node lies within another, or is it. */
export function isWithin(node: SyntaxNode, outer: SyntaxNode): boolean {
  return node.start >= outer.start && node.end <= outer.end && pathOf(node) === pathOf(outer);
}

/** The file that a node is from. */
export function pathOf(node: SyntaxNode): string {
  return node.loc?.source ?? '';
}

/** Where a node is, for people: `model.mjs:18`. */
export function lineOf(node: SyntaxNode): string {
  return `${pathOf(node).replace(/^.*[\\/]/, '')}:${node.loc?.start.line}`;
}

/** The name by which a property is asked for; undefined where it is computed. */
export function keyOf(node: { readonly key: SyntaxNode; readonly computed: boolean }): string | undefined {
  return propertyName(node.key, node.computed);
}

/** The name of the member that an expression asks for; undefined where it is computed. */
export function memberName(node: SyntaxNode): string | undefined {
  return node.type === 'MemberExpression' ? propertyName(node.property, node.computed) : undefined;
}

/** What a call calls: of `put.call(box)` and `put.apply(box, [])` that is `put`. */
export function calleeOf({ callee }: Extract<SyntaxNode, { type: 'CallExpression' }>): SyntaxNode {
  const isBorrowing = callee.type === 'MemberExpression' && /^(?:call|apply)$/.test(memberName(callee) ?? '');
  return isBorrowing ? callee.object : callee;
}

function propertyName(key: SyntaxNode, computed: boolean): string | undefined {
  if (key.type === 'Literal' && typeof key.value === 'string') return key.value;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return !computed && key.type === 'Identifier' ? key.name : undefined;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** The tree without its types and wrappers, changed in place. */
function withoutTypes<T extends SyntaxNode>(node: T): T {
  const fields = node as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (TYPES.has(name)) delete fields[name];
    else if (Array.isArray(value)) fields[name] = value.map(bare).filter((each) => each !== undefined);
    else if (isNode(value)) fields[name] = bare(value);
  }
  return node;
}

/** A part of the tree without what stands around it; undefined for a declaration of types. */
function bare(value: unknown): unknown {
  if (!isNode(value)) return value;
  const { type } = value as { type: string };
  if (WRAPPERS.has(type)) return bare((value as unknown as { expression: unknown }).expression);
  if (type === 'TSParameterProperty') return bare((value as unknown as { parameter: unknown }).parameter);
  // A parameter named `this` is a type.
  if (type === 'Identifier' && (value as { name: string }).name === 'this') return undefined;
  if (type.startsWith('TS')) return type === 'TSEnumDeclaration' ? undefined : emptyAt(value);
  return withoutTypes(value);
}

function emptyAt({ start, end, loc }: SyntaxNode): unknown {
  return { type: 'EmptyStatement', start, end, loc };
}
