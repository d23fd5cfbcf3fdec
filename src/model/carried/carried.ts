/**
 * Carried: what a round of a loop changes and the next round may see, though nobody hands it on.
 *
 * A retry of `here()` feeds the routine again up to the mark, so every variable and object is what it was there; a round
 * of `loop()` begins with the values that it is handed and nothing else. JavaScript has no way to ask a routine for its
 * variables, so its text is read: a variable from outside of the round that the round writes before it goes on, and that
 * a round may read before it writes it; an object from outside of the round that is changed, or handed to somebody who
 * may; an iterator that is used up. What is new in each round is nobody's business, nor are cells and locks, which are
 * not changed but asked by ops. When in doubt the answer is that something is carried: whoever hands it on by `loop`, or
 * makes it in the round, is never refused. Used by watch.ts.
 */

import { changesIn, isMutator, isYielded, madeBy, type ObjectChange } from './changes.js';
import { flowOf } from './flow.js';
import type { Binding } from './names.js';
import { Age, type Older } from './older.js';
import { ReachedCode } from './reach.js';
import type { Site } from './sites.js';
import type { Sources } from './sources.js';
import { isFunction, isWithin, memberName, pathOf, type SyntaxNode, walk } from './syntax.js';

/** Something that is carried. */
export interface Carrier {
  readonly how: 'assigns' | 'changes' | 'uses up' | 'hands on';
  /** For people: `n`, `held`, `this`. */
  readonly what: string;
  readonly binding: Binding | undefined;
  /** What does it. */
  readonly node: SyntaxNode;
}

/** Methods that only look, and functions of the language that do. */
const LOOKING = new Set([
  ...[
    'at',
    'charAt',
    'charCodeAt',
    'codePointAt',
    'endsWith',
    'every',
    'find',
    'findIndex',
    'findLast',
    'forEach',
    'get',
  ],
  ...['has', 'hasOwnProperty', 'includes', 'indexOf', 'isPrototypeOf', 'join', 'lastIndexOf', 'reduce', 'reduceRight'],
  ...['some', 'startsWith', 'test', 'toFixed', 'toLocaleString', 'toString', 'valueOf', 'concat', 'entries', 'filter'],
  ...['flat', 'flatMap', 'keys', 'map', 'slice', 'split', 'toReversed', 'toSorted', 'toSpliced', 'values', 'with'],
]);

/** What one loop carries besides what it hands on: the first thing found, or undefined. */
export function carriedBy(sources: Sources, site: Site): Carrier | undefined {
  if (site.parts.length === 0) return undefined;
  return new Round(sources, site).find();
}

class Round {
  readonly reach: ReachedCode;
  readonly age: Age;

  constructor(
    readonly sources: Sources,
    readonly site: Site,
  ) {
    this.reach = new ReachedCode(sources, site.parts, site.kind === 'routine');
    this.age = new Age(sources, this.reach);
  }

  find(): Carrier | undefined {
    return this.#assigned() ?? this.#changed() ?? this.#handedOn();
  }

  /** A variable that is written. */
  #assigned(): Carrier | undefined {
    for (const [binding, writes] of this.#writes()) {
      if (this.#isReadFirst(binding, writes)) return { how: 'assigns', what: binding.name, binding, node: writes[0] };
    }
    return undefined;
  }

  /** The writes to variables that are older than the round. */
  #writes(): Map<Binding, SyntaxNode[]> {
    const writes = new Map<Binding, SyntaxNode[]>();
    this.reach.walk((node) => {
      if (node.type !== 'Identifier') return;
      const reference = this.sources.namesOf(node).reference(node);
      if (reference?.binding === undefined || reference.how === 'read') return;
      // What a declaration declares is new.
      if (node === reference.binding.node && reference.binding.kind !== 'var') return;
      if (this.age.isNew(reference.binding, node)) return;
      const known = writes.get(reference.binding);
      if (known === undefined) writes.set(reference.binding, [node]);
      else known.push(node);
    });
    return writes;
  }

  /** Whether a round may read what an earlier one wrote. */
  #isReadFirst(binding: Binding, writes: readonly SyntaxNode[]): boolean {
    if (this.site.kind !== 'routine' && writes.every((node) => this.reach.isInside(node))) {
      const { isRead, isHandedOn } = this.#flow(writes, binding);
      return isRead && isHandedOn;
    }
    const looks = binding.references.filter((reference) => this.sources.isLookedAt(reference));
    if (looks.some(({ node }) => this.#isReached(node))) return true;
    return this.site.kind !== 'routine' && this.#isReadAfter(binding);
  }

  #flow(changes: readonly SyntaxNode[], binding?: Binding) {
    const { again, isHandedOn, parts } = this.site;
    const answer = flowOf(this.sources, parts, {
      ...(binding === undefined ? {} : { binding, readAfter: this.#isReadAfter(binding) }),
      changes: new Set(changes),
      isAgain: (node) =>
        again !== undefined &&
        node.type === 'CallExpression' &&
        node.callee.type === 'Identifier' &&
        this.sources.namesOf(node).reference(node.callee)?.binding === again,
    });
    return isHandedOn ? { ...answer, isHandedOn: true } : answer;
  }

  /** Whether somebody may read a variable once the loop is left. */
  #isReadAfter(binding: Binding): boolean {
    const { around, parts } = this.site;
    const end = Math.max(...parts.map((part) => part.end));
    const isOwn = binding.scope.owner === around && !this.#isInPlainLoop();
    return binding.references.some(({ how, node }) => {
      if (how === 'write' || this.reach.isInside(node)) return false;
      return !isOwn || node.start > end;
    });
  }

  /** Whether the loop is begun anew by a loop of the language. */
  #isInPlainLoop(): boolean {
    const names = this.sources.namesOf(this.site.call);
    for (let at = names.parent(this.site.call); at !== undefined && !isFunction(at); at = names.parent(at)) {
      if (/^(?:While|DoWhile|For|ForIn|ForOf)Statement$/.test(at.type)) return true;
    }
    return false;
  }

  #isReached(node: SyntaxNode): boolean {
    return this.reach.code.some((code) => isWithin(node, code));
  }

  /** An object that is changed, or an iterator that is used up. */
  #changed(): Carrier | undefined {
    for (const mutation of changesIn(this.sources, this.reach)) {
      const older = this.age.olderThan(mutation.object);
      if (older === undefined || this.#isHarmless(mutation, older)) continue;
      return { how: mutation.how, what: older.what, binding: older.binding, node: mutation.node };
    }
    return undefined;
  }

  #isHarmless({ node }: ObjectChange, { binding }: Older): boolean {
    if (this.reach.isInside(node) && !this.#flow([node]).isHandedOn) return true;
    if (isMemo(node)) return true;
    return binding !== undefined && (this.#isRenewed(binding) || this.#isOnlyWritten(binding));
  }

  /** Whether each round gives an older variable something new before it looks at it. */
  #isRenewed(binding: Binding): boolean {
    const writes = binding.references.filter(({ how, node }) => how === 'write' && this.reach.isInside(node));
    if (writes.length === 0 || this.#flow([], binding).isRead) return false;
    return binding.sources.every((source) => {
      if (source.kind !== 'value' && source.kind !== 'part') return false;
      return !this.reach.isInside(source.from) || this.age.olderThan(source.from) === undefined;
    });
  }

  /** Whether an object is filled and never looked at by any routine, as a log is. */
  #isOnlyWritten({ references }: Binding): boolean {
    const own = references.filter(({ node }) => this.#isReached(node));
    return own.length > 0 && own.every(({ node, how }) => how === 'read' && this.#isWriting(node));
  }

  #isWriting(node: SyntaxNode): boolean {
    const names = this.sources.namesOf(node);
    const member = names.parent(node);
    if (member?.type !== 'MemberExpression' || member.object !== node) return false;
    const does = names.parent(member);
    const isDone = does !== undefined && names.parent(does)?.type === 'ExpressionStatement';
    if (does?.type === 'CallExpression') return isDone && does.callee === member;
    return isDone && (does?.type === 'AssignmentExpression' || does?.type === 'UpdateExpression');
  }

  /** An object of the routine that is handed to somebody whose text is not there. */
  #handedOn(): Carrier | undefined {
    let found: Carrier | undefined;
    this.reach.walk((node) => {
      if (found !== undefined || (node.type !== 'CallExpression' && node.type !== 'NewExpression')) return;
      const { callee } = node;
      if (this.#isKnown(callee)) return;
      const receiver = callee.type === 'MemberExpression' && !isYielded(this.sources, node) ? [callee.object] : [];
      for (const each of [...receiver, ...node.arguments]) {
        const binding = each.type === 'Identifier' ? this.sources.bindingOf(each) : undefined;
        if (binding === undefined || !this.#isOwnObject(binding, each)) continue;
        if (this.reach.isInside(node) && !this.#flow([node]).isHandedOn) continue;
        if (this.#isRenewed(binding)) continue;
        found = { how: 'hands on', what: binding.name, binding, node };
        return;
      }
    });
    return found;
  }

  /** Whether what a call does with its arguments is known: by its text, or because it is the language's or the library's. */
  #isKnown(callee: SyntaxNode): boolean {
    if (callee.type === 'Super' || this.sources.libraryName(callee) !== undefined) return true;
    if (this.sources.functionsOf(callee).length > 0) return true;
    if (callee.type === 'Identifier') return this.sources.bindingOf(callee) === undefined;
    const name = memberName(callee) ?? '';
    if (callee.type !== 'MemberExpression') return false;
    const { object } = callee;
    const isGlobal = object.type === 'Identifier' && this.sources.bindingOf(object) === undefined;
    return isGlobal || LOOKING.has(name) || isMutator(name) || name === 'waitUntil';
  }

  /** Whether a variable holds an object that the routine itself made before the round. */
  #isOwnObject(binding: Binding, node: SyntaxNode): boolean {
    if (this.age.isNew(binding, node) || madeBy(this.sources, node) !== 'language') return false;
    const names = this.sources.namesOf(binding.node);
    let { owner } = binding.scope;
    if (pathOf(owner) !== pathOf(this.site.call)) return false;
    for (; isFunction(owner); owner = names.functionAround(owner) ?? names.program) if (owner.generator) return true;
    return false;
  }
}

/** `x ??= f()` that asks nobody: what it remembers is what it would make again. */
function isMemo(node: SyntaxNode): boolean {
  if (node.type !== 'AssignmentExpression' || node.operator !== '??=') return false;
  let asks = false;
  walk(node.right, (each) => {
    if (each.type === 'YieldExpression') asks = true;
  });
  return !asks;
}
