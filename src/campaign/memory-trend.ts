/**
 * Memory trend: whether a process that runs for hours needs more and more memory. Samples are taken at the end of steps,
 * when the threads of the step are gone, so that they can be compared. Used by campaigns.
 */

/** One look at the process's memory. */
export interface MemorySample {
  readonly hours: number;
  readonly heapBytes: number;
  /** Resident set size. */
  readonly rssBytes: number;
}

/** How the memory of a session went. */
export interface MemoryTrendSummary {
  /** Looks that were taken; those that are kept and go into the growth are at most MOST_SAMPLES. */
  readonly samples: number;
  /** Time between the first look and the last. */
  readonly hours: number;
  readonly first: Omit<MemorySample, 'hours'>;
  readonly last: Omit<MemorySample, 'hours'>;
  /**
   * Slopes of the straight lines through the samples (least squares); undefined with less than SHORTEST_HOURS or fewer
   * than three, when what a process needs to warm up would pass for growth.
   */
  readonly heapBytesPerHour: number | undefined;
  readonly rssBytesPerHour: number | undefined;
}

/** Samples that are kept, whatever the length of the campaign. */
export const MOST_SAMPLES = 512;

/** Six minutes. */
export const SHORTEST_HOURS = 0.1;

/** Collects samples in bounded space: when it is full, every second one goes, and from then on every second is taken. */
export class MemoryTrend {
  #samples: MemorySample[] = [];
  #taken = 0;
  #every = 1;
  #first: MemorySample | undefined;
  #last: MemorySample | undefined;

  /** Takes a sample; hours ascend. */
  add(sample: MemorySample): void {
    this.#first ??= sample;
    this.#last = sample;
    if (this.#taken++ % this.#every !== 0) return;
    this.#samples.push(sample);
    if (this.#samples.length < MOST_SAMPLES) return;
    this.#samples = this.#samples.filter((_, place) => place % 2 === 0);
    this.#every *= 2;
  }

  /** Undefined before the first sample. */
  get summary(): MemoryTrendSummary | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    const { hours: begin, ...first } = this.#first;
    const { hours: end, ...last } = this.#last;
    const slope = (of: (sample: MemorySample) => number) =>
      slopeOf(this.#samples.map((each) => [each.hours, of(each)]));
    return {
      ...{ samples: this.#taken, hours: end - begin, first, last },
      heapBytesPerHour: slope(({ heapBytes }) => heapBytes),
      rssBytesPerHour: slope(({ rssBytes }) => rssBytes),
    };
  }
}

function slopeOf(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  if (points.length < 3 || points[points.length - 1][0] - points[0][0] < SHORTEST_HOURS) return undefined;
  const mean = (place: 0 | 1) => points.reduce((total, point) => total + point[place], 0) / points.length;
  const [middleX, middleY] = [mean(0), mean(1)];
  const spread = points.reduce((total, [x]) => total + (x - middleX) ** 2, 0);
  const product = points.reduce((total, [x, y]) => total + (x - middleX) * (y - middleY), 0);
  return product / spread;
}
