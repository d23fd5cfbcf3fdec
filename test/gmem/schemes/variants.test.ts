/** Variants: names, and what each does. */
import { expect, it } from 'vitest';
import { builtinScheme, mutate } from '../../../src/gmem/named-scheme.js';
import { mutations } from '../../../src/gmem/schemes/mutations.js';
import { ANY, sameKind } from '../../../src/gmem/schemes/rewrite.js';
import { variants } from '../../../src/gmem/schemes/variants.js';
import { TraitWorld } from '../../../src/gmem/trait-world.js';

it('have names that command lines take, each once, and not that of a mutation', () => {
  const names = [...variants, ...mutations].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, title } of variants) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(title).not.toBe('');
  }
});

it('clear-at-allocation clears a folio before it enters the page cache, and no fault clears it again', () => {
  const world = new TraitWorld(mutate(builtinScheme('v2-hook-every-fault'), 'clear-at-allocation'));
  const fault = world.play('faults').of(0);
  const clear = fault.find((g, op) => sameKind(op, g.clearHighpage(ANY)));
  const insert = fault.find((g, op) => sameKind(op, g.folios.at(ANY).send('INSERT')));
  expect(clear).toBeLessThan(insert ?? 0);
  expect(fault.in('prepareFolio').has((g, op) => sameKind(op, g.clearHighpage(ANY)))).toBe(false);
});
