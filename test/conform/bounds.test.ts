/** Where a search has to end by itself: in the midst of one event, however many ways lead to it. */
import { expect, it } from 'vitest';
import { choose, conform, defineModel, tracepoint } from '../../src/index.js';

const COINS = 24;

/** Somebody tosses coins before its mark, and somebody else looks at them before its own. */
const model = defineModel({
  name: 'coins',
  build(m) {
    const coins = m.cells('coin', COINS);
    m.actor('tosses', function* tosses() {
      for (let at = 0; at < COINS; at++) yield* coins.at(at).write(yield* choose(2, 'coin'));
      yield* tracepoint('tossed');
    });
    m.actor('looks', function* looks() {
      yield* coins.at(0).read();
      yield* tracepoint('looked');
    });
  },
});

const hold = (options: { maxStates?: number; goOn?: () => boolean }) =>
  conform(
    model,
    ({ actor }) => ({
      events: [
        { actor: actor('looks'), kind: 'tracepoint', name: 'looked', time: 1, line: 1, text: 'looked' },
        { actor: actor('tosses'), kind: 'tracepoint', name: 'tossed', time: 2, line: 2, text: 'tossed' },
      ],
      visible: new Set(['tracepoint looked', 'tracepoint tossed']),
    }),
    options,
  );

it('a bound of states holds for the ways of somebody else too', async () => {
  expect(await hold({ maxStates: 100 })).toMatchObject({ verdict: 'undecided', because: 'states', explained: 0 });
});

it('it is asked whether to go on in the midst of an event', async () => {
  let asked = 0;
  const stopped = await hold({ maxStates: 100_000, goOn: () => ++asked < 5 });
  expect(stopped).toMatchObject({ verdict: 'undecided', because: 'stopped', explained: 0 });
  expect(asked).toBe(5);
});
