/**
 * Older: whether what an expression stands for may have been there before the round of a loop began, so that what
 * happens to it in the round is carried. New is what the round makes: literals, `new`, copies, what is declared in it and
 * in the functions it calls. Everything else is traced to where it comes from. Used by carried.ts.
 */

import { madeBy } from './changes.js';
import type { Binding, Source } from './names.js';
import type { ReachedCode } from './reach.js';
import type { Sources } from './sources.js';
import { childrenOf, type FunctionNode, isFunction, isWithin, memberName, type SyntaxNode } from './syntax.js';

type Call = Extract<SyntaxNode, { type: 'CallExpression' | 'NewExpression' }>;

/** Something that is older than the round. */
export interface Older {
  /** Undefined where it has no name: what a function returns, `this`. */
  readonly binding: Binding | undefined;
  /** For people: `held`, `this`, `what f() returns`. */
  readonly what: string;
}

/** Methods that return something new, though its elements may be old. */
const COPIES = new Set([
  ...['concat', 'filter', 'flat', 'flatMap', 'map', 'slice', 'split', 'toReversed', 'toSorted', 'toSpliced', 'with'],
  ...['entries', 'keys', 'values', 'matchAll', 'join', 'padStart', 'replace', 'substring', 'toString', 'trim'],
]);

/** Objects of the language whose methods return something new. */
const MAKERS = new Set(['Array', 'Object', 'Number', 'String', 'Boolean', 'Math', 'JSON', 'BigInt', 'Symbol']);

/** Functions of the language that return what they are given. */
const PASSING = new Set(['assign', 'freeze', 'seal', 'defineProperty', 'defineProperties', 'setPrototypeOf']);

/** Traces expressions of one round. */
export class Age {
  readonly #seen = new Set<unknown>();

  constructor(
    readonly sources: Sources,
    readonly reach: ReachedCode,
  ) {}

  /** What older thing an expression may stand for; undefined for what is new. */
  olderThan(node: SyntaxNode): Older | undefined {
    this.#seen.clear();
    return this.#of(node);
  }

  /** Whether a variable itself, as it is named at a node, is new in each round, whatever it holds. */
  isNew({ scope, kind, node }: Binding, at: SyntaxNode): boolean {
    if (scope.node.type !== 'Program' && this.reach.isInside(scope.node)) return true;
    if (kind !== 'var' && this.reach.isInside(node)) return true;
    const { owner } = scope;
    return kind !== 'import' && isFunction(owner) && this.reach.isCalled(owner, at);
  }

  #first<T>(items: readonly T[], of: (item: T) => Older | undefined): Older | undefined {
    for (const item of items) {
      const found = of(item);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #of(node: SyntaxNode): Older | undefined {
    if (this.#seen.has(node)) return undefined;
    this.#seen.add(node);
    switch (node.type) {
      case 'Identifier': {
        if (node.name === 'undefined') return undefined;
        const binding = this.sources.bindingOf(node);
        return binding === undefined ? { binding, what: node.name } : this.#ofBinding(binding, node);
      }
      case 'MemberExpression':
        return this.#of(node.object) ?? this.#element(node.object, memberName(node));
      case 'ThisExpression':
      case 'Super':
        return this.#this(node);
      case 'CallExpression':
        return this.#call(node);
      case 'YieldExpression':
        return node.delegate && node.argument?.type === 'CallExpression' ? this.#returned(node.argument) : undefined;
      case 'ConditionalExpression':
        return this.#of(node.consequent) ?? this.#of(node.alternate);
      case 'LogicalExpression':
        return this.#of(node.left) ?? this.#of(node.right);
      case 'AssignmentExpression':
        return this.#of(node.right);
      case 'SequenceExpression':
        return this.#of(node.expressions[node.expressions.length - 1]);
      case 'AwaitExpression':
      case 'SpreadElement':
        return this.#of(node.argument);
      default:
        return undefined;
    }
  }

  #ofBinding(binding: Binding, at: SyntaxNode): Older | undefined {
    if (!this.isNew(binding, at)) return { binding, what: binding.name };
    if (this.#seen.has(binding)) return undefined;
    this.#seen.add(binding);
    return this.#first(binding.sources, (source) => this.#source(source, binding));
  }

  #source(source: Source, binding: Binding): Older | undefined {
    switch (source.kind) {
      case 'value':
        return this.#of(source.from);
      case 'part':
        return this.#of(source.from) ?? this.#element(source.from, undefined);
      case 'argument':
        return this.#argument(source, binding);
      case 'import':
        return { binding, what: binding.name };
      default:
        return undefined;
    }
  }

  /** What a parameter may be handed by the round. */
  #argument({ of, part, position }: Extract<Source, { kind: 'argument' }>, binding: Binding): Older | undefined {
    // What a round itself is handed are its values.
    if (this.reach.parts.includes(of)) return undefined;
    const calls = this.#reached(this.sources.callsOf(of));
    const handed = this.sources.handedTo(of);
    if (calls.length === 0 && handed.length === 0) return { binding, what: binding.name };
    const found = this.#first(handed, (call) => this.#handed(of, call));
    if (found !== undefined) return found;
    return this.#first(calls, (call) => {
      const spread = call.arguments.find(({ type }) => type === 'SpreadElement');
      const given = spread ?? call.arguments[position];
      return given && (this.#of(given) ?? (part || spread ? this.#element(given, undefined) : undefined));
    });
  }

  /** A function that is handed on is called with what the one has that it is handed to. */
  #handed(of: FunctionNode, { callee, arguments: given }: Call): Older | undefined {
    // The library calls it with values.
    if (this.sources.libraryName(callee) !== undefined) return undefined;
    return this.#first([callee, ...given.filter((each) => each !== of)], (each) => {
      if (each === callee) return each.type === 'MemberExpression' ? this.#of(each.object) : undefined;
      return isFunction(each) ? undefined : this.#of(each);
    });
  }

  #reached(calls: readonly Call[]): readonly Call[] {
    return calls.filter((call) => this.reach.code.some((code) => isWithin(call, code)));
  }

  /** What is in something new: the elements of a copy or a literal may be older than it is. */
  #element(object: SyntaxNode, name: string | undefined): Older | undefined {
    switch (object.type) {
      case 'Identifier': {
        const binding = this.sources.bindingOf(object);
        if (binding === undefined) return undefined;
        return this.#first(binding.sources, (source) =>
          source.kind === 'value' ? this.#element(source.from, name) : undefined,
        );
      }
      case 'ArrayExpression':
        return this.#first(object.elements, (each) => (each === null ? undefined : this.#of(each)));
      case 'ObjectExpression':
        return this.#first(object.properties, (each) => {
          if (each.type === 'SpreadElement') return this.#of(each.argument);
          const isMeant = name === undefined || each.computed || memberKey(each) === name;
          return isMeant ? this.#of(each.value) : undefined;
        });
      case 'CallExpression':
        return object.callee.type === 'MemberExpression' && COPIES.has(memberName(object.callee) ?? '')
          ? this.#of(object.callee.object)
          : this.#first(object.arguments, (each) => (isFunction(each) ? undefined : this.#of(each)));
      case 'NewExpression':
        return this.#first(object.arguments, (each) => (isFunction(each) ? undefined : this.#of(each)));
      default:
        return undefined;
    }
  }

  #call(node: Extract<SyntaxNode, { type: 'CallExpression' }>): Older | undefined {
    const { callee } = node;
    if (this.sources.libraryName(callee) !== undefined) return undefined;
    const name = memberName(callee);
    const functions = this.sources.functionsOf(callee);
    // The run of a generator is new; what it returns it returns to whoever yields it.
    if (functions.length > 0 && functions.every(({ generator }) => generator)) return undefined;
    if (callee.type === 'MemberExpression') {
      const { object } = callee;
      const isMaker = object.type === 'Identifier' && MAKERS.has(object.name) && !this.sources.bindingOf(object);
      if (isMaker) return PASSING.has(name ?? '') ? this.#of(node.arguments[0]) : undefined;
      if (COPIES.has(name ?? '')) return undefined;
      return this.#returned(node) ?? this.#of(object);
    }
    if (functions.length > 0) return this.#returned(node);
    const isMaker = callee.type === 'Identifier' && (MAKERS.has(callee.name) || callee.name === 'structuredClone');
    return isMaker ? undefined : { binding: undefined, what: 'what a function returns' };
  }

  /** What the functions return that a call may be of; those that are handed to `within` and `atomic` too. */
  #returned({ callee, arguments: given }: Extract<SyntaxNode, { type: 'CallExpression' }>): Older | undefined {
    const isLibrary = this.sources.libraryName(callee) !== undefined;
    const functions = isLibrary
      ? given.flatMap((each) => this.sources.functionsOf(each))
      : this.sources.functionsOf(callee);
    return this.#first(functions, (each) => this.#first(returnsOf(each), (value) => this.#of(value)));
  }

  /** The object that a method is called on. */
  #this(node: SyntaxNode): Older | undefined {
    const names = this.sources.namesOf(node);
    let method = names.functionAround(node);
    while (method?.type === 'ArrowFunctionExpression') method = names.functionAround(method);
    const older = { binding: undefined, what: 'this' };
    if (method === undefined) return undefined;
    const parent = names.parent(method);
    if (parent?.type === 'MethodDefinition' && parent.kind === 'constructor') return undefined;
    if (!this.reach.isCalled(method, node)) return older;
    const all = this.sources.callsOf(method);
    const calls = this.reach.isForAll ? all : this.#reached(all);
    if (calls.length === 0) return older;
    return this.#first(calls, ({ callee }) => {
      if (callee.type !== 'MemberExpression') return older;
      return this.#isOther(callee.object, parent) ? undefined : this.#of(callee.object);
    });
  }

  /** Whether an object has a method of the same name, but is known to be of another class. */
  #isOther(object: SyntaxNode, member: SyntaxNode | undefined): boolean {
    if (madeBy(this.sources, object) === 'model') return true;
    if (object.type !== 'Identifier' || member?.type !== 'MethodDefinition') return false;
    const own = this.sources.namesOf(member).parent(this.sources.namesOf(member).parent(member) as SyntaxNode);
    const made = this.sources.bindingOf(object)?.sources ?? [];
    return (
      made.length > 0 &&
      made.every((source) => {
        if (source.kind !== 'value' || source.from.type !== 'NewExpression') return false;
        const { callee } = source.from;
        const binding = callee.type === 'Identifier' ? this.sources.bindingOf(callee) : undefined;
        const made = binding?.kind === 'class' ? this.sources.namesOf(binding.node).parent(binding.node) : undefined;
        return made?.type === 'ClassDeclaration' && made !== own && !made.superClass;
      })
    );
  }
}

function memberKey({ key }: { readonly key: SyntaxNode }): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : undefined;
}

/** What a function returns, by its own return statements. */
function returnsOf(node: FunctionNode): SyntaxNode[] {
  if (node.body.type !== 'BlockStatement') return [node.body];
  const found: SyntaxNode[] = [];
  const look = (at: SyntaxNode): void => {
    if (isFunction(at)) return;
    if (at.type === 'ReturnStatement' && at.argument) found.push(at.argument);
    for (const child of childrenOf(at)) look(child);
  };
  look(node.body);
  return found;
}
