/**
 * Sentences: how it is said that a routine carries something from round to round: who, what, where, and what to write
 * instead. Used by watch.ts.
 */

import type { Carrier } from './carried.js';
import type { Names } from './names.js';
import { routineName, type Site } from './sites.js';
import type { Sources } from './sources.js';
import { calleeOf, isFunction, isWithin, lineOf, memberName, type SyntaxNode } from './syntax.js';

/** Something is carried. */
export function carriedSentence(sources: Sources, site: Site, carrier: Carrier, routine: string): string {
  const { call, kind } = site;
  const where = lineOf(carrier.node);
  if (kind === 'routine') {
    const [, check] = [...(site.checks ?? [])].find(([part]) => isWithin(carrier.node, part)) ?? [];
    if (check !== undefined) {
      return (
        `check "${check}" ${wordsOf(carrier)} (${where}), which is there before and after it is asked: what a check answers ` +
        'follows from the values that it is given, or no search could say anything of the states; what it counts is kept in ghosts'
      );
    }
    const who = routineName(sources.namesOf(carrier.node), carrier.node) ?? routine;
    return (
      `${who}() ${wordsOf(carrier)} (${where}), which is there before and after a call of it: a routine depends on its ` +
      'arguments and on what its ops return, and on nothing else; what is shared is kept in cells, what a check counts in ' +
      'ghosts, and what one round of a loop hands to the next in loop({ ... })'
    );
  }
  const who = `${routineName(sources.namesOf(call), call) ?? routine}()`;
  const does = `${who} ${wordsOf(carrier)} ${kind === 'here' ? 'after here()' : 'in the body of loop()'} (${where})`;
  const why =
    kind === 'here'
      ? 'and again() would set it back to what it was there'
      : 'and it is none of the values that the loop hands on';
  return `${does}, ${why}; ${remedy(sources, site, carrier)}`;
}

/** `again` of a `here()` cannot be followed. */
export function lostSentence(names: Names, { call, again }: Site, routine: string): string {
  const who = `${routineName(names, call) ?? routine}()`;
  const where = lineOf(call);
  const does =
    again === undefined
      ? `${who} keeps what here() returns (${where}) in something else than a const of its own`
      : `${who} does something else with ${again.name} than to call it (${where})`;
  return (
    `${does}, so nobody can tell over which of its variables it goes back; write "const again = yield* here();" and ` +
    'call again() in the same block, or let loop({ ... }, function* (values, again) { ... }) hand them on'
  );
}

/** The text of a routine is not there. */
export function unreadSentence(routine: string, path: string): string {
  return (
    `${routine}() calls here() in a text that cannot be read (${path}), so nobody can tell which variables again() would ` +
    'set back; let loop({ ... }, function* (values, again) { ... }) hand them on'
  );
}

/** A routine is called, and nobody runs it. */
export function droppedSentence(sources: Sources, call: SyntaxNode): string {
  const who = routineName(sources.namesOf(call), call) ?? 'a routine';
  const callee = call.type === 'CallExpression' ? calleeOf(call) : call;
  const name = callee.type === 'Identifier' ? callee.name : memberName(callee);
  return (
    `${who}() calls ${name ?? 'a routine'}() without yield* (${lineOf(call)}): a routine that is called does nothing ` +
    'until it is yielded; write yield* before it'
  );
}

function wordsOf({ how, what }: Carrier): string {
  const name = /^[\w$#]+$/.test(what) && what !== 'this' ? `"${what}"` : what;
  switch (how) {
    case 'assigns':
      return `changes ${name}`;
    case 'changes':
      return `changes what is in ${name}`;
    case 'uses up':
      return `uses up ${name}`;
    default:
      return `hands ${name} to somebody who may change it`;
  }
}

function remedy(sources: Sources, site: Site, carrier: Carrier): string {
  const { binding, how } = carrier;
  const { owner } = binding?.scope ?? {};
  const isRoutines = owner !== undefined && isFunction(owner) && isInGenerator(sources, owner);
  if (how === 'assigns' && binding !== undefined && isRoutines) {
    const { name } = binding;
    const first = firstValue(sources, carrier);
    if (site.kind === 'loop')
      return `name it: loop({ ${name}: ${first} }, ...), and hand it on by again({ ${name}: ... })`;
    return (
      `let a loop hand it on: yield* loop({ ${name}: ${first} }, function* ({ ${name} }, again) { ... ` +
      `return yield* again({ ${name}: ... }); })`
    );
  }
  if (binding !== undefined && !isRoutines) {
    return 'what engines are to see is kept in cells, and what one routine remembers is handed on by loop({ ... })';
  }
  if (how === 'hands on') return 'make it anew in each round, or freeze it by Object.freeze';
  return 'make it anew in each round, and hand on numbers, booleans, strings and refs by loop({ ... })';
}

function isInGenerator(sources: Sources, node: SyntaxNode): boolean {
  const names = sources.namesOf(node);
  for (let at: SyntaxNode | undefined = node; at !== undefined; at = names.functionAround(at)) {
    if (isFunction(at) && at.generator) return true;
  }
  return false;
}

/** What a variable begins with, where that is written down. */
function firstValue(sources: Sources, { binding }: Carrier): string {
  const declarator = binding && sources.namesOf(binding.node).parent(binding.node);
  const init = declarator?.type === 'VariableDeclarator' ? declarator.init : undefined;
  return init?.type === 'Literal' && init.raw !== undefined ? init.raw : '...';
}
