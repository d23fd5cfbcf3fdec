// downgrade_write(): no other writer comes between. atomic=false: up_write() and down_read() instead, and one does.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'downgrade',
  source: import.meta.url,
  parameters: { atomic: true },
  build(m, p) {
    const sem = m.rwsem('sem');
    const [value, bad] = [m.cell('value'), m.cell('bad')];
    m.actors(
      'T',
      2,
      (i) =>
        function* t() {
          yield* sem.downWrite();
          yield* value.write(i + 1);
          if (!p.atomic) yield* sem.upWrite();
          yield* p.atomic ? sem.downgradeWrite() : sem.downRead();
          if ((yield* value.read()) !== i + 1) yield* bad.write(1);
          yield* sem.upRead();
        },
    );
    m.always('own value', [bad], (b) => b === 0 || 'another writer came in between');
  },
});
