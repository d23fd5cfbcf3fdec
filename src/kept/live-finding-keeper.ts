/**
 * Live finding keeper: writes the files of what a live run finds: at once when it is found, again when its reproducer
 * was searched. Imported by the verbs that run live.
 */

import type { FoundAgain } from '../live/live-report.js';
import type { Say, Subject } from '../subject/subject.js';
import { unwrittenSentence } from './finding-file.js';
import { USUAL_FOLDER } from './finding-keeper.js';
import { liveFindingId, writeLiveFinding } from './live-finding-file.js';
import type { ReproducerSearch } from './reproducer.js';

/** Keeps the live findings of one run. */
export class LiveFindingKeeper {
  readonly #folder: string;
  /** By id: those of which no file could be written. */
  readonly #unwritten = new Set<string>();
  #isSaid = false;

  /**
   * @param say tells the user of findings that cannot be written
   * @param folder where the user wants the files; a live finding is always kept, for nothing else replays it
   */
  constructor(
    readonly world: Subject,
    readonly say: Say,
    folder: string = USUAL_FOLDER,
  ) {
    this.#folder = folder;
  }

  /** Writes the file of a finding, over what was written of it before; its path. That it cannot be written is told once. */
  keep(found: FoundAgain, search: ReproducerSearch | undefined): string | undefined {
    const id = liveFindingId(this.world, found.finding);
    try {
      const { path } = writeLiveFinding(this.#folder, this.world, found, search);
      this.#unwritten.delete(id);
      return path;
    } catch (error) {
      this.#unwritten.add(id);
      if (!this.#isSaid) this.say(unwrittenSentence(this.#folder, error));
      this.#isSaid = true;
      return undefined;
    }
  }

  /** Whether a finding could not be written: all there is of it is what is printed. */
  get hasUnwritten(): boolean {
    return this.#unwritten.size > 0;
  }
}
