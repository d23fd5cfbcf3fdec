/** Random models: random routines run by one or two interchangeable actors each, with checks that they may break. */
import fc from 'fast-check';
import { call } from '../../src/core/program/program-builder.js';
import { defineModel, type Model } from '../../src/index.js';
import { CELLS, ITEMS, routineOf, type Statement, scripts } from '../core/random-routine.js';

type Scripts = readonly (readonly (readonly Statement[])[])[];

/** A model of random routines: the first script is run by `copies` actors, the others by one each. */
export const randomModel: fc.Arbitrary<Model> = fc
  .record({ scripts, copies: fc.integer({ min: 1, max: 2 }), daemon: fc.boolean(), checked: fc.boolean() })
  .map(({ scripts, copies, daemon, checked }) => modelOf(scripts.slice(0, 2), copies, daemon, checked));

function modelOf(scripts: Scripts, copies: number, daemon: boolean, checked: boolean): Model {
  return defineModel({
    name: 'random',
    registers: 40,
    build(m) {
      const items = m.domain('item', ITEMS);
      const cells = m.cells('cell', CELLS);
      const shared = { cells, items, refs: m.cells('ref', ITEMS, { refTo: items }), lock: m.mutex('lock') };
      scripts.forEach((calls, number) => {
        const script = calls.map((statements) => call('call', () => routineOf(statements, shared)));
        const last = number === scripts.length - 1;
        const options = { symmetric: true, daemon: daemon && last && number > 0 };
        m.actors(`a${number}`, number === 0 ? copies : 1, () => script, options);
      });
      if (!checked) return;
      m.always('cell 1 below 22', [cells.at(1)], (value) => value < 22 || 'cell 1 is large');
      m.finally('cell 2 not 3', [cells.at(2)], (value) => value !== 3 || 'cell 2 is 3');
    },
  });
}
