import { expect, it } from 'vitest';
import { ACTOR_LOCK_WORDS, ActorField, HELD_SLOTS, LOCK_WORDS, lockLayout } from '../../src/live/lock-layout.js';

it('no two words of a layout are the same, and all lie between base and end', () => {
  const layout = lockLayout({ locks: 5, actors: 7, threads: 3 }, 33);
  const row = (base: number, stride: number, count: number, words: number) =>
    Array.from({ length: count }, (_, i) =>
      Array.from({ length: words }, (_, word) => base + i * stride + word),
    ).flat();
  const all = [
    layout.command,
    ...row(layout.doorbellBase, layout.doorbellStride, 3, 1),
    ...row(layout.actorBase, layout.actorStride, 7, ACTOR_LOCK_WORDS),
    ...row(layout.lockBase, layout.lockStride, 5, LOCK_WORDS),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(Math.min(...all)).toBeGreaterThanOrEqual(33);
  expect(Math.max(...all)).toBeLessThan(layout.end);
});

it('no two threads write to one cache line because of the layout', () => {
  const layout = lockLayout({ locks: 2, actors: 2, threads: 2 });
  for (const stride of [layout.doorbellStride, layout.actorStride, layout.lockStride]) expect(stride % 16).toBe(0);
  for (const base of [layout.doorbellBase, layout.actorBase, layout.lockBase]) expect(base % 16).toBe(0);
});

it('the slots of held locks lie between their neighbours', () => {
  expect(ActorField.Held + HELD_SLOTS).toBe(ActorField.Next);
});
