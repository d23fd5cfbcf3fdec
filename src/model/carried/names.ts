/**
 * Names: what each identifier of a source text stands for. Every scope with its bindings, every reference with the
 * binding it means and whether it reads or writes, and for each binding the expressions that give it values. Used by the
 * rest of this room.
 */

import type { Identifier, Program } from 'acorn';
import { childrenOf, type FunctionNode, isFunction, keyOf, type SyntaxNode } from './syntax.js';

/** Something a name may stand for. */
export interface Binding {
  readonly name: string;
  readonly kind: 'var' | 'let' | 'const' | 'param' | 'function' | 'class' | 'import' | 'catch';
  /** The identifier that declares it. */
  readonly node: Identifier;
  readonly scope: Scope;
  readonly references: Reference[];
  readonly sources: Source[];
}

/** Where names are known. */
export interface Scope {
  readonly node: SyntaxNode;
  readonly parent: Scope | undefined;
  readonly bindings: Map<string, Binding>;
  /** The function in whose activation the bindings live; the program for those of the module. */
  readonly owner: FunctionNode | Program;
}

/** An identifier that stands for something. `update` reads and writes. */
export interface Reference {
  readonly node: Identifier;
  readonly binding: Binding | undefined;
  readonly how: 'read' | 'write' | 'update';
  /** What writes: an assignment, a declaration, the head of a loop. */
  readonly by: SyntaxNode;
}

/** Where a binding has a value from. */
export type Source =
  /** An expression: the value, or something in it. */
  | { readonly kind: 'value' | 'part'; readonly from: SyntaxNode }
  | { readonly kind: 'argument'; readonly of: FunctionNode; readonly position: number; readonly part: boolean }
  | { readonly kind: 'import'; readonly name: string; readonly module: string }
  | { readonly kind: 'other' };

const NOWHERE: Source = { kind: 'other' };

/** The names of one program. */
export class Names {
  readonly functions: FunctionNode[] = [];
  readonly references: Reference[] = [];
  readonly module: Scope;
  readonly #parents = new Map<SyntaxNode, SyntaxNode>();
  readonly #byNode = new Map<SyntaxNode, Reference>();
  readonly #scopes = new Map<SyntaxNode, Scope>();

  constructor(readonly program: Program) {
    this.module = this.#open(program, undefined, program);
    this.#hoist(program.body, this.module);
    for (const statement of program.body) this.#visit(statement, this.module, program);
  }

  /** What an identifier refers to; undefined for one that is a key, a label or a declaration. */
  reference(node: SyntaxNode): Reference | undefined {
    return this.#byNode.get(node);
  }

  parent(node: SyntaxNode): SyntaxNode | undefined {
    return this.#parents.get(node);
  }

  /** The innermost function around a node. */
  functionAround(node: SyntaxNode): FunctionNode | undefined {
    let at = this.parent(node);
    while (at !== undefined && !isFunction(at)) at = this.parent(at);
    return at as FunctionNode | undefined;
  }

  /** What a function is called, as JavaScript infers it; undefined for one without a name. */
  nameOf(node: FunctionNode): string | undefined {
    if (node.type !== 'ArrowFunctionExpression' && node.id) return node.id.name;
    const parent = this.parent(node);
    switch (parent?.type) {
      case 'VariableDeclarator':
        return parent.id.type === 'Identifier' ? parent.id.name : undefined;
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        return keyOf(parent);
      case 'AssignmentExpression':
      case 'AssignmentPattern': {
        const { left } = parent;
        if (left.type === 'Identifier') return left.name;
        return left.type === 'MemberExpression' && left.property.type === 'Identifier' ? left.property.name : undefined;
      }
      default:
        return undefined;
    }
  }

  #open(node: SyntaxNode, parent: Scope | undefined, owner: Scope['owner']): Scope {
    const scope = { node, parent, bindings: new Map<string, Binding>(), owner };
    this.#scopes.set(node, scope);
    return scope;
  }

  /** Declares what the statements of a block declare for all of it. */
  #hoist(statements: readonly SyntaxNode[], scope: Scope): void {
    for (const each of statements) {
      const statement = each.type.startsWith('Export')
        ? ((each as { declaration?: SyntaxNode }).declaration ?? each)
        : each;
      if (statement.type === 'FunctionDeclaration' && statement.id) this.#declare('function', statement.id, scope);
      else if (statement.type === 'ClassDeclaration' && statement.id) this.#declare('class', statement.id, scope);
      else if (statement.type === 'VariableDeclaration' && statement.kind !== 'var')
        this.#hoistVariables(statement, scope);
      else if (statement.type === 'ImportDeclaration') {
        for (const specifier of statement.specifiers) {
          const module = String(statement.source.value);
          const name = importedName(specifier);
          this.#declare('import', specifier.local, scope, { kind: 'import', name, module });
        }
      }
    }
  }

  #hoistVariables(declaration: Extract<SyntaxNode, { type: 'VariableDeclaration' }>, scope: Scope): void {
    const kind = declaration.kind === 'var' || declaration.kind === 'let' ? declaration.kind : 'const';
    for (const { id } of declaration.declarations) for (const name of namesIn(id)) this.#declare(kind, name, scope);
  }

  /** Declares the variables that are `var` anywhere in a function. */
  #hoistVars(node: SyntaxNode, scope: Scope): void {
    if (isFunction(node)) return;
    if (node.type === 'VariableDeclaration' && node.kind === 'var') this.#hoistVariables(node, scope);
    for (const child of childrenOf(node)) this.#hoistVars(child, scope);
  }

  #declare(kind: Binding['kind'], node: Identifier, scope: Scope, source?: Source): void {
    const known = scope.bindings.get(node.name);
    if (known !== undefined) return;
    const binding: Binding = { name: node.name, kind, node, scope, references: [], sources: [] };
    if (source !== undefined) binding.sources.push(source);
    scope.bindings.set(node.name, binding);
  }

  #refer(node: Identifier, scope: Scope, how: Reference['how'], by: SyntaxNode, source?: Source): void {
    let binding: Binding | undefined;
    for (let at: Scope | undefined = scope; at !== undefined && binding === undefined; at = at.parent) {
      binding = at.bindings.get(node.name);
    }
    const reference = { node, binding, how, by };
    this.references.push(reference);
    this.#byNode.set(node, reference);
    binding?.references.push(reference);
    if (source !== undefined) binding?.sources.push(source);
  }

  #visit(node: SyntaxNode, scope: Scope, parent: SyntaxNode): void {
    this.#parents.set(node, parent);
    if (isFunction(node)) {
      this.#visitFunction(node, scope);
      return;
    }
    switch (node.type) {
      case 'Identifier':
        this.#refer(node, scope, 'read', node);
        return;
      case 'VariableDeclarator': {
        const source: Source | undefined = node.init ? { kind: 'value', from: node.init } : undefined;
        if (node.init) this.#visit(node.init, scope, node);
        this.#visitPattern(node.id, scope, node, node, source);
        return;
      }
      case 'AssignmentExpression': {
        const how = node.operator === '=' ? 'write' : 'update';
        this.#visit(node.right, scope, node);
        this.#visitPattern(node.left, scope, node, node, { kind: 'value', from: node.right }, how);
        return;
      }
      case 'UpdateExpression':
        this.#visitPattern(node.argument, scope, node, node, NOWHERE, 'update');
        return;
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = this.#open(node, scope, scope.owner);
        if (node.left.type === 'VariableDeclaration' && node.left.kind !== 'var')
          this.#hoistVariables(node.left, inner);
        this.#visit(node.right, scope, node);
        const source: Source = node.type === 'ForOfStatement' ? { kind: 'part', from: node.right } : NOWHERE;
        if (node.left.type === 'VariableDeclaration') {
          this.#parents.set(node.left, node);
          this.#visitPattern(node.left.declarations[0].id, inner, node.left, node, source);
        } else this.#visitPattern(node.left, inner, node, node, source);
        this.#visit(node.body, inner, node);
        return;
      }
      case 'MemberExpression':
        this.#visit(node.object, scope, node);
        if (node.computed) this.#visit(node.property, scope, node);
        else this.#parents.set(node.property, node);
        return;
      case 'Property':
      case 'PropertyDefinition':
      case 'MethodDefinition':
        if (node.computed) this.#visit(node.key, scope, node);
        else this.#parents.set(node.key, node);
        if (node.value) this.#visit(node.value, scope, node);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const inner = this.#open(node, scope, scope.owner);
        if (node.id && node.type === 'ClassExpression') this.#declare('class', node.id, inner);
        if (node.superClass) this.#visit(node.superClass, inner, node);
        this.#visit(node.body, inner, node);
        return;
      }
      case 'BlockStatement':
      case 'StaticBlock': {
        const inner = this.#open(node, scope, scope.owner);
        this.#hoist(node.body, inner);
        this.#visitAll(node, inner);
        return;
      }
      case 'SwitchStatement': {
        this.#visit(node.discriminant, scope, node);
        const inner = this.#open(node, scope, scope.owner);
        for (const { consequent } of node.cases) this.#hoist(consequent, inner);
        for (const each of node.cases) this.#visit(each, inner, node);
        return;
      }
      case 'ForStatement': {
        const inner = this.#open(node, scope, scope.owner);
        if (node.init) this.#hoist([node.init], inner);
        this.#visitAll(node, inner);
        return;
      }
      case 'CatchClause': {
        const inner = this.#open(node, scope, scope.owner);
        if (node.param) {
          for (const name of namesIn(node.param)) this.#declare('catch', name, inner);
          this.#visitPattern(node.param, inner, node, node, NOWHERE);
        }
        this.#visit(node.body, inner, node);
        return;
      }
      case 'LabeledStatement':
        this.#visit(node.body, scope, node);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'MetaProperty':
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) this.#visit(node.declaration, scope, node);
        if (node.declaration || node.source) return;
        for (const { local } of node.specifiers) {
          if (local.type === 'Identifier') this.#refer(local, scope, 'read', node);
        }
        return;
      default:
        this.#visitAll(node, scope);
        return;
    }
  }

  #visitAll(node: SyntaxNode, scope: Scope): void {
    for (const child of childrenOf(node)) this.#visit(child, scope, node);
  }

  #visitFunction(node: FunctionNode, scope: Scope): void {
    this.functions.push(node);
    let outer = scope;
    if (node.type === 'FunctionExpression' && node.id) {
      outer = this.#open(node.id, scope, node);
      this.#declare('function', node.id, outer);
    }
    const inner = this.#open(node, outer, node);
    for (const param of node.params) for (const name of namesIn(param)) this.#declare('param', name, inner);
    this.#hoistVars(node.body, inner);
    node.params.forEach((param, position) => {
      const source: Source = { kind: 'argument', of: node, position, part: param.type === 'RestElement' };
      this.#visitPattern(param, inner, node, node, source);
    });
    if (node.body.type === 'BlockStatement') {
      this.#parents.set(node.body, node);
      this.#hoist(node.body.body, inner);
      this.#visitAll(node.body, inner);
    } else this.#visit(node.body, inner, node);
  }

  /** The target of an assignment, a declaration or a parameter. */
  #visitPattern(
    node: SyntaxNode,
    scope: Scope,
    parent: SyntaxNode,
    by: SyntaxNode,
    source: Source | undefined,
    how: 'write' | 'update' = 'write',
  ): void {
    this.#parents.set(node, parent);
    switch (node.type) {
      case 'Identifier':
        // A declaration without a value writes nothing: the variable is what it was, which in a loop is nothing.
        if (source === undefined && by.type === 'VariableDeclarator') return;
        this.#refer(node, scope, how, by, source);
        return;
      case 'AssignmentPattern':
        this.#visit(node.right, scope, node);
        this.#visitPattern(node.left, scope, node, by, source);
        this.#alsoFrom(node.left, scope, { kind: 'value', from: node.right });
        return;
      case 'ObjectPattern':
        for (const property of node.properties) {
          this.#parents.set(property, node);
          if (property.type === 'RestElement') {
            this.#visitPattern(property.argument, scope, property, by, partOf(source));
            continue;
          }
          if (property.computed) this.#visit(property.key, scope, property);
          this.#visitPattern(property.value, scope, property, by, partOf(source));
        }
        return;
      case 'ArrayPattern':
        for (const element of node.elements) {
          if (element !== null) this.#visitPattern(element, scope, node, by, partOf(source));
        }
        return;
      case 'RestElement':
        this.#visitPattern(node.argument, scope, node, by, source);
        return;
      default:
        this.#visit(node, scope, parent);
        return;
    }
  }

  #alsoFrom(target: SyntaxNode, scope: Scope, source: Source): void {
    if (target.type !== 'Identifier') return;
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const binding = at.bindings.get(target.name);
      if (binding === undefined) continue;
      binding.sources.push(source);
      return;
    }
  }
}

function partOf(source: Source | undefined): Source | undefined {
  if (source?.kind === 'value') return { ...source, kind: 'part' };
  return source?.kind === 'argument' ? { ...source, part: true } : source;
}

function importedName(specifier: SyntaxNode): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  if (specifier.type !== 'ImportSpecifier') return 'default';
  const { imported } = specifier;
  return imported.type === 'Identifier' ? imported.name : String(imported.value);
}

/** The identifiers that a pattern declares. */
function namesIn(pattern: SyntaxNode): Identifier[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern];
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'RestElement':
      return namesIn(pattern.argument);
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element === null ? [] : namesIn(element)));
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === 'RestElement' ? property.argument : property.value),
      );
    default:
      return [];
  }
}
