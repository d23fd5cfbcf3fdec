/**
 * ReachedCode: the code that a round of a loop may run. What is written in it, and every function that it, or what it calls,
 * so much as mentions: by its name, by the name of a property, by handing it on. That is too much rather than too little,
 * but for what packages do. Used by carried.ts and older.ts.
 */

import type { Binding } from './names.js';
import type { Sources } from './sources.js';
import { childrenOf, type FunctionNode, isFunction, isWithin, memberName, type SyntaxNode, walk } from './syntax.js';

/** Methods that call what they are handed before they return, and never again. */
const AT_ONCE = new Set([
  ...['every', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex', 'flatMap', 'forEach', 'from', 'map'],
  ...['reduce', 'reduceRight', 'replace', 'some', 'sort', 'toSorted'],
]);

/** The code that some parts of a program may run. */
export class ReachedCode {
  /** The parts, and then the functions that they reach. No piece lies within another one. */
  readonly code: readonly SyntaxNode[];
  readonly #functions = new Set<SyntaxNode>();
  readonly #bindings = new Set<Binding>();
  readonly #names = new Set<string>();
  readonly #work: SyntaxNode[];

  /** @param isForAll the parts are all routines that there are */
  constructor(
    readonly sources: Sources,
    readonly parts: readonly SyntaxNode[],
    readonly isForAll = false,
  ) {
    this.#work = [...parts];
    for (const node of sources.nameless) this.#addValue(node);
    for (const node of this.#work) this.#read(node);
    this.code = this.#work.filter(
      (node) => !this.#work.some((other) => other !== node && isWithin(node, other) && !isWithin(other, node)),
    );
  }

  /** Whether a node lies in the parts themselves. */
  isInside(node: SyntaxNode): boolean {
    return this.parts.some((part) => isWithin(node, part));
  }

  /**
   * Whether a function is run anew by the round, so that what lives in its activation is new. `at`: where that is asked
   * for; a function around the parts that calls itself runs anew but for the parts. Where the parts are all the routines
   * there are, a function that nobody else calls is.
   */
  isCalled(node: FunctionNode, at: SyntaxNode): boolean {
    if (!this.#functions.has(node)) return false;
    if (this.isForAll) {
      if (this.sources.namesOf(at).functionAround(at) === node) return true;
      const calls = [...this.sources.callsOf(node), ...this.sources.handedTo(node)];
      return calls.length > 0 && calls.every((call) => this.code.some((code) => isWithin(call, code)));
    }
    return !this.isInside(at) || !this.parts.some((part) => part !== node && isWithin(part, node));
  }

  /** Calls `visit` for every node of the code. */
  walk(visit: (node: SyntaxNode) => boolean | void): void {
    for (const node of this.code) walk(node, visit);
  }

  #read(part: SyntaxNode): void {
    walk(part, (node) => {
      if (isFunction(node)) this.#functions.add(node);
      if (node.type === 'Identifier') {
        const binding = this.sources.bindingOf(node);
        if (binding !== undefined) this.#addBinding(binding);
      }
      this.#addName(memberName(node));
      if (node.type === 'Property' && this.sources.namesOf(node).parent(node)?.type === 'ObjectPattern') {
        // Taking a property out of an object asks for it as well.
        this.#addName(node.key.type === 'Identifier' && !node.computed ? node.key.name : undefined);
      }
    });
  }

  #addFunction(node: FunctionNode): void {
    if (this.#functions.has(node)) return;
    this.#functions.add(node);
    this.#work.push(node);
  }

  #addBinding(binding: Binding): void {
    if (this.#bindings.has(binding)) return;
    this.#bindings.add(binding);
    for (const each of this.sources.functionsOfBinding(binding)) this.#addFunction(each);
    if (binding.kind === 'class') this.#addClass(this.sources.namesOf(binding.node).parent(binding.node));
    for (const source of binding.sources) {
      if (source.kind === 'value' || source.kind === 'part') this.#addValue(source.from);
      if (source.kind === 'argument') {
        for (const call of this.sources.callsOf(source.of)) {
          for (const argument of call.arguments.slice(source.position)) {
            this.#addValue(argument);
            if (!source.part && !call.arguments.some(({ type }) => type === 'SpreadElement')) break;
          }
        }
      }
    }
  }

  /** Makes an object of a class: its constructor and its fields. Methods are called by their names. */
  #addClass(node: SyntaxNode | undefined): void {
    if (node?.type !== 'ClassDeclaration' && node?.type !== 'ClassExpression') return;
    for (const member of node.body.body) {
      if (member.type === 'MethodDefinition' && member.kind === 'constructor') this.#addFunction(member.value);
      if (member.type === 'PropertyDefinition' && member.value) this.#work.push(member.value);
    }
    if (node.superClass?.type === 'Identifier') {
      const binding = this.sources.bindingOf(node.superClass);
      if (binding !== undefined) this.#addBinding(binding);
    }
  }

  #addName(name: string | undefined): void {
    if (name === undefined || this.#names.has(name)) return;
    this.#names.add(name);
    for (const value of this.sources.propertiesOf(name)) this.#addValue(value);
  }

  /** The functions in a value that was made elsewhere: written in it, named in it, or made by whoever made it. */
  #addValue(value: SyntaxNode): void {
    if (isFunction(value)) {
      this.#addFunction(value);
      return;
    }
    if (value.type === 'ClassExpression') this.#addClass(value);
    if (value.type === 'Identifier') {
      for (const each of this.sources.functionsOf(value)) this.#addFunction(each);
      return;
    }
    if (value.type === 'CallExpression') {
      for (const maker of this.sources.functionsOf(value.callee)) this.#addInner(maker);
      if (value.callee.type === 'MemberExpression') this.#addValue(value.callee.object);
      for (const argument of value.arguments) {
        // What has been called by now is past; what it returned may still be called.
        if (!isFunction(argument) || !AT_ONCE.has(memberName(value.callee) ?? '')) this.#addValue(argument);
        else this.#addInner(argument);
      }
      return;
    }
    if (value.type === 'MemberExpression') {
      this.#addName(memberName(value));
      return;
    }
    for (const child of childrenOf(value)) this.#addValue(child);
  }

  #addInner(maker: FunctionNode): void {
    for (const child of childrenOf(maker)) {
      walk(child, (node) => {
        if (!isFunction(node)) return;
        this.#addFunction(node);
        return false;
      });
    }
  }
}
