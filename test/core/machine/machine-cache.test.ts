/** What a cache says of words is what the table says of them, however wide the machine, and the table is asked once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folioMachine } from '../../../machines/folio.js';
import { ModelError } from '../../../src/core/errors.js';
import { MachineCache, WIDEST_FLAT } from '../../../src/core/machine/machine-cache.js';
import { compileMachine, type MachineTable } from '../../../src/core/machine/machine-table.js';
import { MetWords } from '../../../src/core/machine/met-words.js';
import { wideMachine } from './wide-machine.js';

const tables: Readonly<Record<string, MachineTable>> = {
  'the folio machine': compileMachine(folioMachine),
  'one as wide as flat rows go': compileMachine(wideMachine(4, 4, 4, 4, 4, 4, 3)),
  'one that is a bit wider': compileMachine(wideMachine(4, 4, 4, 4, 4, 4, 3, 2)),
  'one of 31 bits': compileMachine(wideMachine(8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 2)),
};

/** A word of the machine: some state of every region. */
function wordOf(table: MachineTable, draw: (bound: number) => number): number {
  let word = table.initial;
  for (let step = 0; step < 40; step++) {
    const next = table.next(word, draw(table.events.length));
    if (next >= 0) word = next;
  }
  return word;
}

/** A table that counts how often it is asked. */
function counted(table: MachineTable): MachineTable & { asked: number } {
  const counting = Object.create(table, { asked: { value: 0, writable: true } });
  counting.next = (word: number, event: number) => {
    counting.asked++;
    return table.next(word, event);
  };
  counting.hasTag = (word: number, tag: string) => {
    counting.asked++;
    return table.hasTag(word, tag);
  };
  for (const key of ['events', 'tags', 'bits', 'initial'] as const)
    Object.defineProperty(counting, key, { value: table[key] });
  return counting;
}

it('the machines are of widths on both sides of the bound, up to the widest', () => {
  expect(Object.values(tables).map(({ bits }) => bits)).toEqual([13, WIDEST_FLAT, WIDEST_FLAT + 1, 31]);
});

describe.each(Object.entries(tables))('%s', (_, table) => {
  const walk = fc.infiniteStream(fc.nat({ max: 2 ** 20 }));

  it('has the next words and the tags of its table, when asked first and when asked again', () => {
    const cache = new MachineCache([table]);
    fc.assert(
      fc.property(walk, fc.nat(), fc.nat(), (drawn, event, tag) => {
        const word = wordOf(table, (bound) => drawn.next().value % bound);
        const sent = event % table.events.length;
        const looked = tag % table.tags.length;
        for (let again = 0; again < 2; again++) {
          expect(cache.next(0, sent, word)).toBe(table.next(word, sent));
          expect(cache.hasTag(0, looked, word)).toBe(table.hasTag(word, table.tags[looked]) ? 1 : 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('asks its table once for each', () => {
    const counting = counted(table);
    const cache = new MachineCache([counting]);
    for (let again = 0; again < 3; again++) {
      for (const event of table.events.keys()) cache.next(0, event, table.initial);
      for (const tag of table.tags.keys()) cache.hasTag(0, tag, table.initial);
    }
    expect(counting.asked).toBe(table.events.length + table.tags.length);
  });
});

describe('words that were met', () => {
  const table = tables['one of 31 bits'];
  const all = 2 ** 31 - 1;

  it('are kept apart when they are many, and all are known afterwards', () => {
    const counting = counted(table);
    const met = new MetWords(counting);
    const words = Array.from({ length: 5_000 }, (_, k) => (k % 2 === 0 ? k : all - k * 64));
    const said = words.map((word) => met.next(word, 0));
    expect(said).toEqual(words.map((word) => table.next(word, 0)));
    expect(new Set(said).size).toBe(words.length);
    const { asked } = counting;
    expect(asked).toBe(words.length);
    expect(words.map((word) => met.next(word, 0))).toEqual(said);
    expect([counting.asked, met.count]).toEqual([asked, words.length]);
  });

  it('include the last and the first of the widest machine', () => {
    const met = new MetWords(table);
    const forth = table.events.indexOf('FORTH');
    const back = table.events.indexOf('BACK');
    for (let again = 0; again < 2; again++) {
      expect(met.next(all, forth)).toBe(0);
      expect(met.next(0, back)).toBe(all);
    }
  });

  it('remember refusals, most urgent first', () => {
    const met = new MetWords(table);
    const odd = table.events.indexOf('ODD');
    for (let again = 0; again < 2; again++) {
      const refused = met.next(all, odd);
      expect(table.violations[-refused - 1]).toMatchObject({ state: 'r0.no' });
    }
  });

  it.each([-1, 2 ** 31])('are none of those that the machine does not have: %d', (word) => {
    const met = new MetWords(table);
    met.next(0, 0);
    for (let again = 0; again < 2; again++) {
      expect(() => met.next(word, 0)).toThrow(ModelError);
      expect(() => met.hasTag(word, 0)).toThrow(`machine "wide" has no state with the word ${word}`);
    }
    expect(met.count).toBe(1);
  });

  it('are shared by all who ask about a machine', () => {
    expect(MetWords.of(table)).toBe(MetWords.of(table));
    expect(MachineCache.of([])).not.toBe(MachineCache.of([]));
  });
});
