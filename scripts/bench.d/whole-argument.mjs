/**
 * The one argument of a benchmark: a whole number from 1. Anything else is one sentence and exit status 2, before
 * anything is measured. Imported by the benchmarks.
 */

/** More than that is a slip of the keyboard. */
const MOST = 10_000;

/** The argument of `benchmark` (as it is called: `bench verify`), which is the number of `things`; without it `byDefault`. */
export function wholeArgument(benchmark, things, byDefault) {
  const [given, ...more] = process.argv.slice(2);
  if (given === undefined) return byDefault;
  const number = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (more.length === 0 && number >= 1 && number <= MOST) return number;
  const words = [given, ...more].join(' ');
  console.error(
    `${benchmark}: ${words} is not allowed; it takes the number of ${things}, from 1 to ${MOST} (default ${byDefault}), and nothing else.`,
  );
  process.exit(2);
}
