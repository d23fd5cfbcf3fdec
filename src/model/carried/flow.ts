/**
 * Flow: in which order the parts of a round run. Answers the two questions that decide whether a change is carried:
 * whether a round may read a variable before it has written it, and whether a round that changed something may go on to
 * another round. Functions that are handed to `within`, `atomic` and `loop` run where they stand; of any other one it is
 * only known that it may be called from there on. Used by carried.ts.
 */

import type { Binding } from './names.js';
import type { Sources } from './sources.js';
import { childrenOf, type FunctionNode, isFunction, type SyntaxNode, walk } from './syntax.js';

/** What is asked. */
export interface FlowQuestion {
  /** The variable that may be read before it is written. */
  readonly binding?: Binding;
  /** Whether somebody reads the variable after the loop. */
  readonly readAfter?: boolean;
  /** What changes something. */
  readonly changes: ReadonlySet<SyntaxNode>;
  /** Whether a node goes on to the next round. */
  readonly isAgain: (node: SyntaxNode) => boolean;
}

/** The answers. */
export interface FlowAnswer {
  /** A round may see what the variable was when it began. */
  readonly isRead: boolean;
  /** Something may have changed when a round goes on to the next one. */
  readonly isHandedOn: boolean;
}

/** At a point that is reached: whether the variable was written for sure, whether something may have changed. */
interface State {
  readonly written: boolean;
  readonly changed: boolean;
}

type Reached = State | undefined;

/** Where `break` and `continue` may lead, and where an inlined function returns. */
interface Target {
  readonly node: SyntaxNode;
  readonly label: string | undefined;
  readonly kind: 'loop' | 'switch' | 'block' | 'function';
  out: Reached;
  next: Reached;
}

/** Follows a round. */
export function flowOf(sources: Sources, parts: readonly SyntaxNode[], question: FlowQuestion): FlowAnswer {
  const flow = new Flow(sources, question);
  flow.run(parts);
  return { isRead: flow.isRead, isHandedOn: flow.isHandedOn };
}

class Flow {
  isRead = false;
  isHandedOn = false;
  readonly #targets: Target[] = [];

  constructor(
    readonly sources: Sources,
    readonly question: FlowQuestion,
  ) {}

  run(parts: readonly SyntaxNode[]): void {
    let state: Reached = { written: false, changed: false };
    for (const part of parts) {
      // A loop's body is a function that is run once a round.
      state = isFunction(part) ? this.#inline(part, state, false) : this.#run(part, state);
    }
    this.#exit(state);
  }

  #exit(state: Reached): void {
    if (this.question.readAfter === true && state !== undefined && !state.written) this.isRead = true;
  }

  #all(nodes: readonly SyntaxNode[], first: Reached): Reached {
    // Functions that are declared here can be called before the text comes to them.
    for (const node of nodes) if (node.type === 'FunctionDeclaration') this.#define(node, first);
    return nodes.reduce((state: Reached, node) => this.#run(node, state), first);
  }

  #run(node: SyntaxNode, before: Reached): Reached {
    if (before === undefined && !isFunction(node)) {
      // Nothing comes here, but a function that is declared here may be called from elsewhere.
      return undefined;
    }
    const after = this.#effect(node, before);
    return after !== undefined && this.question.changes.has(node) ? { ...after, changed: true } : after;
  }

  #effect(node: SyntaxNode, before: Reached): Reached {
    if (isFunction(node)) return this.#define(node, before);
    switch (node.type) {
      case 'Identifier':
        return this.#identifier(node, before);
      case 'AssignmentExpression':
        return this.#assign(node, before);
      case 'VariableDeclarator':
        return this.#target(node.id, node.init ? this.#run(node.init, before) : before, Boolean(node.init));
      case 'LogicalExpression': {
        const left = this.#run(node.left, before);
        return joined(left, this.#run(node.right, left));
      }
      case 'ConditionalExpression':
      case 'IfStatement': {
        const test = this.#run(node.test, before);
        return joined(this.#run(node.consequent, test), node.alternate ? this.#run(node.alternate, test) : test);
      }
      case 'CallExpression':
        return this.#call(node, before);
      case 'MemberExpression': {
        const object = this.#run(node.object, before);
        const property = node.computed ? this.#run(node.property, object) : object;
        return node.optional ? joined(object, property) : property;
      }
      case 'Property':
      case 'PropertyDefinition':
      case 'MethodDefinition': {
        const key = node.computed ? this.#run(node.key, before) : before;
        return node.value ? this.#run(node.value, key) : key;
      }
      case 'ReturnStatement':
        this.#return(node.argument ? this.#run(node.argument, before) : before);
        return undefined;
      case 'ThrowStatement':
        this.#run(node.argument, before);
        return undefined;
      case 'BreakStatement':
      case 'ContinueStatement':
        this.#leave(node, before);
        return undefined;
      case 'LabeledStatement':
        return this.#labeled(node, before);
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        return this.#loop(node, before, undefined);
      case 'SwitchStatement':
        return this.#switch(node, before, undefined);
      case 'TryStatement': {
        const block = this.#run(node.block, before);
        // Whatever the block did may have been done when it threw.
        const thrown = before && {
          written: before.written,
          changed: block?.changed ?? this.#changesIn(node.block, before),
        };
        const handled = node.handler ? joined(block, this.#run(node.handler.body, thrown)) : block;
        if (!node.finalizer) return handled;
        const finished = this.#run(node.finalizer, joined(handled, thrown));
        return handled && finished && { written: handled.written || finished.written, changed: finished.changed };
      }
      case 'YieldExpression': {
        const after = node.argument ? this.#run(node.argument, before) : before;
        // Nothing runs past again().
        return node.argument && this.question.isAgain(node.argument) ? undefined : after;
      }
      default:
        return this.#all(childrenOf(node), before);
    }
  }

  #identifier(node: SyntaxNode, before: Reached): Reached {
    const { binding } = this.question;
    if (binding === undefined || before === undefined) return before;
    const reference = this.sources.namesOf(node).reference(node);
    if (reference?.binding !== binding) return before;
    if (this.sources.isLookedAt(reference) && !before.written) this.isRead = true;
    // What is counted up still has in it what it was.
    return reference.how === 'write' ? { ...before, written: true } : before;
  }

  #assign(node: Extract<SyntaxNode, { type: 'AssignmentExpression' }>, before: Reached): Reached {
    const { left, operator, right } = node;
    if (operator === '=') {
      const named = left.type === 'MemberExpression' ? this.#run(left, before) : before;
      const value = this.#run(right, named);
      return left.type === 'MemberExpression' ? value : this.#target(left, value, true);
    }
    const read = this.#run(left, before);
    const value = this.#run(right, read);
    return operator === '&&=' || operator === '||=' || operator === '??=' ? joined(read, value) : value;
  }

  /** A pattern that is written to. */
  #target(node: SyntaxNode, before: Reached, hasValue: boolean): Reached {
    return node.type === 'Identifier' && !hasValue ? before : this.#run(node, before);
  }

  #call(node: Extract<SyntaxNode, { type: 'CallExpression' }>, before: Reached): Reached {
    const callee = this.#run(node.callee, before);
    const name = this.sources.libraryName(node.callee);
    const runsThere = name === 'within' || name === 'atomic' || name === 'loop';
    let state = callee;
    for (const argument of node.arguments) {
      state =
        runsThere && isFunction(argument) ? this.#inline(argument, state, name === 'loop') : this.#run(argument, state);
    }
    if (state !== undefined && this.question.isAgain(node) && state.changed) this.isHandedOn = true;
    return node.optional ? joined(callee, state) : state;
  }

  /** A function that runs where it stands, once or, as the body of a loop, once a round. */
  #inline(node: FunctionNode, before: Reached, repeats: boolean): Reached {
    const target: Target = { node, label: undefined, kind: 'function', out: undefined, next: undefined };
    this.#targets.push(target);
    const start = repeats && before ? { ...before, changed: before.changed || this.#changesIn(node, before) } : before;
    const end = this.#run(node.body, this.#all(node.params, start));
    this.#targets.pop();
    return node.body.type === 'BlockStatement' ? joined(end, target.out) : end;
  }

  /** A function that may be called from now on: it may read what is not written by now, and change what it changes. */
  #define(node: FunctionNode, before: Reached): Reached {
    const { binding, changes, isAgain } = this.question;
    let goesOn = false;
    let changed = false;
    walk(node, (each) => {
      if (changes.has(each)) changed = true;
      if (isAgain(each)) goesOn = true;
      if (each.type !== 'Identifier' || binding === undefined || before?.written === true) return;
      const reference = this.sources.namesOf(each).reference(each);
      if (reference?.binding === binding && this.sources.isLookedAt(reference)) this.isRead = true;
    });
    if (goesOn && changes.size > 0) this.isHandedOn = true;
    return before && { ...before, changed: before.changed || changed };
  }

  #changesIn(node: SyntaxNode, before: State): boolean {
    let changed = before.changed;
    walk(node, (each) => {
      if (this.question.changes.has(each)) changed = true;
    });
    return changed;
  }

  #return(state: Reached): void {
    const target = this.#targets.findLast(({ kind }) => kind === 'function');
    if (target === undefined) this.#exit(state);
    else target.out = joined(target.out, state);
  }

  #leave(node: Extract<SyntaxNode, { type: 'BreakStatement' | 'ContinueStatement' }>, state: Reached): void {
    const { label, type } = node;
    const target = this.#targets.findLast(({ label: own, kind }) => {
      if (label) return own === label.name;
      return kind === 'loop' || (kind === 'switch' && type === 'BreakStatement');
    });
    if (target === undefined) this.#exit(state);
    else if (type === 'BreakStatement') target.out = joined(target.out, state);
    else target.next = joined(target.next, state);
  }

  #labeled(node: Extract<SyntaxNode, { type: 'LabeledStatement' }>, before: Reached): Reached {
    const { body } = node;
    if (/^(?:While|DoWhile|For|ForIn|ForOf)Statement$/.test(body.type))
      return this.#loop(body, before, node.label.name);
    if (body.type === 'SwitchStatement') return this.#switch(body, before, node.label.name);
    const target: Target = { node, label: node.label.name, kind: 'block', out: undefined, next: undefined };
    this.#targets.push(target);
    const end = this.#run(body, before);
    this.#targets.pop();
    return joined(end, target.out);
  }

  /** Twice round: what a round changed is so in the next one, and a third one adds nothing. */
  #loop(node: SyntaxNode, first: Reached, label: string | undefined): Reached {
    const target: Target = { node, label, kind: 'loop', out: undefined, next: undefined };
    this.#targets.push(target);
    let state = first;
    if (node.type === 'ForStatement' && node.init) state = this.#run(node.init, state);
    if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') state = this.#run(node.right, state);
    let out: Reached;
    for (let round = 0; round < 2; round++) {
      let at = state;
      if (node.type === 'WhileStatement' || (node.type === 'ForStatement' && node.test)) {
        at = this.#run(node.test as SyntaxNode, at);
        out = at;
      } else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') {
        out = at;
        const { left } = node;
        at = this.#target(left.type === 'VariableDeclaration' ? left.declarations[0].id : left, at, true);
      }
      at = joined(this.#run((node as { body: SyntaxNode }).body, at), target.next);
      if (node.type === 'DoWhileStatement') out = at = this.#run(node.test, at);
      if (node.type === 'ForStatement' && node.update) at = this.#run(node.update, at);
      state = joined(state, at);
    }
    this.#targets.pop();
    // What the last round changed is so after the loop.
    const end = out && state && { written: out.written, changed: out.changed || state.changed };
    return joined(end, target.out);
  }

  #switch(node: Extract<SyntaxNode, { type: 'SwitchStatement' }>, before: Reached, label: string | undefined): Reached {
    const target: Target = { node, label, kind: 'switch', out: undefined, next: undefined };
    this.#targets.push(target);
    const asked = this.#run(node.discriminant, before);
    let state: Reached;
    for (const { test, consequent } of node.cases) {
      state = this.#all(consequent, joined(state, test ? this.#run(test, asked) : asked));
    }
    this.#targets.pop();
    const hasDefault = node.cases.some(({ test }) => !test);
    return joined(joined(state, target.out), hasDefault ? undefined : asked);
  }
}

/** What holds where two ways meet. */
function joined(left: Reached, right: Reached): Reached {
  if (left === undefined || right === undefined) return left ?? right;
  return { written: left.written && right.written, changed: left.changed || right.changed };
}
