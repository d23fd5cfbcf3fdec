import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExploreStats } from '../../src/explore/stats.js';
import { notCovered } from '../../src/report/not-covered.js';
import { widthOf } from '../../src/report/text-width.js';

const clean: ExploreStats = {
  schedules: 10_000,
  steps: 215_000,
  seconds: 0.4,
  distinctFinalStates: 41,
  drawnSchedules: 10_000,
  singletonFinalStates: 2,
  finalStatesCapped: false,
  completed: 10_000,
  deadlocked: 0,
  violating: 0,
  livelocked: 0,
  joined: 0,
  stepBound: 20_000,
  boundedOpen: 0,
  bounded: 0,
  boundedBy: [],
  growing: [],
  longestRun: 37,
  strategy: 'random',
  interrupted: false,
  neverExecuted: [],
  eventsNeverSent: [],
  eventsWithinReach: [],
  oneSided: [],
};

/** The statement on one line. */
function statement(changes: Partial<ExploreStats> = {}): string {
  return notCovered({ ...clean, ...changes }).replace(/\s+/g, ' ');
}

test('says what was run, and how likely one more schedule shows something new', () => {
  expect(notCovered(clean)).toBe(`\
Covered: 10,000 schedules (random) with 215,000 steps, the longest of 37;
  41 distinct final states.
Not covered:
  - final states: the chance that one more schedule shows a new one is
    about 0.020 % (2 final states seen once in 10,000 schedules)
`);
});

test('without a state seen once, the rule of three bounds the chance', () => {
  expect(statement({ singletonFinalStates: 0 })).toContain('is at most 0.030 % at 95 % confidence');
  expect(statement({ singletonFinalStates: 0, drawnSchedules: 2 })).toContain('is at most 100 % at 95 % confidence');
});

test('makes no estimate from a table that was full, or from no run at all', () => {
  const capped = statement({ finalStatesCapped: true });
  expect(capped).toContain('at least 41 distinct final states');
  expect(capped).not.toContain('the chance');
  expect(statement({ schedules: 0, distinctFinalStates: 0, singletonFinalStates: 0 })).toContain('no schedule was run');
});

test('PCT states its bound for one schedule and for all of them', () => {
  // n = 3 actors, k = 20 steps, d = 3: 1 / (3 * 20^2) = 0.083 %; (1 - 1/1200)^10000 = 0.00024.
  const text = statement({ strategy: 'pct', depth: 3, pctBound: 1 / 1200 });
  expect(text).toContain('10,000 schedules (pct, depth 3)');
  expect(text).toContain('bugs of depth above 3');
  expect(text).toContain(
    'with a chance of at least 0.083 %, and missed by all of them with a chance of at most 0.024 %',
  );
  expect(statement()).not.toContain('depth above');
});

test('PCT says nothing of a bound by which a bug is missed more often than not', () => {
  const likely = (schedules: number) => statement({ strategy: 'pct', depth: 3, pctBound: 1 / 1200, schedules });
  // (1 - 1/1200)^831 = 0.5001
  expect(likely(831)).not.toContain('depth above');
  expect(likely(832)).toContain('missed by all of them with a chance of at most 50 %');
  // However many schedules: a chance is never told to be none.
  expect(likely(1e9)).toContain('with a chance of at most 0.000000010 %');
});

test('names who reached the step bound, and where', () => {
  const text = statement({
    bounded: 5,
    boundedBy: [
      { actor: 'vCPU0', loop: 'kvm_tdp_page_fault', count: 4 },
      { actor: 'vCPU1', loop: 'kvm_tdp_page_fault', count: 1 },
    ],
  });
  expect(text).toContain('4 schedules given up: vCPU0 kept retrying in kvm_tdp_page_fault');
  expect(text).toContain('1 schedule given up: vCPU1 kept retrying');
});

test('names cells that grew as long as schedules went that were given up', () => {
  const text = statement({ bounded: 1, growing: [{ cell: 'next_ticket', least: 0, most: 2_000 }] });
  expect(text).toContain(
    '- next_ticket grows without end as far as was seen (0 to 2,000): write it modulo n, or bound it',
  );
});

test('what comes after violations, deadlocks and livelocks is not covered, and an interruption is said', () => {
  const text = statement({ violating: 1, deadlocked: 2, livelocked: 3, interrupted: true });
  expect(text).toContain('what comes after a livelock (3 schedules ended in one)');
  expect(text).toContain('what comes after a violation (1 schedule ended in one)');
  expect(text).toContain('what comes after a deadlock (2 schedules ended in one)');
  expect(text).toContain('it was interrupted.');
});

const notReached = {
  neverExecuted: Array.from({ length: 12 }, (_, number) => `kvm_gmem_get_pfn: op number ${number}`),
  eventsNeverSent: ['folio: PIN', 'folio: UNPIN'],
  eventsWithinReach: ['folio: PIN'],
  oneSided: ['kvm_gmem_get_pfn: folio_test_uptodate() -> always true'],
};

test('what the calls could lead to is told in three lines, and how much is left out', () => {
  const lines = notCovered({ ...clean, ...notReached }).split('\n');
  const from = lines.findIndex((line) => line.startsWith('Never executed: kvm_gmem_get_pfn: op number 0;'));
  expect(lines.length - 1 - from).toBe(3);
  expect(lines.slice(from).join(' ')).toMatch(/; and \d+ more \(--coverage\)\. $/);
  expect(notCovered({ ...clean, eventsNeverSent: ['folio: PIN'] })).not.toContain('PIN');
});

test('all that was not reached is told where that is asked for, in two parts', () => {
  const text = notCovered({ ...clean, ...notReached }, true);
  for (const op of notReached.neverExecuted) expect(text).toContain(`  - ${op}\n`);
  expect(text).toContain('Within reach of the calls, and never sent:\n  - folio: PIN\n');
  expect(text).toContain('Tests that always went the same way:\n  - kvm_gmem_get_pfn: folio_test_uptodate() -> ');
  expect(text).toContain('Machine events that no op of these calls sends:\n  - folio: UNPIN\n');
});

test('whatever the numbers, lines are at most 75 wide and hold no NaN', () => {
  const count = fc.nat({ max: 2 ** 31 });
  const stats = fc.record({
    schedules: count,
    singletonFinalStates: count,
    longestRun: count,
    pctBound: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    neverExecuted: fc.array(fc.string({ maxLength: 100 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(stats, ({ pctBound, ...changes }) => {
      const pct = pctBound === undefined ? {} : { pctBound, depth: 3 };
      const singletonFinalStates = Math.min(changes.singletonFinalStates, changes.schedules);
      const text = notCovered({
        ...clean,
        ...changes,
        ...pct,
        neverExecuted: changes.neverExecuted.map(noNaN),
        singletonFinalStates,
      });
      for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(75);
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
    }),
  );
});

function noNaN(text: string): string {
  return text.replace(/NaN|Infinity|undefined/g, '');
}
