/**
 * The automaton: routines memoised into local states.
 *
 * A routine's local state is the history of the results it received, so a node is a history and an edge is one more
 * result. The generator runs only when an edge is met for the first time; every new node is derived twice, from
 * fresh generators, so that a routine which depends on anything but its history is caught and named.
 * Imported by the executor, the engines and the reports.
 */

import { ModelError } from './errors.js';
import { type Op, Opcode, signatureOf } from './op.js';
import { Identity, Ref } from './ref.js';
import type { Instruction, Routine } from './routine.js';

/** Fields of a node, as offsets into `nodes`. */
export const Field = {
  code: 0,
  base: 1,
  register: 2,
  a: 3,
  b: 4,
  c: 5,
  /** Register that a ref result goes to. */
  target: 6,
  /** Index into `recordings` plus one, or 0. */
  recording: 7,
  edge0: 8,
  edge1: 9,
  /** Offset of a Word op's table. */
  table: 10,
  /** Registers in use at this node. */
  registers: 11,
  flags: 12,
  /** Latches: distance between the words of one latch. */
  stride: 13,
} as const;

/** Words per node; a node is named by its offset, so that the hot loop never multiplies. */
export const NODE_WORDS = 16;

/** Node flags. */
export const Flag = {
  /** The op may write. */
  Writes: 1,
  /** Flags from here on need more than following the edge. */
  Special: 2,
  /** The op may have to wait. */
  Blocks: 2,
  /** The op continues an atomic section: nothing is scheduled before it. */
  Continues: 4,
  /** A call ends here. */
  Ends: 8,
} as const;

/** The actor has finished all its calls. */
export const DONE = 0;
/** Set in an edge that goes back to the head of a loop. */
export const AGAIN = 1 << 30;
/** Word tables cover values WORD_LOW .. WORD_LOW + WORD_SPAN - 1; others are computed. */
export const WORD_LOW = -8;
export const WORD_SPAN = 32;

/** A function in which a step lies; `id` tells two visits of one function apart. */
export interface Frame {
  readonly name: string;
  readonly version: string;
  readonly id: number;
  readonly parent: Frame | undefined;
}

/** What reports need to know of a node. */
export interface NodeInfo {
  readonly op: Op<unknown> | undefined;
  readonly frame: Frame | undefined;
  /** Name of the atomic section the op lies in. */
  readonly atomic: string | undefined;
  readonly root: Root;
  readonly parent: number;
  readonly result: number;
  readonly depth: number;
}

/** A routine with its arguments: where calls start. */
export interface Root {
  readonly name: string;
  readonly routine: (...args: never[]) => Routine<unknown>;
  readonly args: readonly unknown[];
  /** Offset of the first node. */
  node: number;
}

/** What a history leads to. */
interface Derived {
  kind: 'op' | 'return' | 'again';
  op: Op<unknown> | undefined;
  value: number;
  depth: number;
  frame: Frame | undefined;
  atomic: string | undefined;
  continues: boolean;
  registers: number;
  /** Value of an atomic section that ended just before. */
  ended: { value: unknown } | undefined;
}

/** Nodes and edges of all routines of one model, grown as executions meet them. */
export class Automaton {
  /** NODE_WORDS words a node; replaced when it grows. */
  nodes = new Int32Array(NODE_WORDS * 256);
  /** Word tables: (next value, edge) per value. */
  tables = new Int32Array(WORD_SPAN * 2 * 64);
  readonly infos: NodeInfo[] = [];
  readonly recordings: (readonly import('./op.js').Recording[])[] = [];
  readonly #edges: (Map<number, number> | undefined)[] = [];
  readonly #notes = new Map<string, unknown>();
  readonly #roots = new Map<unknown, unknown>();
  #tableWords = 0;

  /** @param maxRegisters registers an actor has; a routine that needs more is refused by name */
  constructor(readonly maxRegisters: number) {
    this.nodes[Field.code] = -1;
    this.nodes[Field.flags] = Flag.Ends;
    this.infos.push(undefined as never);
    this.#edges.push(undefined);
  }

  /** Number of nodes. */
  get size(): number {
    return this.infos.length;
  }

  /** The node's description. */
  info(node: number): NodeInfo {
    return this.infos[node / NODE_WORDS] as NodeInfo;
  }

  /** The pending op of a node. */
  opOf(node: number): Op<unknown> {
    const op = this.info(node).op;
    if (op === undefined) throw new ModelError('a finished call has no op');
    return op;
  }

  /** Whether an edge was ever taken from the node. */
  taken(node: number): boolean {
    return this.results(node).length > 0;
  }

  /** The results that were met at a node, ascending. */
  results(node: number): number[] {
    const found: number[] = [];
    if (this.nodes[node + Field.edge0] !== 0) found.push(0);
    if (this.nodes[node + Field.edge1] !== 0) found.push(1);
    for (const result of this.#edges[node / NODE_WORDS]?.keys() ?? []) found.push(result);
    return found.sort((left, right) => left - right);
  }

  /** What an atomic section that ended on this edge returned, boxed; undefined when none ended there. */
  note(node: number, result: number): { value: unknown } | undefined {
    return this.#notes.get(`${node}:${result}`) as { value: unknown } | undefined;
  }

  /** The root for a routine with arguments; identities among them travel in registers and share one root. */
  root(name: string, routine: (...args: never[]) => Routine<unknown>, args: readonly unknown[]): Root {
    let level = this.#roots;
    for (const key of [routine, ...args.map((arg) => (arg instanceof Identity ? arg.domain : arg))]) {
      let next = level.get(key) as Map<unknown, unknown> | undefined;
      if (next === undefined) level.set(key, (next = new Map()));
      level = next;
    }
    let root = level.get('root') as Root | undefined;
    if (root === undefined) {
      root = { name, routine, args: [...args], node: 0 };
      level.set('root', root);
      root.node = this.#addNode(this.#derive(root, [], []), root, 0, 0, 0);
    }
    return root;
  }

  /** The edge for a result, derived on first use. */
  edge(node: number, result: number): number {
    if (result === 0 || result === 1) {
      const field = node + Field.edge0 + result;
      const known = this.nodes[field];
      if (known !== 0) return known;
      const edge = this.#extend(node, result);
      this.nodes[node + Field.edge0 + result] = edge;
      return edge;
    }
    const id = node / NODE_WORDS;
    let map = this.#edges[id];
    if (map === undefined) this.#edges[id] = map = new Map();
    let edge = map.get(result);
    if (edge === undefined) {
      edge = this.#extend(node, result);
      map.set(result, edge);
    }
    return edge;
  }

  #extend(node: number, result: number): number {
    const info = this.info(node);
    const results: number[] = [result];
    const path: number[] = [node];
    for (let at = node; this.info(at).depth > 0; at = this.info(at).parent) {
      results.push(this.info(at).result);
      path.push(this.info(at).parent);
    }
    results.reverse();
    path.reverse();
    const derived = this.#derive(info.root, results, path);
    if (derived.ended !== undefined) this.#notes.set(`${node}:${result}`, derived.ended);
    if (derived.kind === 'again') return path[derived.depth] | AGAIN;
    return this.#addNode(derived, info.root, node, result, info.depth + 1);
  }

  #derive(root: Root, results: readonly number[], path: readonly number[]): Derived {
    const first = this.#feed(root, results, path);
    const second = this.#feed(root, results, path);
    if (describe(first) !== describe(second)) {
      throw new ModelError(
        `${root.name} is not deterministic: fed the same results twice it went on with ${describe(first)} and then ` +
          `with ${describe(second)}; shared state must live in cells`,
      );
    }
    return first;
  }

  #feed(root: Root, results: readonly number[], path: readonly number[]): Derived {
    const feeder = new Feeder(root);
    for (let position = 0; ; position++) {
      const derived = feeder.next();
      if (position === results.length) {
        if (derived.kind === 'again' && derived.depth === position) {
          throw new ModelError(`${root.name} calls again() without an op since here(): it would loop without a step`);
        }
        if (derived.registers > this.maxRegisters) {
          throw new ModelError(
            `${root.name} holds ${derived.registers} refs at once; the model allows ${this.maxRegisters} ` +
              '(defineModel({ registers: n }))',
          );
        }
        return derived;
      }
      const expected = this.info(path[position]).op;
      if (derived.op === undefined || expected === undefined || signatureOf(derived.op) !== signatureOf(expected)) {
        throw new ModelError(
          `${root.name} is not deterministic: fed the same results it yielded ${describe(derived)} where it had ` +
            `yielded ${expected?.spec.label ?? 'nothing'} before; shared state must live in cells`,
        );
      }
      feeder.feed(derived.op, results[position]);
    }
  }

  #addNode(derived: Derived, root: Root, parent: number, result: number, depth: number): number {
    const node = this.infos.length * NODE_WORDS;
    if (node + NODE_WORDS > this.nodes.length) this.nodes = grown(this.nodes);
    const { op, frame, atomic } = derived;
    this.infos.push({ op, frame, atomic, root, parent, result, depth });
    this.#edges.push(undefined);
    const nodes = this.nodes;
    nodes[node + Field.registers] = derived.registers;
    if (op === undefined) {
      nodes[node + Field.code] = Opcode.Return;
      nodes[node + Field.a] = derived.value;
      nodes[node + Field.flags] = Flag.Ends;
      return node;
    }
    const { spec } = op;
    nodes[node + Field.code] = spec.code;
    const index = spec.index ?? 0;
    const position = index instanceof Identity ? index.index : index instanceof Ref ? 0 : index;
    nodes[node + Field.base] = (spec.region?.base ?? 0) + position;
    nodes[node + Field.register] = index instanceof Ref ? index.register : -1;
    nodes[node + Field.a] = spec.a ?? 0;
    nodes[node + Field.b] = spec.b ?? 0;
    nodes[node + Field.c] = spec.c ?? 0;
    nodes[node + Field.stride] = spec.region?.count ?? 0;
    nodes[node + Field.target] = derived.registers;
    nodes[node + Field.flags] =
      (spec.blocks ? Flag.Blocks : 0) | (derived.continues ? Flag.Continues : 0) | (spec.writes ? Flag.Writes : 0);
    if (spec.code === Opcode.Latch) nodes[node + Field.b] = spec.region?.width ?? 1;
    if (op.recordings.length > 0) nodes[node + Field.recording] = this.recordings.push(op.recordings);
    if (spec.code === Opcode.Word) nodes[node + Field.table] = this.#addTable();
    return node;
  }

  #addTable(): number {
    const offset = this.#tableWords;
    this.#tableWords += WORD_SPAN * 2;
    if (this.#tableWords > this.tables.length) this.tables = grown(this.tables);
    return offset;
  }
}

/** Runs one generator along a history and keeps track of its marks. */
class Feeder {
  readonly #generator: Routine<unknown>;
  #sent: unknown = undefined;
  #results = 0;
  #frame: Frame | undefined;
  #frames = 0;
  #registers: number;
  #atomics: string[] = [];
  #opsInAtomic = 0;

  constructor(readonly root: Root) {
    let registers = 0;
    const args = root.args.map((arg) => (arg instanceof Identity ? new Ref(registers++, arg.domain) : arg));
    this.#registers = registers;
    this.#generator = root.routine(...(args as never[]));
    if (typeof this.#generator?.next !== 'function') {
      throw new ModelError(`${root.name} is not a generator function; write function* ${root.name}()`);
    }
  }

  /** Goes on to the next op, jump or return. */
  next(): Derived {
    let ended: { value: unknown } | undefined;
    for (;;) {
      const { value, done } = this.#generator.next(this.#sent);
      this.#sent = undefined;
      if (done) return this.#derived('return', { value: returned(this.root, value), ended });
      const instruction = value as Instruction;
      if (instruction === null || typeof instruction !== 'object') {
        throw new ModelError(`${this.root.name} yielded ${String(instruction)}; yield* an op instead`);
      }
      if (!('mark' in instruction)) {
        const continues = this.#atomics.length > 0 && this.#opsInAtomic++ > 0;
        return this.#derived('op', { op: instruction, continues, ended });
      }
      switch (instruction.mark) {
        case 'enter':
          this.#frame = {
            name: instruction.name,
            version: instruction.version,
            id: this.#frames++,
            parent: this.#frame,
          };
          break;
        case 'leave':
          this.#frame = this.#frame?.parent;
          break;
        case 'here':
          instruction.place.depth = this.#results;
          break;
        case 'again':
          return this.#derived('again', { depth: instruction.place.depth, ended });
        case 'atomic':
          if (this.#atomics.length === 0) this.#opsInAtomic = 0;
          this.#atomics.push(instruction.name);
          break;
        case 'end-atomic':
          this.#atomics.pop();
          if (this.#atomics.length === 0) ended = { value: instruction.value };
          break;
      }
    }
  }

  /** Answers the op that `next` returned. */
  feed(op: Op<unknown>, result: number): void {
    this.#results++;
    switch (op.spec.result) {
      case 'number':
        this.#sent = result;
        break;
      case 'boolean':
        this.#sent = result !== 0;
        break;
      case 'ref':
        this.#sent = result === 0 ? null : new Ref(this.#registers++, op.spec.domain);
        break;
      case 'raw':
        this.#sent = new Ref(this.#registers++, undefined);
        break;
      default:
        this.#sent = undefined;
    }
  }

  #derived(kind: Derived['kind'], rest: Partial<Derived>): Derived {
    return {
      kind,
      op: undefined,
      value: 0,
      depth: 0,
      frame: this.#frame,
      atomic: this.#atomics[0],
      continues: false,
      registers: this.#registers,
      ended: undefined,
      ...rest,
    };
  }
}

function returned(root: Root, value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new ModelError(`${root.name} returned ${String(value)}; a call returns an integer, a boolean or nothing`);
}

function describe(derived: Derived): string {
  if (derived.op !== undefined) return signatureOf(derived.op).replace(/^\d+ /, '');
  return derived.kind === 'again' ? `again(${derived.depth})` : `return ${derived.value}`;
}

function grown(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}
