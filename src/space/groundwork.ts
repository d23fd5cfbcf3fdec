/**
 * Groundwork: what every plan of a search over the same facts begins with - the completed automaton, which of its nodes are
 * equivalent, and what its ops may touch. It is done once for as long as nothing new is met. Used by plan.ts, and by
 * whoever plans several searches of one program.
 */

import type { Program } from '../core/program/program.js';
import { type Completion, completeAutomaton } from './complete.js';
import { Footprints } from './footprints.js';
import { MergedView } from './merge.js';
import type { Met } from './met.js';
import { NodeTexts } from './node-texts.js';

/** What was made over the facts of one version. */
interface Made {
  readonly version: number;
  readonly completed: Completion | string;
  merged?: MergedView;
  footprints?: Footprints;
}

/** The groundwork of the plans of one program. */
export class Groundwork {
  #made: Made | undefined;
  readonly #texts: NodeTexts;

  constructor(
    readonly program: Program,
    readonly met: Met,
  ) {
    this.#texts = new NodeTexts(program.automaton, met);
  }

  /** The completed automaton; or why there is none, and what to write instead. */
  get completed(): Completion | string {
    return this.#current.completed;
  }

  /** Whether the automata have more local states than so many. */
  hasMoreNodes(most: number): boolean {
    const completed = completeAutomaton(this.program, this.met, most);
    if (typeof completed === 'string') return true;
    this.#made = { version: this.met.version, completed };
    return false;
  }

  /** The nodes of the completed automaton with equivalent ones as one. */
  merged(completion: Completion): MergedView {
    const made = this.#current;
    made.merged ??= new MergedView(this.program.automaton, completion, this.#texts);
    return made.merged;
  }

  /** What the ops of the completed automaton may touch. */
  footprints(completion: Completion): Footprints {
    const made = this.#current;
    made.footprints ??= new Footprints(this.program, completion, made.merged);
    return made.footprints;
  }

  get #current(): Made {
    const { version } = this.met;
    if (this.#made?.version !== version) {
      this.#made = { version, completed: completeAutomaton(this.program, this.met) };
    }
    return this.#made;
  }
}
