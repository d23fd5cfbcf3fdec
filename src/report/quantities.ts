/**
 * Quantities as text: counts, rates, shares and times, each with three digits that matter and its unit. Used by the
 * reports of runs that are measured.
 */

/** `1,234,567` */
export function countText(number: number): string {
  const whole = Math.round(number);
  // Few numbers are others, and what knows how to write those of every language takes its time to load.
  if (!Number.isSafeInteger(whole) || whole < 0) return whole.toLocaleString('en');
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 step`, `1,234 steps`, `2 context switches`, `2 epochs`, `3 retries`. */
export function plural(number: number, noun: string): string {
  return `${countText(number)} ${number === 1 ? noun : pluralOf(noun)}`;
}

/** The plural of a noun of the reports, which are plain ones: what users name things is never put in the plural. */
function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  // A ch that is said as k takes no e.
  return /(?:s|x|z|sh|ch)$/.test(noun) && !noun.endsWith('epoch') ? `${noun}es` : `${noun}s`;
}

/** `12 %`, `0.28 %`; a share of nothing is `0 %`. */
export function shareText(part: number, whole: number): string {
  if (part <= 0 || whole <= 0) return '0 %';
  const percent = (100 * part) / whole;
  if (percent < 0.01) return '< 0.01 %';
  return `${threeDigits(percent)} %`;
}

/** A time that was measured in nanoseconds: `681 ns`, `4.10 us`, `153 us`, `2.82 ms`, `1.20 s`. */
export function timeText(nanoseconds: number): string {
  const units = ['ns', 'us', 'ms', 's'];
  let [value, unit] = [nanoseconds, 0];
  // 999.7 would be printed as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${units[unit]}`;
}

/** Seconds of a run: `0.25 s`, `9.8 s`, `600 s`. */
export function secondsText(seconds: number): string {
  return `${seconds < 100 ? seconds.toFixed(seconds < 1 ? 2 : 1) : Math.round(seconds)} s`;
}

/** A rate where room is short: `9.9`, `850`, `12.5k`, `3.4M`. */
export function rateText(perSecond: number): string {
  const units = ['', 'k', 'M', 'G'];
  let [value, unit] = [perSecond, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (value >= 99.95 || value === 0 || (unit === 0 && Number.isInteger(value)))
    return `${Math.round(value)}${units[unit]}`;
  return `${value.toFixed(1)}${units[unit]}`;
}

/** Never in powers of ten. */
function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
