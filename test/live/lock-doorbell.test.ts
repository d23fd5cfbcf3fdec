import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Doorbell } from '../../src/live/shared-doorbell.js';

const never = () => false;

function newDoorbell(): { doorbell: Doorbell; words: Int32Array } {
  const words = new Int32Array(new SharedArrayBuffer(4));
  return { doorbell: new Doorbell(words, 0), words };
}

describe('Doorbell', () => {
  it('a ring ends the sleep', async () => {
    const { doorbell } = newDoorbell();
    const slept = doorbell.sleep(never);
    await turn();
    doorbell.ring();
    await slept;
  });

  it('one ring wakes all who sleep on the thread', async () => {
    const { doorbell } = newDoorbell();
    const slept = [doorbell.sleep(never), doorbell.sleep(never)];
    await turn();
    slept.push(doorbell.sleep(never));
    doorbell.ring();
    await Promise.all(slept);
  });

  it('nobody sleeps who has something to do', async () => {
    const { doorbell, words } = newDoorbell();
    await doorbell.sleep(() => true);
    doorbell.block(() => true);
    expect(words[0]).toBe(0);
  });

  it('work that comes with its ring between the last look and the sleep is not slept over', async () => {
    const { doorbell } = newDoorbell();
    let looks = 0;
    // The ring comes right after `ready` has said no.
    const missed = () => {
      looks++;
      doorbell.ring();
      return false;
    };
    await doorbell.sleep(missed);
    doorbell.block(missed);
    expect(looks).toBe(2);
  });

  it('a ring before the sleep is not remembered: the sleeper sees the work itself', () => {
    const { doorbell, words } = newDoorbell();
    doorbell.ring();
    expect(words[0]).toBe(0);
    doorbell.block(never, 1);
    expect(words[0]).toBe(0);
  });

  it('can be slept on again after each ring', async () => {
    const { doorbell } = newDoorbell();
    for (let round = 0; round < 100; round++) {
      const slept = doorbell.sleep(never);
      doorbell.ring();
      await slept;
    }
  });

  it('a thread that sleeps is not blocked as well', async () => {
    const { doorbell } = newDoorbell();
    const slept = doorbell.sleep(never);
    expect(() => doorbell.block(never)).toThrow('blocks while it sleeps already');
    doorbell.ring();
    await slept;
  });
});
