import { expect, test } from 'vitest';
import type { ExploreStats } from '../../src/explore/stats.js';
import { exploreOutcome } from '../../src/report/explore-outcome.js';

/** What a run with some numbers came to, on one line. */
function outcome(changes: Partial<ExploreStats>): string {
  const stats = {
    ...{ schedules: 300, completed: 300, joined: 0, bounded: 0, boundedOpen: 0, boundedBy: [], growing: [] },
    ...{ stepBound: 20_000, interrupted: false },
  };
  const text = exploreOutcome({ ...stats, ...changes } as unknown as ExploreStats);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
  return text.replace(/\s+/g, ' ');
}

const boundedBy = [
  { actor: 'main', loop: 'spin', count: 100 },
  { actor: 'other', loop: 'poll', count: 43 },
];

test('a run in which every schedule came to its end is clean', () => {
  expect(outcome({})).toBe('Clean in 300 schedules.');
  expect(outcome({ schedules: 1, completed: 1 })).toBe('Clean in 1 schedule.');
});

test('what was given up is told at once, with who kept it going and who can tell more', () => {
  expect(outcome({ completed: 157, bounded: 143, boundedOpen: 143, boundedBy })).toBe(
    'Clean in 157 of 300 schedules. The other 143 were given up after at most 20,000 steps: main kept going in spin, ' +
      'other kept going in poll. Each could still have come to an end; faultline verify tells whether a run can go ' +
      'round for ever.',
  );
  expect(outcome({ completed: 299, bounded: 1, boundedOpen: 1, boundedBy: boundedBy.slice(0, 1) })).toBe(
    'Clean in 299 of 300 schedules. The other was given up after at most 20,000 steps: main kept going in spin. It could ' +
      'still have come to an end; faultline verify tells whether a run can go round for ever.',
  );
});

test('where nothing came to its end there is no answer', () => {
  expect(outcome({ completed: 0, bounded: 300, boundedBy })).toBe(
    'No answer: none of 300 schedules came to its end. 300 schedules were given up after at most 20,000 steps: main kept ' +
      'going in spin, other kept going in poll. Whether an end could still have come is not known; faultline verify tells ' +
      'whether a run can go round for ever.',
  );
});

test('of how many nothing is known is told, and a cell that grows is named instead of what no search can tell', () => {
  expect(outcome({ completed: 157, bounded: 143, boundedOpen: 3, boundedBy })).toContain(
    'is not known of 140 of them; faultline verify',
  );
  const growing = [{ cell: 'next_ticket', least: 0, most: 500 }];
  const text = outcome({ completed: 0, bounded: 300, boundedBy, growing });
  expect(text).toContain('next_ticket grows without end as far as was seen (0 to 500)');
  expect(text).not.toContain('verify');
});

test('loops beyond a few are counted', () => {
  const many = Array.from({ length: 5 }, (_, number) => ({ actor: `task${number}`, loop: 'spin', count: 1 }));
  expect(outcome({ completed: 295, bounded: 5, boundedBy: many })).toContain('task2 kept going in spin, and 2 more.');
});

test('an interrupted run says so and claims nothing', () => {
  expect(outcome({ interrupted: true, schedules: 12, completed: 10, bounded: 2, boundedBy })).toBe(
    'Interrupted: nothing was found in 12 schedules.',
  );
});
