/**
 * The rules that tie the values of a scenario file together: gfns in range, enough frames, names that are unique,
 * actors that are either guest or host.
 *
 * Imported by `parseScenario` only.
 */

import { notAllowed, wholeFrom } from '../../core/input-sentence.js';
import { callKindOf, callsBy } from '../calls/registry.js';
import { scenarioBounds } from './scenario.js';
import type { WrittenActor, WrittenScenario } from './scenario-schema.js';
import type { PathStep } from './yaml-position.js';

/** A broken rule: the path to the value that breaks it and the sentence. */
export interface BrokenRule {
  readonly path: readonly PathStep[];
  readonly key?: string;
  readonly sentence: string;
}

/** Returns every broken rule of a scenario file, in no particular order. */
export function brokenRules(written: WrittenScenario): readonly BrokenRule[] {
  return [
    ...frameRules(written),
    ...attributeRules(written),
    ...actorRules(written),
    ...written.actors.flatMap((actor, index) => callRules(written, actor, index)),
  ];
}

/** Returns the names of the actors that a written actor stands for. */
export function actorNames({ name, count = 1 }: WrittenActor): readonly string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}${index}`);
}

function frameRules({ gfns, frames, maxOrder = 0 }: WrittenScenario): readonly BrokenRule[] {
  const inBlock = 2 ** maxOrder;
  const uneven = (
    [
      ['gfns', gfns],
      ['frames', frames],
    ] as const
  ).flatMap(([key, value]) =>
    value === undefined || value % inBlock === 0
      ? []
      : [{ path: [key], sentence: unevenSentence(key, value, maxOrder) }],
  );
  if (uneven.length > 0 || frames === undefined || frames >= gfns) return uneven;
  const sentence = notAllowed('frames', frames, `${wholeFrom(gfns, scenarioBounds.frames)} (gfns is ${gfns})`);
  return [{ path: ['frames'], sentence }];
}

/** Why pages do not lie in blocks. */
export function unevenSentence(what: string, value: number, maxOrder: number): string {
  return notAllowed(what, value, `multiples of ${2 ** maxOrder} (maxOrder is ${maxOrder})`);
}

function attributeRules({ gfns, attributes = {} }: WrittenScenario): readonly BrokenRule[] {
  return Object.keys(attributes)
    .filter((gfn) => !/^(0|[1-9]\d*)$/.test(gfn) || Number(gfn) >= gfns)
    .map((gfn) => {
      const shownGfn = /^-?\d{1,16}$/.test(gfn) ? Number(gfn) : gfn;
      const sentence = notAllowed('gfn', shownGfn, `${wholeFrom(0, gfns - 1)} (gfns is ${gfns})`);
      return { path: ['attributes'], key: gfn, sentence };
    });
}

function actorRules({ actors }: WrittenScenario): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  const total = actors.reduce((sum, { count = 1 }) => sum + count, 0);
  if (total > scenarioBounds.actors) {
    broken.push({ path: ['actors'], sentence: `${total} actors; allowed: 1 to ${scenarioBounds.actors}` });
  }
  const taken = new Set<string>();
  for (const [index, actor] of actors.entries()) {
    const names = actorNames(actor);
    const twice = names.find((name) => taken.has(name));
    if (twice !== undefined) {
      const sentence = `a second actor named "${twice}"; allowed: a name of its own for each actor`;
      broken.push({ path: ['actors', index, 'name'], sentence });
    }
    for (const name of names) taken.add(name);
  }
  return broken;
}

function callRules({ gfns }: WrittenScenario, actor: WrittenActor, index: number): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  const [first] = actor.calls;
  for (const [position, { call, gfn, count = 1 }] of actor.calls.entries()) {
    const path = ['actors', index, 'calls', position];
    if (callKindOf(call).by !== callKindOf(first.call).by) {
      const [guest, host] = [callsBy('vcpu').join(', '), callsBy('host').join(', ')];
      const allowed = `only guest calls (${guest}) or only host calls (${host})`;
      const sentence = `actor "${actor.name}" makes ${first.call} and ${call}; allowed in one actor: ${allowed}`;
      broken.push({ path, key: call, sentence });
    }
    if (gfn >= gfns) {
      const sentence = notAllowed('gfn', gfn, `${wholeFrom(0, gfns - 1)} (gfns is ${gfns})`);
      broken.push({ path: [...path, call, 'gfn'], sentence });
    } else if (gfn + count > gfns) {
      const sentence = notAllowed('count', count, `${wholeFrom(1, gfns - gfn)} from gfn ${gfn} (gfns is ${gfns})`);
      broken.push({ path: [...path, call, 'count'], sentence });
    }
  }
  return broken;
}
