/**
 * From a strategy's name to the strategy. Used by the shards.
 */

import type { Program } from '../core/program/program.js';
import { Pct } from './pct.js';
import { Pos } from './pos.js';
import type { Profile } from './profile.js';
import { RandomWalk } from './random-walk.js';
import type { Strategy, StrategyName } from './strategy.js';
import { Surw } from './surw.js';

/** A new strategy. `depth` is PCT's d; PCT and SURW need the program's profile. */
export function makeStrategy(name: StrategyName, program: Program, depth: number, profile?: Profile): Strategy {
  const actors = program.actors.length;
  switch (name) {
    case 'random':
      return new RandomWalk();
    case 'pct':
      return new Pct(actors, depth, needed(name, profile).longestRun);
    case 'pos':
      return new Pos(actors);
    case 'surw':
      return new Surw(actors, needed(name, profile));
  }
}

/** Whether a strategy schedules by a profile. */
export function needsProfile(name: StrategyName): boolean {
  return name === 'pct' || name === 'surw';
}

function needed(name: StrategyName, profile: Profile | undefined): Profile {
  if (profile === undefined) throw new Error(`strategy ${name} needs a profile`);
  return profile;
}
