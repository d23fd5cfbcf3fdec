/** Models as users write them, one for each kind of finding that only verify makes, and a large one. */

const importing = (names: string): string => `import { ${names} } from 'faultline';\n\n`;

const abba = (gated: boolean): string => `${importing('defineModel')}export default defineModel({
  name: '${gated ? 'gated' : 'abba'}',
  source: import.meta.url,
  build(m) {
    const [a, b, gate] = [m.mutex('a'), m.mutex('b'), m.mutex('gate')];
    const take = (first, second) =>
      function* task() {
        ${gated ? 'yield* gate.lock();' : ''}
        yield* first.lock();
        yield* second.lock();
        yield* second.unlock();
        yield* first.unlock();
        ${gated ? 'yield* gate.unlock();' : ''}
      };
    m.actor('forward', take(a, b));
    m.actor('backward', take(b, a));
  },
});
`;

/** Sources by name. */
export const rounds = {
  abba: abba(false),
  /** The gate keeps the deadlock away, the orders are opposite all the same. */
  gated: abba(true),
  /** Once the flag is poisoned nobody sets what the spinner waits for. */
  stuck: `${importing('defineModel, here')}export default defineModel({
  name: 'stuck',
  source: import.meta.url,
  build(m) {
    const [ready, poisoned] = [m.cell('ready'), m.cell('poisoned')];
    m.actor('spinner', function* spinner() {
      const again = yield* here();
      if ((yield* ready.read()) === 0) yield* again();
    });
    m.actor('setter', function* setter() {
      if ((yield* poisoned.read()) === 0) yield* ready.write(1);
    });
    m.actor('poisoner', function* poisoner() {
      yield* poisoned.write(1);
    });
  },
});
`,
  /** Two who step aside for each other. */
  polite: `${importing('defineModel, here')}export default defineModel({
  name: 'polite',
  source: import.meta.url,
  build(m) {
    const wants = m.cells('wants', 2);
    m.actors('task', 2, (self) => {
      return function* task() {
        const again = yield* here();
        yield* wants.at(self).write(1);
        if ((yield* wants.at(1 - self).read()) === 1) {
          yield* wants.at(self).write(0);
          yield* again();
        }
        yield* wants.at(self).write(0);
      };
    });
  },
});
`,
  /** More states than anybody waits for; with `broken` something is wrong at once. */
  large: `${importing('defineModel')}export default defineModel({
  name: 'large',
  source: import.meta.url,
  parameters: { broken: false },
  build(m, p) {
    const cells = m.cells('cell', 12);
    for (let actor = 0; actor < 12; actor++) {
      m.actor('actor' + actor, function* work() {
        for (let step = 0; step < 12; step++) yield* cells.at((actor + step) % 12).add(actor + 1);
      });
    }
    m.always('no ones', [cells.at(0)], (value) => !p.broken || value !== 1);
  },
});
`,
};
