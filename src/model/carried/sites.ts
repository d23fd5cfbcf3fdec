/**
 * Sites: where a source text begins loops, and which part of it one round is. For `here()` that is what follows it in its
 * block, for `again` is known nowhere else; for `loop()` it is the body. Used by carried.ts and watch.ts.
 */

import type { Binding, Names } from './names.js';
import { ReachedCode } from './reach.js';
import type { Sources } from './sources.js';
import { type FunctionNode, isFunction, isWithin, memberName, type SyntaxNode, walk } from './syntax.js';

type Call = Extract<SyntaxNode, { type: 'CallExpression' }>;

/** Where a loop begins. */
export interface Site {
  readonly kind: 'here' | 'loop' | 'routine';
  /** The call that begins it; for a routine, the routine. */
  readonly call: SyntaxNode;
  /** The function that begins it. */
  readonly around: FunctionNode | undefined;
  /** The name by which a round goes on to the next one; undefined where it has none that can be followed. */
  readonly again: Binding | undefined;
  /** `again` is used for something else than to be called. */
  readonly isHandedOn: boolean;
  /** What a round runs. */
  readonly parts: readonly SyntaxNode[];
  /** Those of the parts that are checks, with their names. */
  readonly checks?: ReadonlyMap<FunctionNode, string>;
}

/** The loops that the text of one file begins. */
export function sitesOf(sources: Sources, names: Names): Site[] {
  const found: Site[] = [];
  walk(names.program, (node) => {
    if (node.type !== 'CallExpression') return;
    const name = sources.libraryName(node.callee);
    if (name === 'here') found.push(hereSite(names, node));
    if (name === 'loop') found.push(loopSite(sources, names, node));
  });
  return found;
}

/**
 * All routines and checks of some texts as one loop that goes round whatever they do: what they change outside of themselves is there
 * for the next call, and for every actor. They are the generators that a model or a scheme reaches; one that delegates to
 * nothing is no routine.
 */
export function routinesOf(sources: Sources): Site | undefined {
  const definitions: SyntaxNode[] = [];
  for (const { program } of sources.files) {
    walk(program, (node) => {
      const name = node.type === 'CallExpression' ? sources.libraryName(node.callee) : undefined;
      if (name === 'defineModel' || name === 'defineScheme') definitions.push(node);
    });
  }
  const { code } = new ReachedCode(sources, definitions);
  const parts = sources.files.flatMap((names) =>
    names.functions.filter(
      (each) =>
        each.generator &&
        !isInGenerator(names, each) &&
        delegates(each) &&
        (definitions.length === 0 || code.some((reached) => isWithin(each, reached))),
    ),
  );
  const checks = checksIn(sources);
  const [call] = [...parts, ...checks.keys()];
  if (call === undefined) return undefined;
  const all = [...parts, ...[...checks.keys()].filter((check) => !parts.includes(check))];
  return { kind: 'routine', call, around: undefined, again: undefined, isHandedOn: true, parts: all, checks };
}

/** The functions that are asked whether a state is right, with the names of their checks. */
function checksIn(sources: Sources): Map<FunctionNode, string> {
  const found = new Map<FunctionNode, string>();
  for (const { program } of sources.files) {
    walk(program, (node) => {
      if (node.type !== 'CallExpression' || !/^(?:always|finally)$/.test(memberName(node.callee) ?? '')) return;
      const [name, , holds] = node.arguments;
      if (node.arguments.length < 3 || name.type !== 'Literal') return;
      for (const each of sources.functionsOf(holds)) if (!each.generator) found.set(each, String(name.value));
    });
  }
  return found;
}

/** Whether a function delegates by `yield*`, as only routines do. */
export function delegates(node: FunctionNode): boolean {
  let found = false;
  walk(node, (each) => {
    if (each.type === 'YieldExpression' && each.delegate) found = true;
  });
  return found;
}

function isInGenerator(names: Names, node: FunctionNode): boolean {
  for (let at = names.functionAround(node); at !== undefined; at = names.functionAround(at))
    if (at.generator) return true;
  return false;
}

/** What a function is called for people: its name, or that of the one around it. */
export function routineName(names: Names, node: SyntaxNode): string | undefined {
  let around = isFunction(node) ? node : names.functionAround(node);
  while (around !== undefined && names.nameOf(around) === undefined) around = names.functionAround(around);
  return around && names.nameOf(around);
}

function hereSite(names: Names, call: Call): Site {
  const site = { kind: 'here', call, around: names.functionAround(call) } as const;
  const declarator = names.parent(names.parent(call) as SyntaxNode);
  const declaration = declarator && names.parent(declarator);
  if (declarator?.type !== 'VariableDeclarator' || declarator.id.type !== 'Identifier') return lost(site);
  if (declaration?.type !== 'VariableDeclaration' || declaration.kind === 'var') return lost(site);
  const block = names.parent(declaration);
  const again = names.reference(declarator.id)?.binding;
  const following = followingIn(block, declaration);
  if (
    again === undefined ||
    following === undefined ||
    again.references.some(({ how, node }) => how !== 'read' && node !== again.node)
  ) {
    return lost(site);
  }
  const others = declaration.declarations.slice(declaration.declarations.indexOf(declarator) + 1);
  return { ...site, again, isHandedOn: isHandedOn(names, again), parts: [...others, ...following] };
}

function lost(site: Pick<Site, 'kind' | 'call' | 'around'>): Site {
  return { ...site, again: undefined, isHandedOn: true, parts: [] };
}

/** The statements after a declaration in its block. */
function followingIn(block: SyntaxNode | undefined, declaration: SyntaxNode): SyntaxNode[] | undefined {
  if (isFunction(block)) return block.body.type === 'BlockStatement' ? after(block.body.body, declaration) : undefined;
  if (block?.type === 'BlockStatement' || block?.type === 'Program') return after(block.body, declaration);
  return block?.type === 'SwitchCase' ? after(block.consequent, declaration) : undefined;
}

function after(statements: readonly SyntaxNode[], declaration: SyntaxNode): SyntaxNode[] {
  return statements.slice(statements.indexOf(declaration) + 1);
}

function loopSite(sources: Sources, names: Names, call: Call): Site {
  const [, body] = call.arguments;
  const parts = body === undefined ? [] : sources.functionsOf(body);
  const [part] = parts;
  const [, second] = part?.params ?? [];
  const again = second?.type === 'Identifier' ? sources.namesOf(part).reference(second)?.binding : undefined;
  const around = names.functionAround(call);
  return {
    ...{ kind: 'loop', call, around, again, parts },
    isHandedOn:
      parts.length > 1 || (again === undefined ? second !== undefined : isHandedOn(sources.namesOf(part), again)),
  };
}

function isHandedOn(names: Names, again: Binding): boolean {
  return again.references.some(({ how, node }) => {
    const parent = names.parent(node);
    return how === 'read' && !(parent?.type === 'CallExpression' && parent.callee === node);
  });
}
