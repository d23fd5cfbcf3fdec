import { expect, it } from 'vitest';
import { MemoryTrend } from '../../src/campaign/memory-trend.js';

function trendOf(count: number, heap: (hours: number) => number) {
  const trend = new MemoryTrend();
  for (let sample = 0; sample < count; sample++) {
    const hours = sample / 100;
    trend.add({ hours, heapBytes: heap(hours), rssBytes: 1000 });
  }
  return trend.summary!;
}

it('finds the growth per hour through samples that go up and down', () => {
  const { heapBytesPerHour, rssBytesPerHour } = trendOf(
    801,
    (hours) => 5000 + 300 * hours + (Math.round(hours * 100) % 2 ? 40 : -40),
  );
  expect(heapBytesPerHour).toBeCloseTo(300, 0);
  expect(rssBytesPerHour).toBe(0);
});

it('is the same for a campaign that is so long that samples are dropped', () => {
  const { samples, hours, first, last, heapBytesPerHour } = trendOf(100_000, (each) => 7 * each);
  expect({ samples, hours }).toEqual({ samples: 100_000, hours: 999.99 });
  expect(first.heapBytes).toBe(0);
  expect(last.heapBytes).toBeCloseTo(6999.93);
  expect(heapBytesPerHour).toBeCloseTo(7);
});

it('claims no growth from the warm-up of a short session', () => {
  expect(trendOf(9, (hours) => 1e6 * hours).heapBytesPerHour).toBeUndefined();
  expect(new MemoryTrend().summary).toBeUndefined();
});
