import { describe, expect, it } from 'vitest';
import { defineModel } from '../../src/model/model.js';
import { outcomeText, verifyText } from '../../src/report/verify-text.js';
import { verify } from '../../src/verify/verify.js';

const model = defineModel({
  name: 'idle',
  parameters: { daemons: 1 },
  build(m, p) {
    const woken = m.cell('woken');
    for (let i = 0; i < p.daemons; i++) {
      m.actor(
        `daemon${i}`,
        function* wait() {
          yield* woken.waitUntil((value) => value === 1);
        },
        { daemon: true },
      );
    }
    m.actor('task', function* wake() {
      yield* woken.write(1);
    });
  },
});

describe('numbers and their words agree', () => {
  it('in what was left', async () => {
    const result = { ...(await verify(model)), stoppedBy: 'the deadline', verdict: 'inconclusive' } as const;
    const text = (states: number, frontier: number, phase: 'search' | 'cycles and lock order' = 'search') =>
      outcomeText({ ...result, states, left: { phase, frontier } }).replaceAll('\n', ' ');
    expect(text(1, 1)).toContain('Of 1 state that was reached, 1 was not gone on from;');
    expect(text(9, 2)).toContain('Of 9 states that were reached, 2 were not gone on from;');
    expect(text(9, 1, 'cycles and lock order')).toContain('(1 state was reached and not gone on from)');
    expect(text(9, 2, 'cycles and lock order')).toContain('(2 states were reached and not gone on from)');
  });

  it.each([
    [1, 'one of them a daemon'],
    [2, '2 of them daemons'],
  ])('with %i daemons', async (daemons, words) => {
    const text = verifyText(await verify(model.with({ daemons })), 0).replace(/\s+/g, ' ');
    expect(text).toContain(`${daemons + 1} actors, ${words} (`);
  });
});

it('a reduction that was switched off is said to be, once', async () => {
  const text = verifyText(await verify(model, { por: false }), 0);
  expect(text).toMatch(/^Order reduction: switched off\.$/m);
});
