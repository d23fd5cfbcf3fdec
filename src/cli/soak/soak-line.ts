/**
 * What a soak says while it runs: each finding as it is found, and a line about the step under way. Imported by run-soak.
 */

import type { CampaignEvent } from '../../campaign/campaign-event.js';
import type { CampaignStore } from '../../campaign/campaign-store.js';
import type { CampaignStep } from '../../campaign/rotation.js';
import { countText, rateText } from '../../report/quantities.js';
import { worldName } from '../explore/explore-text.js';
import type { Progress } from '../terminal/progress.js';
import { say } from '../terminal/terminal.js';

/** How far a step has got. */
interface Progressed {
  readonly calls: number;
  readonly faults: number;
  readonly seconds: number;
}

/** Watches a campaign. */
export class SoakLine {
  constructor(
    readonly store: CampaignStore,
    readonly progress: Progress,
  ) {}

  /** Tells what happened, if it is worth it. */
  readonly next = (event: CampaignEvent): void => {
    switch (event.type) {
      case 'step-started':
        if (event.again) this.#say(`step ${event.step.number} was cut off and runs again`);
        break;
      case 'progress':
        this.progress.update(this.#stepText(event.step, event.totals));
        break;
      case 'finding': {
        const { id, signature, world } = this.store.snapshot.findings[event.key];
        this.#say(`found ${id}: ${signature} (${this.#worldName(world)}, step ${event.step.number})`);
        break;
      }
      case 'examining': {
        const { id } = this.store.snapshot.findings[event.key];
        this.progress.update(`searching for a reproducer of ${id}`);
        break;
      }
    }
  };

  #stepText(step: CampaignStep, { calls, faults, seconds }: Progressed): string {
    const { vcpus, perturb } = step;
    const crowd = vcpus === null ? '' : `, ${vcpus} vCPU${vcpus === 1 ? '' : 's'}`;
    // In a model of the user's no call may be a fault.
    const done = faults > 0 ? faults : calls;
    const rate = seconds > 0 ? rateText(done / seconds) : '0';
    const found = Object.keys(this.store.snapshot.findings).length;
    const world = this.#worldName(step.world);
    return `step ${countText(step.number)}: ${world}${crowd}, perturb ${perturb}: ${rate} ${faults > 0 ? 'faults' : 'calls'}/s; ${found} found`;
  }

  #worldName(world: number): string {
    return worldName(this.store.parameters.worlds[world]);
  }

  /** A spinner would stand in the same line. */
  #say(sentence: string): void {
    this.progress.stop();
    say(`faultline: ${sentence}`);
  }
}
