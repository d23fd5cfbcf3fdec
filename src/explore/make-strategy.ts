/**
 * From a strategy's name to the strategy. Used by the shards.
 */

import type { Program } from '../core/program/program.js';
import { HeldClasses } from './held-classes.js';
import { Mix } from './mix.js';
import { OpClasses } from './op-classes.js';
import { Pair } from './pair.js';
import { Pct } from './pct.js';
import { Pos } from './pos.js';
import type { Profile } from './profile.js';
import { RandomWalk } from './random-walk.js';
import type { OwnStrategy, Strategy, StrategyName } from './strategy.js';
import { Surw } from './surw.js';

/** A new strategy. `depth` is PCT's d. */
export function makeStrategy(
  name: StrategyName | OwnStrategy,
  program: Program,
  depth: number,
  profile: Profile,
): Strategy {
  if (typeof name !== 'string') return name.make({ program, profile });
  const actors = program.actors.length;
  switch (name) {
    case 'mixed': {
      const classes = new OpClasses(program.automaton);
      const held = new HeldClasses(classes, profile.mostVisible);
      return new Mix([new Pair(actors, classes, profile.mostVisible), new Pos(actors, held)]);
    }
    case 'random':
      return new RandomWalk();
    case 'pct':
      return new Pct(actors, depth, profile.mostVisible);
    case 'pos':
      return new Pos(actors);
    case 'surw':
      return new Surw(actors, profile);
  }
}
