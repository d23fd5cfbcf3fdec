/** lastzero, of the first table of the design's oracle sheet. */
import { defineModel } from '../../src/index.js';

/** Writer j (1..n) reads a[j-1] and writes one more to a[j]; a reader scans a[n], a[n-1], ... until it reads 0. */
export const lastZero = defineModel({
  name: 'lastzero',
  parameters: { n: 5 },
  registers: 0,
  build(m, p) {
    const a = m.cells('a', p.n + 1);
    m.actor('reader', function* scan() {
      for (let i = p.n; i >= 0; i--) if ((yield* a.at(i).read()) === 0) return;
    });
    for (let j = 1; j <= p.n; j++) {
      m.actor(`writer${j}`, function* write() {
        const before = yield* a.at(j - 1).read();
        yield* a.at(j).write(before + 1);
      });
    }
  },
});
