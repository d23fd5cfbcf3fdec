import { expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { Perturbation } from '../../src/live/perturbation.js';

it('stalls at the rate that is asked for, at irregular distances', () => {
  const perturbation = new Perturbation(0.02, true, new Random(3n));
  const distances: number[] = [];
  let last = 0;
  for (let place = 1; place <= 200_000; place++) {
    if (!perturbation.due()) continue;
    distances.push(place - last);
    last = place;
  }
  // Every other stall gives way to another actor of the thread.
  expect(distances.length / 200_000).toBeGreaterThan(0.008);
  expect(distances.length / 200_000).toBeLessThan(0.012);
  expect(new Set(distances).size).toBeGreaterThan(100);
});

it('gives way to nobody on a thread with one actor, and takes its time', () => {
  const perturbation = new Perturbation(1, false, new Random(3n));
  const start = performance.now();
  for (let place = 0; place < 2000; place++) expect(perturbation.due()).toBe(false);
  // 2000 stalls of 0.3 microseconds at the least.
  expect(performance.now() - start).toBeGreaterThan(0.6);
});
