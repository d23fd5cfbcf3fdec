// seqlock#3: a reader that sleeps while the sequence number wraps around takes a torn pair for a whole one: bits=2; bits=8 not.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'seqlock',
  source: import.meta.url,
  parameters: { bits: 2, writes: 2, readers: 1 },
  build(m, p) {
    const seq = m.seqcount('seq', { bits: p.bits });
    const [low, high, torn] = [m.cell('low'), m.cell('high'), m.cell('torn')];
    m.actor('writer', function* writer() {
      for (let w = 1; w <= p.writes; w++) {
        yield* seq.writeBegin();
        yield* low.write(w);
        yield* high.write(w);
        yield* seq.writeEnd();
      }
    });
    function* reader() {
      const whole = yield* seq.read(function* () {
        const l = yield* low.read();
        return l === (yield* high.read());
      });
      if (!whole) yield* torn.write(1);
    }
    m.actors('reader', p.readers, () => reader, { symmetric: true });
    m.always('whole', [torn], (t) => t === 0 || 'a reader takes half an update for a whole one');
  },
});
