/** Tellers who add to one balance. `account.test.ts` beside it has vitest look for the deposit that is lost. */
import { defineModel } from 'faultline';

export default defineModel({
  name: 'account',
  source: import.meta.url,
  parameters: { tellers: 2, locked: true },
  build(m, { tellers, locked }) {
    const balance = m.cell('balance');
    const lock = m.mutex('lock');
    function* deposit() {
      if (locked) yield* lock.lock();
      const seen = yield* balance.read();
      yield* balance.write(seen + 1);
      if (locked) yield* lock.unlock();
    }
    m.actors('teller', tellers, () => deposit, { symmetric: true });
    m.finally('all counted', [balance], (sum) => sum === tellers || 'a deposit was lost');
  },
});
