/**
 * The automaton: routines memoised into local states.
 *
 * A routine's local state is the history of the results it received, so a node is a history and an edge is one more
 * result. The generator runs only when an edge is met for the first time; every new node is derived twice, from
 * fresh generators, so that a routine which depends on anything but its history is caught and named.
 *
 * A retry leads back to an earlier node. Where a loop carries values, its head is a node for each different set of them:
 * the results before it are the same, and what the round was handed is written down at the node, so that it can be fed
 * again. Imported by the executor, the engines and the reports.
 */

import { ModelError } from '../errors.js';
import { grown } from '../grown.js';
import type { Region } from '../ops/layout.js';
import { type Op, Opcode, opText, type Recording } from '../ops/op.js';
import { Identity, type Index, Ref } from '../ops/ref.js';
import { enteredBy } from './call-effect.js';
import type { Derived } from './derived.js';
import { type Answered, type DerivedHistory, Deriver } from './deriver.js';
import { type Entered, Feeder, type Frame, type Jump, type Left, type LoopWatch } from './feeder.js';
import { Heads } from './heads.js';
import type { Derivation, NodeInfo } from './node-info.js';
import { PassedMarks } from './passed-marks.js';
import { layRecordings, recordingWords } from './recording-table.js';
import { type Root, Roots } from './roots.js';

export type { Derivation, Entered, Frame, Left, LoopWatch, NodeInfo, Root };

/** Fields of a node, as offsets into `nodes`. */
export const Field = {
  /** The word of a Word op that names its cell by position; its complement when the op records; else NO_WORD. */
  word: 0,
  code: 1,
  /** First word of the op's region, or its very word; -1 when it has none. */
  base: 2,
  /** Register that picks the word in the region, or -1. */
  register: 3,
  a: 4,
  b: 5,
  c: 6,
  /** Register that a ref result goes to. */
  target: 7,
  /** Index into `recordings` plus one, or 0. */
  recording: 8,
  edge0: 9,
  edge1: 10,
  /** Registers in use at this node are below this one; where not all of them are, `keptAt` says which are. */
  registers: 11,
  flags: 12,
  /** Cells of the op's region; for latches also the distance between the words of one latch. */
  stride: 13,
  /** Offset in `tables` of a Word op's table. */
  table: 14,
  /** Offset in `tables` of the op's recordings (recording-table.ts). */
  recordTable: 15,
} as const;

/** No word, in the field `word`. */
export const NO_WORD = -0x80000000;

/** Words per node; a node is named by its offset in `nodes`, so that the hot loop never multiplies. */
export const NODE_WORDS = 16;

/** Node flags. */
export const Flag = {
  /** The op may write. */
  Writes: 1,
  /** From here on: the node is not simply an op that can run at once. */
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
/** Set in the edges of word tables that lead to a node with special flags. */
export const SPECIAL = 1 << 29;
/** Word tables cover values WORD_LOW .. WORD_LOW + WORD_SPAN - 1; others are computed. */
export const WORD_LOW = -8;
export const WORD_SPAN = 32;

/** Every loop that begins here is in its first round. */
const FIRST: readonly Entered[] = [];

/** Nodes with what was answered there, and the rounds that loops behind the last answer are in. */
interface Path {
  readonly nodes: readonly number[];
  readonly answered: readonly Answered[];
  readonly entered: readonly Entered[];
}

/** Nodes and edges of all routines of one model, grown as executions meet them. */
export class Automaton {
  /** NODE_WORDS words a node, from DONE on. Replaced by a longer copy when it grows. */
  nodes = new Int32Array(NODE_WORDS * 256);
  /**
   * Word tables: edge (0: not known yet) and next value for each value from WORD_LOW on; and recordings. Replaced by a
   * longer copy when it grows: an older one is still right, but does not know the newest edges.
   */
  tables = new Int32Array(4096);
  /** Registers that are ever written, and nodes whose op is a choice. */
  mostRegisters = 0;
  choices = 0;
  /** The nodes' descriptions, in order. */
  readonly infos: NodeInfo[] = [];
  /** The nodes from which edges were derived, one for each edge, in their order: what is new since somebody looked last. */
  readonly extended: number[] = [];
  /** Ghost updates of ops. */
  readonly recordings: (readonly Recording[])[] = [];
  /** What is derived now. It stays when the derivation is cut off (core/guard.ts): then the routine did not come back. */
  underWay: Derivation | undefined;
  /** The marks that routines pass, where somebody wants them. */
  readonly crossings: PassedMarks | undefined;
  /** Why an edge is not derived, by node and result. */
  readonly #refusals = new Map<string, ModelError>();
  readonly #edges: (Map<number, number> | undefined)[] = [];
  readonly #notes = new Map<string, Pick<Derived, 'ended' | 'left' | 'effect'>>();
  readonly #roots = new Roots();
  readonly #heads = new Heads();
  /** Registers in use, by node, where they are not the first ones. */
  readonly #kept = new Map<number, Int32Array>();
  readonly #deriver: Deriver;
  readonly maxRegisters: number;
  #tableWords = 1; // Offset 0 stands for no table.

  /**
   * @param maxRegisters registers an actor has; a routine that needs more is refused by name
   * @param watch looks at the text of routines that begin loops
   * @param owns whether cells are the model's; asked where there is a watch
   * @param notesCrossings whether it keeps the marks that routines pass
   */
  constructor(maxRegisters: number, watch?: LoopWatch, owns?: (region: Region) => boolean, notesCrossings = false) {
    this.maxRegisters = maxRegisters;
    this.crossings = notesCrossings ? new PassedMarks() : undefined;
    this.#deriver = new Deriver(maxRegisters, watch, owns, notesCrossings);
    const root: Root = { name: 'done', routine: function* () {}, args: [], node: DONE };
    this.#addNode(new Feeder(root).next(), { root, parent: 0, result: 0, depth: 0, entered: FIRST });
  }

  /** Number of nodes. */
  get size(): number {
    return this.infos.length;
  }

  /** The node's description. */
  info(node: number): NodeInfo {
    return this.infos[node / NODE_WORDS];
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

  /**
   * What came about on this edge: the end of an atomic section, with its value boxed, and of functions that tell what they
   * returned; the first effect of the call that nobody can undo.
   */
  note(node: number, result: number): Pick<Derived, 'ended' | 'left' | 'effect'> | undefined {
    return this.#notes.get(`${node}:${result}`);
  }

  /** The root for a routine with arguments; identities among them travel in registers and share one root. */
  root(name: string, routine: Root['routine'], args: readonly unknown[], errors?: Root['errors']): Root {
    return this.#roots.get(routine, args, errors, () => {
      const root: Root = { name, routine, args: [...args], errors, node: 0 };
      const info = { root, parent: 0, result: 0, depth: 0, entered: FIRST };
      this.underWay = { root, from: undefined };
      try {
        root.node = this.#deriver.first(root, (derived) => {
          const node = this.#addNode(derived, info);
          this.crossings?.noteFirst(node, derived);
          return node;
        });
      } finally {
        this.underWay = undefined;
      }
      return root;
    });
  }

  /** The edge for a result, derived on first use: a node, with AGAIN set when it goes back to the head of a loop. */
  edge(node: number, result: number): number {
    if (result === 0 || result === 1) {
      const known = this.nodes[node + Field.edge0 + result];
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

  /** From now on the edge for a result is not derived, and whoever asks for it gets the error. */
  refuse(node: number, result: number, error: ModelError): void {
    this.#refusals.set(`${node}:${result}`, error);
  }

  /** Throws for an op on a ref that holds nothing, or names a cell that does not exist. */
  refuseRef(node: number, position: number): never {
    const { frame, op, root } = this.info(node);
    const what = `${frame?.name ?? root.name} runs "${op && opText(op)}" on a ref that`;
    if (position < 0) throw new ModelError(`${what} holds nothing; check for null before`);
    throw new ModelError(
      `${what} names cell ${position}; ${op?.spec.region?.name} has ${op?.spec.region?.count} cells`,
    );
  }

  /** Whether a jump goes on to a round whose values are further from those of the first one, and is no retry. */
  goesOn(from: number, to: number): boolean {
    return this.#heads.goesOn(from, to);
  }

  /** Of a jump to the next stage of a pass how many functions the pass lies in; undefined of any other jump. */
  stage(from: number, to: number): number | undefined {
    return this.#heads.stage(from, to);
  }

  /** The registers in use at a node, where they are not all that are below the node's `Field.registers`. */
  keptAt(node: number): Int32Array | undefined {
    return this.#kept.size === 0 ? undefined : this.#kept.get(node);
  }

  #extend(node: number, result: number): number {
    if (this.#refusals.size > 0) this.#throwRefusal(node, result);
    const { root, depth } = this.info(node);
    const history = {
      length: depth + 1,
      last: { op: this.opOf(node), result },
      all: () => this.#told(this.#pathTo(node, result)),
    };
    this.underWay = { root, from: { node, result } };
    try {
      return this.#deriver.next(root, node, history, (derived) => {
        this.extended.push(node);
        const { ended, left, effect } = derived;
        if (ended !== undefined || left.length > 0 || effect !== undefined)
          this.#notes.set(`${node}:${result}`, { ended, left, effect });
        if (derived.jump === undefined) {
          this.crossings?.note(node, result, derived);
          return this.#addNode(derived, { root, parent: node, result, depth: depth + 1, entered: FIRST });
        }
        const head = this.#jump(root, this.#pathTo(node, result), derived.jump);
        this.crossings?.note(node, result, derived, head);
        this.#heads.jumped(node, head, this.info(head), derived.jump, history.all().entered);
        return head | AGAIN;
      });
    } finally {
      this.underWay = undefined;
    }
  }

  #throwRefusal(node: number, result: number): void {
    const refusal = this.#refusals.get(`${node}:${result}`);
    if (refusal !== undefined) throw refusal;
  }

  /** The nodes from the root to a node, and what was answered there. */
  #pathTo(node: number, result: number): Path {
    const nodes = [node];
    const answered: Answered[] = [{ op: this.opOf(node), result }];
    for (let at = this.info(node); at.depth > 0; at = this.info(at.parent)) {
      nodes.push(at.parent);
      answered.push({ op: this.opOf(at.parent), result: at.result });
    }
    return { nodes: nodes.reverse(), answered: answered.reverse(), entered: FIRST };
  }

  /** A path with the rounds of the loops all along. */
  #told({ nodes, answered, entered }: Path): ReturnType<DerivedHistory['all']> {
    return { answered, entered: [...nodes.flatMap((node) => this.info(node).entered), ...entered] };
  }

  /** Where a jump leads: to the head of its loop, behind the same results, for the values of the next round. */
  #jump(root: Root, path: Path, jump: Jump): number {
    const { depth } = jump;
    this.#deriver.compareRounds(root, this.#told(path), jump);
    const own = depth < path.nodes.length ? this.info(path.nodes[depth]).entered : path.entered;
    return this.#head(root, {
      nodes: path.nodes.slice(0, depth),
      answered: path.answered.slice(0, depth),
      entered: enteredBy(jump, own),
    });
  }

  /** The head behind a path, in the rounds that the path enters last; made on first use. */
  #head(root: Root, path: Path): number {
    const { nodes, answered, entered } = path;
    const depth = nodes.length;
    const parent = depth === 0 ? 0 : nodes[depth - 1];
    const result = depth === 0 ? 0 : answered[depth - 1].result;
    if (entered.length === 0) return depth === 0 ? root.node : this.edge(parent, result);
    return this.#heads.get(root, parent, result, entered, () => {
      const history = { length: depth, last: answered.at(-1), all: () => this.#told(path) };
      return this.#deriver.round(root, history, (derived) => {
        if (derived.jump !== undefined) return this.#jump(root, path, derived.jump);
        return this.#addNode(derived, { root, parent, result, depth, entered });
      });
    });
  }

  #addNode(derived: Derived, info: Omit<NodeInfo, 'op' | 'frame' | 'atomic' | 'striped'>): number {
    const { op, frame, atomic, striped, kept } = derived;
    const node = this.infos.length * NODE_WORDS;
    this.crossings?.noteHead(node, derived);
    if (node >= SPECIAL) throw new ModelError('the routines of the model have too many local states');
    if (node + NODE_WORDS > this.nodes.length) this.nodes = grown(this.nodes, this.nodes.length * 2);
    this.infos.push({ op, frame, atomic, striped, ...info });
    const { nodes } = this;
    nodes[node + Field.word] = NO_WORD;
    nodes[node + Field.base] = -1;
    nodes[node + Field.register] = -1;
    nodes[node + Field.registers] = (kept.at(-1) ?? derived.target - 1) + 1;
    // With the one that the op may write.
    this.mostRegisters = Math.max(this.mostRegisters, Math.min(this.maxRegisters, nodes[node + Field.registers] + 1));
    if (kept.length > 0) {
      const first = Array.from({ length: derived.target }, (_, register) => register);
      this.#kept.set(node, Int32Array.from([...first, ...kept]));
    }
    if (op === undefined) {
      nodes[node + Field.code] = Opcode.Return;
      nodes[node + Field.a] = derived.value;
      nodes[node + Field.flags] = Flag.Ends;
      return node;
    }
    const { spec } = op;
    nodes[node + Field.code] = spec.code;
    const index = spec.index ?? 0;
    if (index instanceof Ref) nodes[node + Field.register] = index.register;
    if (spec.region !== undefined) nodes[node + Field.base] = spec.region.base + positionOf(index);
    nodes[node + Field.a] = spec.a ?? 0;
    nodes[node + Field.b] = spec.code === Opcode.Latch ? (spec.region?.width ?? 1) : (spec.b ?? 0);
    nodes[node + Field.c] = spec.c ?? 0;
    nodes[node + Field.stride] = spec.region?.count ?? 0;
    nodes[node + Field.target] = derived.target;
    nodes[node + Field.flags] =
      (spec.blocks ? Flag.Blocks : 0) | (derived.continues ? Flag.Continues : 0) | (spec.writes ? Flag.Writes : 0);
    if (spec.code === Opcode.Choose) this.choices++;
    if (spec.code === Opcode.Word) {
      const base = nodes[node + Field.base];
      if (!(index instanceof Ref)) nodes[node + Field.word] = op.recordings.length > 0 ? ~base : base;
      nodes[node + Field.table] = this.#allot(WORD_SPAN * 2);
    }
    if (op.recordings.length > 0) {
      nodes[node + Field.recording] = this.recordings.push(op.recordings);
      nodes[node + Field.recordTable] = this.#allot(recordingWords(op.recordings));
      layRecordings(this.tables, nodes[node + Field.recordTable], op.recordings);
    }
    return node;
  }

  /** Makes room in `tables`. */
  #allot(words: number): number {
    const offset = this.#tableWords;
    this.#tableWords += words;
    if (this.#tableWords > this.tables.length) {
      this.tables = grown(this.tables, Math.max(this.#tableWords, this.tables.length * 2));
    }
    return offset;
  }
}

function positionOf(index: Index): number {
  if (index instanceof Ref) return 0;
  return index instanceof Identity ? index.index : index;
}
