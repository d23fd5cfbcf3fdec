import { expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { type Patience, patiently } from '../../src/live/patience.js';

const never = new Promise<void>(() => {});

/** A clock that a look advances by so many milliseconds. */
function patience(msALook: number, changes: Partial<Patience> = {}): Patience & { looks: number } {
  let now = 0;
  const made = {
    looks: 0,
    clock: () => {
      now += msALook;
      return now;
    },
    isOver: () => false,
    stuck: () => {
      made.looks++;
      return undefined;
    },
    ...changes,
  };
  return made;
}

it('threads that come to rest are waited for, and nothing is looked at', async () => {
  const asked = patience(1);
  expect(await patiently(Promise.resolve(), asked)).toBeUndefined();
  expect(asked.looks).toBe(0);
});

it('once the run shall be over, what does not come back is looked for soon, and once', async () => {
  const found = new ModelError('reads does not come back');
  expect(await patiently(never, patience(400, { isOver: () => true, stuck: () => found }))).toBe(found);
  const asked = patience(400, { isOver: () => true });
  expect((await patiently(never, asked))?.message).toMatch(/^a step of the model does not come back: .* ran for \d+ s/);
  expect(asked.looks).toBe(2);
});

it('a thread that takes its time in a run that goes on is left alone for seconds', async () => {
  const asked = patience(2_000);
  const rest = new Promise<void>((resolve) => setTimeout(resolve, 120));
  expect(await patiently(rest, asked)).toBeUndefined();
  expect(asked.looks).toBe(0);
});

it('nobody is waited for without an end', async () => {
  expect(await patiently(never, patience(6_000))).toBeInstanceOf(ModelError);
});
