/** A conversion that unmaps a page and then finds no memory to split the next; repaired, it splits both before. */
import { defineModel } from 'faultline';

const ENOMEM = -12;

export default defineModel({
  name: 'conversion',
  source: import.meta.url,
  parameters: { repaired: false },
  build(m, { repaired }) {
    const pages = m.cells('mapped', 2, { initial: 1 });
    const spare = m.cell('spare', { initial: 2 });
    m.errors(
      (result) => result < 0,
      (result) => (result === ENOMEM ? '-ENOMEM' : undefined),
    );
    const split = () =>
      spare.apply('alloc()', 'boolean', {
        next: (left) => Math.max(left - 1, 0),
        result: (left) => (left > 0 ? 1 : 0),
      });
    const zap = (page) => pages.at(page).write(0).named(`zap(${page})`).irreversible('an accepted page is gone');
    m.actor('converter', function* convert() {
      for (const page of [0, 1]) {
        if (!(yield* split())) return ENOMEM;
        if (!repaired) yield* zap(page);
      }
      if (repaired) for (const page of [0, 1]) yield* zap(page);
      return 0;
    });
    m.actor('other', function* other() {
      yield* split();
    });
  },
});
