/** Scripts that no execution could keep are refused when the model is compiled. */
import { expect, it } from 'vitest';
import { call, after as startsAfter } from '../../../src/core/program/program-builder.js';
import { programOf } from '../every-run.js';

function waitingFor(actor: number, calls: number, ops = 1): Promise<unknown> {
  return programOf((m) => {
    const x = m.cell('x');
    const writes = call('writes', function* writes() {
      for (let i = 0; i < ops; i++) yield* x.write(1);
    });
    m.actor('first', [writes]);
    m.actor('second', [startsAfter([{ actor, calls }], writes)]);
  });
}

it('a call may wait for calls that others make', async () => {
  await expect(waitingFor(0, 1)).resolves.toBeDefined();
});

it('a call that waits for an actor which does not exist is refused', async () => {
  await expect(waitingFor(2, 1)).rejects.toThrow('call writes of second waits for actor 2; there are 2 actors');
});

it('a call that waits for more calls than are made is refused', async () => {
  await expect(waitingFor(0, 2)).rejects.toThrow('call writes of second waits for 2 calls of first, which makes 1');
});

it('a call that waits for itself to end is refused', async () => {
  await expect(waitingFor(1, 1)).rejects.toThrow('call writes of second waits for its own actor');
});

it('a call that waits but has no op to do it at is refused', async () => {
  await expect(waitingFor(0, 1, 0)).rejects.toThrow('call writes of second waits for other calls but has no op');
});
