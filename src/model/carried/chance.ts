/**
 * Chance: calls in routines and in `build` that answer otherwise each time they are made. A routine is run whenever an
 * engine comes to a new state of it, and a model is built in every thread, so what they draw would be another model each
 * time: what the environment decides is an op. Used by watch.ts.
 */

import type { Names } from './names.js';
import { delegates, routineName } from './sites.js';
import type { Sources } from './sources.js';
import { type FunctionNode, keyOf, lineOf, memberName, type SyntaxNode, walk } from './syntax.js';

/** What draws lots or reads a clock, by object and member. */
const CHANCE: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: new Set(['random']),
  Date: new Set(['now']),
  performance: new Set(['now']),
  crypto: new Set(['randomUUID', 'getRandomValues', 'randomInt', 'randomBytes']),
};

/** What is wrong with the first such call, in a sentence; undefined without one. */
export function chanceSentence(sources: Sources): string | undefined {
  for (const names of sources.files) {
    let found: string | undefined;
    walk(names.program, (node) => {
      const call = found === undefined ? chanceOf(names, node) : undefined;
      if (call !== undefined) found = sentenceOf(names, node, call);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

function sentenceOf(names: Names, node: SyntaxNode, call: string): string | undefined {
  const around = modelled(names, node);
  if (around === undefined) return undefined;
  const who = `${around === 'build' ? 'build' : (routineName(names, node) ?? 'a routine')}()`;
  const what = `${who} calls ${call} (${lineOf(node)}), which answers otherwise each time`;
  return around === 'build'
    ? `${what}: a model is built once in each thread, and is the same everywhere; make it a parameter, and --set it`
    : `${what}: a routine depends on its arguments and on what its ops return, and on nothing else; write ` +
        `yield* choose(2, "why") for what the environment decides`;
}

/** `Math.random()`, for a node that is such a call and whose answer is more than printed. */
function chanceOf(names: Names, node: SyntaxNode): string | undefined {
  if (node.type === 'NewExpression') {
    const isNow = isGlobal(names, node.callee, 'Date') && node.arguments.length === 0;
    return isNow && !isPrinted(names, node) ? 'new Date()' : undefined;
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined;
  const { object } = node.callee;
  const member = memberName(node.callee) ?? '';
  const [owner] =
    Object.entries(CHANCE).find(([name, members]) => members.has(member) && isGlobal(names, object, name)) ?? [];
  return owner === undefined || isPrinted(names, node) ? undefined : `${owner}.${member}()`;
}

/** Whether an expression is a name that nobody has declared. */
function isGlobal(names: Names, node: SyntaxNode, name: string): boolean {
  return node.type === 'Identifier' && node.name === name && names.reference(node)?.binding === undefined;
}

/** Whether a value is a part of what console prints, and nothing else. */
function isPrinted(names: Names, node: SyntaxNode): boolean {
  const around = names.functionAround(node);
  for (let at = names.parent(node); at !== undefined && at !== around; at = names.parent(at)) {
    if (at.type !== 'CallExpression' || at.callee.type !== 'MemberExpression') continue;
    if (isGlobal(names, at.callee.object, 'console')) return true;
  }
  return false;
}

/** What of a model a node is in; undefined for the rest of the file. */
function modelled(names: Names, node: SyntaxNode): 'routine' | 'build' | undefined {
  let found: 'build' | undefined;
  for (let at = names.functionAround(node); at !== undefined; at = names.functionAround(at)) {
    if (at.generator && delegates(at)) return 'routine';
    if (isBuild(names, at)) found = 'build';
  }
  return found;
}

/** `build` of what `defineModel` is handed. */
function isBuild(names: Names, node: FunctionNode): boolean {
  const property = names.parent(node);
  if (property?.type !== 'Property' || keyOf(property) !== 'build') return false;
  const call = names.parent(names.parent(property) as SyntaxNode);
  if (call?.type !== 'CallExpression') return false;
  const name = call.callee.type === 'Identifier' ? call.callee.name : memberName(call.callee);
  return name === 'defineModel';
}
