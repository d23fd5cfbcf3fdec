/**
 * Metrics as Prometheus reads them: its text format, version 0.0.4. Used by stress and soak.
 */

import { oneLine } from './export-text.js';

/** What tells samples of one family apart. */
export type MetricLabels = Readonly<Record<string, string | undefined>>;

/** One number. */
export interface MetricSample {
  readonly value: number;
  readonly labels?: MetricLabels;
  /** Of a summary: how its sum and its count are told from its quantiles. */
  readonly suffix?: '_sum' | '_count';
}

/** Numbers of one meaning. */
export interface MetricFamily {
  /** Lower case with the unit last; a counter ends in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** The families as text; those without samples are left out. `labels` are those of every sample. */
export function prometheusText(families: readonly MetricFamily[], labels: MetricLabels = {}): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\')}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ value, suffix = '', labels: own = {} }) => `${name}${suffix}${labelText({ ...labels, ...own })} ${value}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function labelText(labels: MetricLabels): string {
  const texts = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${oneLine(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`],
  );
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}
