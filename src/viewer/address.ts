/**
 * What a page is at, in its address: `#step=17`, `#finding=2&step=17`. Steps and findings count from 1 there; step 0 is
 * the initial state.
 */

/** Which run is shown, from 0, and how many of its steps are taken. */
export interface PagePlace {
  readonly run: number;
  /** Undefined: where the run breaks. */
  readonly taken: number | undefined;
}

/** Reads the part of an address behind its `#`; what is no number is as if it were not there. */
export function pagePlaceOf(hash: string): PagePlace {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const whole = (name: string): number | undefined => {
    const text = words.get(name) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  };
  return { run: Math.max(0, (whole('finding') ?? 1) - 1), taken: whole('step') };
}

/** Writes it. */
export function pageAddressOf({ run, taken }: PagePlace): string {
  return [...(run > 0 ? [`finding=${run + 1}`] : []), ...(taken === undefined ? [] : [`step=${taken}`])].join('&');
}

/** Whether an address says that a run is shown, on a page that has something above its runs. */
export function isPlaceOfRun(hash: string): boolean {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  return words.has('finding') || words.has('step');
}
