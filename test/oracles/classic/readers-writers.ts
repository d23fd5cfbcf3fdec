/**
 * Readers and writers of two words that must agree, under an rwsem. Broken: the writer takes it as a reader.
 */

import { defineModel } from '../../../src/index.js';

export const readersWriters = defineModel({
  name: 'readers-writers',
  source: import.meta.url,
  parameters: { readers: 2, writers: 1, broken: false },
  registers: 0,
  build(m, p) {
    const sem = m.rwsem('sem');
    const left = m.cell('left');
    const right = m.cell('right');
    const torn = m.cell('torn');
    function* write() {
      if (p.broken) yield* sem.downRead();
      else yield* sem.downWrite();
      yield* left.add(1);
      yield* right.add(1);
      if (p.broken) yield* sem.upRead();
      else yield* sem.upWrite();
    }
    function* read() {
      yield* sem.downRead();
      const seen = yield* left.read();
      if ((yield* right.read()) !== seen) yield* torn.write(1);
      yield* sem.upRead();
    }
    m.actors('writer', p.writers, () => write, { symmetric: true });
    m.actors('reader', p.readers, () => read, { symmetric: true });
    m.always('whole', [torn], (value) => value === 0 || 'a reader sees one half of a write');
  },
});

export default readersWriters;
