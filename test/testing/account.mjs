/** Tellers who add to a balance without a lock, or with one. */
import { defineModel } from 'faultline';

export const account = defineModel({
  name: 'account',
  source: import.meta.url,
  parameters: { tellers: 2, locked: false },
  build(m, { tellers, locked }) {
    const balance = m.cell('balance');
    const lock = m.mutex('lock');
    function* deposit() {
      if (locked) yield* lock.lock();
      const seen = yield* balance.read();
      yield* balance.write(seen + 1);
      if (locked) yield* lock.unlock();
    }
    m.actors('teller', tellers, () => deposit);
    m.finally('all counted', [balance], (sum) => sum === tellers || 'a deposit was lost');
  },
});
