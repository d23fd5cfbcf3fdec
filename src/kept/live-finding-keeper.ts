/**
 * Live finding keeper: writes the files of what a live run finds: at once when it is found, again when its reproducer
 * was searched. Imported by the verbs that run live.
 */

import type { FoundAgain } from '../live/live-report.js';
import type { Say, Subject } from '../subject/subject.js';
import { USUAL_FOLDER } from './finding-keeper.js';
import { writeLiveFinding } from './live-finding-file.js';
import type { ReproducerSearch } from './reproducer.js';

/** Keeps the live findings of one run. */
export class LiveFindingKeeper {
  readonly #folder: string;
  #failed = false;

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
    try {
      return writeLiveFinding(this.#folder, this.world, found, search).path;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      if (!this.#failed)
        this.say(`faultline: no finding can be written to ${this.#folder} (${code}); they are printed only.`);
      this.#failed = true;
      return undefined;
    }
  }
}
