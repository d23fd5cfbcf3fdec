/**
 * Walk kernel: takes the steps of runs that are all remembered, as a strategy picks them. AssemblyScript;
 * src/explore/walk/walk-kernel.ts is its other half, which it calls where a step is not known.
 *
 * What it does is what the interpreter does (src/explore/runner.ts, at-once.ts, src/core/run/executor.ts), draw by draw.
 * What few steps come to is a function of its own, and what every step looks at a fixed address: what lies in registers
 * is what makes the loop fast.
 */

import { beginPicks, pickNext } from './picks';
import { drawBelow } from './random';
import { nth } from './sets';
import { isStuckBy } from './stuck';
import * as L from './walk-words';

/** Begins a run. */
export function begin(): void {
  store<u64>(L.RUN_RANDOM, load<u64>(L.RANDOM));
  store<u64>(L.RUN_RANDOM, load<u64>(L.RANDOM, 8), 8);
  const state = load<i32>(L.FIRST_STATE);
  const bytes = load<i32>(L.FIELDS) << 2;
  // Two words at a time; what lies behind the last may be set as well.
  for (let at = 0; at < bytes; at += 8) store<u64>(at, load<u64>(state + at), L.STATE);
  const ends = load<i32>(L.ACTORS) << 2;
  const roots = load<i32>(L.FIRST_ROOTS);
  const ways = load<i32>(L.FIRST_WAYS);
  for (let at = 0; at < ends; at += 8) {
    store<u64>(at, load<u64>(roots + at), L.ROOTS);
    store<u64>(at, load<u64>(ways + at), L.WAYS);
  }
  for (let at = 0; at < L.RUN_BYTES; at += 8) store<u64>(at, load<u64>(at, L.FIRST_RUN), L.STEPS);
  if (load<i32>(L.STRATEGY) !== L.BY_RANDOM) beginPicks();
}

function avalanche(hash: i32): i32 {
  let mixed = hash ^ (hash >>> 16);
  mixed *= <i32>0x85ebca6b;
  mixed ^= mixed >>> 13;
  mixed *= <i32>0xc2b2ae35;
  return mixed ^ (mixed >>> 16);
}

/** Hashes what a run that has ended leaves behind (final-states.ts). */
function hashEnd(to: i32): void {
  let low: i32 = 0x2545f491;
  let high: i32 = <i32>0x9e3779b9;
  const told = load<i32>(L.TOLD);
  const end = told + (load<i32>(L.TOLD_COUNT) << 2);
  for (let at = told; at < end; at += 4) {
    const value = load<i32>(load<i32>(at));
    low = (low ^ value) * <i32>0x1b873593;
    low ^= low >>> 15;
    high = (high + value) * <i32>0xcc9e2d51;
    high ^= high >>> 13;
  }
  store<i32>(to, avalanche(low));
  store<i32>(to, avalanche(high), 4);
}

/** Nobody can go on after `steps` steps, the first `from` of them of an earlier call: a code, or GOES_ON with another run. */
function ended(steps: i32, from: i32): i32 {
  const left = load<i32>(L.LEFT) - (steps - from);
  const runs = load<i32>(L.RUNS) - 1;
  store<i32>(L.LEFT, left);
  if ((load<i32>(L.UNFINISHED) & load<i32>(L.REQUIRED)) !== 0) return L.AT_REST;
  if (load<i32>(L.IS_ASKED) !== 0) {
    const leaf = leafBelow(load<i32>(L.END_NODE));
    if (leaf === 0 || load<i32>(~leaf) !== 0) return L.AT_REST;
  }
  const count = load<i32>(L.ENDED_RUNS);
  hashEnd(L.HASHES + (count << 3));
  store<i32>(L.RUNS, runs);
  store<i32>(L.ENDED_RUNS, count + 1);
  store<i32>(L.ENDED_STEPS, load<i32>(L.ENDED_STEPS) + steps);
  if (steps > load<i32>(L.LONGEST)) store<i32>(L.LONGEST, steps);
  if (runs <= 0 || left <= 0) return L.ENDED;
  begin();
  return L.GOES_ON;
}

/** An actor has come to rest: whether somebody is stuck for that. The run may be over for all that must finish. */
function rests(actor: i32, steps: i32, runnable: i32): bool {
  let unfinished = load<i32>(L.UNFINISHED);
  if ((load<i32>(actor << 2, L.ROOTS) & L.HAS_FINISHED) !== 0) {
    unfinished &= ~(1 << actor);
    store<i32>(L.UNFINISHED, unfinished);
  }
  if (load<i32>(L.HAS_LATCHES) !== 0 && runnable !== unfinished && isStuckBy(actor, runnable, unfinished)) return true;
  if (load<i32>(L.OVER_FROM) < 0 && (unfinished & load<i32>(L.REQUIRED)) === 0) {
    store<i32>(L.OVER_FROM, steps);
    store<i32>(L.PAUSE, min(steps + load<i32>(L.OVER_STEPS), load<i32>(L.BOUND)));
  }
  return false;
}

/** Who comes next because its step cannot race, after a step of an actor that is at a root now, or rests; -1 for nobody. */
function atOnce(actor: i32, root: i32, runnable: i32): i32 {
  const inARow = load<i32>(L.IN_A_ROW);
  store<i32>(L.IN_A_ROW, inARow + 1);
  if (inARow < load<i32>(L.MOST_IN_A_ROW)) {
    if ((root & L.CANNOT_RACE) !== 0) return actor;
    const actors = load<i32>(L.ACTORS);
    for (let unasked = load<i32>(L.UNASKED); unasked > 0; unasked--) {
      const asked = actors - unasked;
      if ((runnable & (1 << asked)) === 0 || (load<i32>(asked << 2, L.ROOTS) & L.CANNOT_RACE) === 0) continue;
      store<i32>(L.UNASKED, unasked);
      return asked;
    }
    store<i32>(L.UNASKED, 0);
  }
  store<i32>(L.IN_A_ROW, 0);
  return -1;
}

/** The leaf, complemented, that the state leads to from a node; 0 when it is not known. */
function leafBelow(node: i32): i32 {
  let tree = treeBelow(node);
  while (tree > 0) tree = treeBelow(tree);
  return tree;
}

/** The tree for the value of a node's field. */
function treeBelow(node: i32): i32 {
  const place = load<i32>(load<i32>(node)) - load<i32>(node, L.NODE_LOW);
  return <u32>place < load<u32>(node, L.NODE_SIZE)
    ? load<i32>(load<i32>(node, L.NODE_TREES) + (place << 2))
    : load<i32>(node, L.NODE_OTHERS);
}

/** Looks again at those of a set; who of all can run then. -1 when it cannot be told. */
function wake(set: i32, before: i32): i32 {
  let runnable = before;
  for (let rest = set; rest !== 0; rest &= rest - 1) {
    const actor = ctz(rest);
    let leaf = leafBelow(load<i32>(actor << 2, L.ROOTS) & ~L.ROOT_FLAGS);
    if (leaf === 0) {
      leaf = learnWait(actor);
      if (leaf === 0) return -1;
    }
    store<i32>(actor << 2, load<i32>(~leaf, L.LEAF_WAY), L.WAYS);
    if (load<i32>(~leaf) !== 0) runnable |= 1 << actor;
    else runnable &= ~(1 << actor);
  }
  return runnable;
}

/** Goes on with the run under way, and with others behind it; what it comes back with is told in the layout. */
export function walkOn(): i32 {
  let s0 = load<u64>(L.RANDOM);
  let s1 = load<u64>(L.RANDOM, 8);
  let steps = load<i32>(L.STEPS);
  let from = steps;
  let next = load<i32>(L.NEXT_AT_ONCE);
  let runnable = load<i32>(L.RUNNABLE);
  let listening = load<i32>(L.LISTENING);
  let stop = min(load<i32>(L.PAUSE), steps + load<i32>(L.LEFT));
  let code: i32 = 0;
  store<i32>(L.ENDED_RUNS, 0);
  store<i32>(L.ENDED_STEPS, 0);
  store<i32>(L.LONGEST, 0);
  for (;;) {
    if (runnable === 0) {
      store<u64>(L.RANDOM, s0);
      store<u64>(L.RANDOM, s1, 8);
      code = ended(steps, from);
      if (code !== L.GOES_ON) {
        from = steps;
        break;
      }
      s0 = load<u64>(L.RANDOM);
      s1 = load<u64>(L.RANDOM, 8);
      steps = 0;
      from = 0;
      next = load<i32>(L.NEXT_AT_ONCE);
      runnable = load<i32>(L.RUNNABLE);
      listening = load<i32>(L.LISTENING);
      stop = min(load<i32>(L.PAUSE), load<i32>(L.LEFT));
      continue;
    }
    if (steps === stop) {
      code = steps === load<i32>(L.PAUSE) ? L.PAUSED : L.STANDS;
      break;
    }
    let actor = next;
    if (actor < 0) {
      if (load<i32>(L.STRATEGY) !== L.BY_RANDOM) {
        store<u64>(L.RANDOM, s0);
        store<u64>(L.RANDOM, s1, 8);
        actor = pickNext(runnable);
        s0 = load<u64>(L.RANDOM);
        s1 = load<u64>(L.RANDOM, 8);
        if (actor < 0) {
          code = L.PAUSED;
          break;
        }
      } else {
        const drawn = <u32>(s0 + s1);
        s1 ^= s0;
        s0 = rotl<u64>(s0, 24) ^ s1 ^ (s1 << 16);
        s1 = rotl<u64>(s1, 37);
        actor = nth(runnable, ((drawn >>> 6) * popcnt(runnable)) >>> 26);
      }
    }
    store<u8>(steps, actor, L.PATH);
    steps++;
    let root = load<i32>(actor << 2, L.ROOTS);
    let node = (root & ~L.ROOT_FLAGS) + L.ROOT_STEPS;
    if ((root & L.CHOOSES) !== 0) {
      store<u64>(L.RANDOM, s0);
      store<u64>(L.RANDOM, s1, 8);
      node += choose(root & ~L.ROOT_FLAGS) * L.NODE_BYTES;
      s0 = load<u64>(L.RANDOM);
      s1 = load<u64>(L.RANDOM, 8);
    }
    let found = leafBelow(node);
    if (found === 0) {
      found = learnStep(actor, node);
      if (found === 0) {
        code = L.GIVEN_UP;
        break;
      }
    }
    const leaf = ~found;
    const flags = load<i32>(leaf);
    if (flags !== 0) {
      if ((flags & L.BREAKS) !== 0) {
        store<i32>(L.ACTOR, actor);
        code = L.BREAKING;
        break;
      }
      if (actor === load<i32>(L.PICKED)) store<i32>(L.PICKED_FLAGS, load<i32>(L.PICKED_FLAGS) | flags);
    }
    store<i32>(load<i32>(leaf, L.LEAF_SET), load<i32>(leaf, L.LEAF_SET + 4));
    let sets = load<i32>(leaf, L.LEAF_SETS);
    if (sets !== 0) {
      do {
        store<i32>(load<i32>(leaf + sets, L.LEAF_SET), load<i32>(leaf + sets, L.LEAF_SET + 4));
        sets -= 8;
      } while (sets !== 0);
    }
    root = load<i32>(leaf, L.LEAF_ROOT);
    store<i32>(actor << 2, root, L.ROOTS);
    const bit = 1 << actor;
    let woken = load<i32>(leaf, L.LEAF_WAKES);
    listening &= ~bit;
    // Branches: by them the next step can begin before it is known who can run.
    if ((root & (L.MIGHT_WAIT | L.HAS_FINISHED)) !== 0) {
      if ((root & L.MIGHT_WAIT) !== 0) {
        listening |= bit;
        woken |= bit;
      } else runnable &= ~bit;
    }
    woken &= listening;
    if (woken !== 0) {
      runnable = wake(woken, runnable);
      if (runnable < 0) {
        code = L.GIVEN_UP;
        break;
      }
    }
    if ((runnable & bit) === 0) {
      if (rests(actor, steps, runnable)) {
        code = L.STUCK;
        break;
      }
      stop = min(load<i32>(L.PAUSE), from + load<i32>(L.LEFT));
      root = 0;
    }
    if ((root & L.CANNOT_RACE) === 0 && load<i32>(L.UNASKED) === 0) {
      store<i32>(L.IN_A_ROW, 0);
      next = -1;
    } else next = atOnce(actor, root, runnable);
  }
  store<u64>(L.RANDOM, s0);
  store<u64>(L.RANDOM, s1, 8);
  store<i32>(L.LEFT, load<i32>(L.LEFT) - (steps - from));
  store<i32>(L.STEPS, steps);
  store<i32>(L.NEXT_AT_ONCE, next);
  store<i32>(L.RUNNABLE, runnable);
  store<i32>(L.LISTENING, listening);
  return code;
}

/** Draws the answer to the choice of an actor at a root. */
function choose(root: i32): i32 {
  const choice = drawBelow(load<i32>(root, L.ROOT_OUTCOMES));
  const choices = load<i32>(L.CHOICES);
  store<i32>(choices << 2, choice, L.ANSWERS);
  store<i32>(L.CHOICES, choices + 1);
  return choice;
}

declare function learnStep(actor: i32, node: i32): i32;
declare function learnWait(actor: i32): i32;
