/** Makes an actor of a thread: with its script, and the nodes at which its calls begin. Used by the live executor. */

import { Random } from '../core/random.js';
import { LiveActor } from './live-actor.js';
import type { LiveNodes } from './live-nodes.js';
import { LiveScript } from './live-script.js';
import type { LiveSettings } from './live-settings.js';
import type { SharedMemory } from './shared-memory.js';

/** The actor with a number, at the start of its script. */
export function hostedActor(actor: number, memory: SharedMemory, nodes: LiveNodes, settings: LiveSettings): LiveActor {
  const { program, neverTaken } = memory;
  const { seed, streams = 0, mode, latencyOf } = settings;
  const script = new LiveScript(actor, mode, memory, new Random(seed, streams + actor));
  const { calls } = program.actors[actor];
  const starts = [...calls.map(({ root }) => nodes.node(root.node)), nodes.done];
  const latencies = calls.map(({ name }) => latencyOf(name));
  return new LiveActor(actor, script, starts, program.registers, neverTaken, latencies);
}
