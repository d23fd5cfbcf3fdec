import { expect, it } from 'vitest';
import { unguarded } from '../../../src/core/guard.js';
import { Sharing } from '../../../src/explore/sharing.js';
import { StreamLane } from '../../../src/explore/stream/stream-lane.js';
import { compileModel } from '../../../src/index.js';
import { lostUpdate } from '../toys.js';

it('hands on the facts of one version as they were first, and new ones when something was learned', async () => {
  const program = await compileModel(lostUpdate);
  const sharing = new Sharing(program);
  const settings = { stepBound: 100, keepGoing: true, mostVisible: 10 };
  const lane = new StreamLane(program, settings, sharing, unguarded, undefined, () => false);
  const before = sharing.facts();
  expect(lane.racingSince(before)).toBe(before);
  await lane.run({ schedules: 4 });
  const after = lane.racingSince(before);
  expect(after.version).toBeGreaterThan(before.version);
  expect(after.words.length).toBeGreaterThan(0);
  expect(lane.racingSince(after)).toBe(after);
});
