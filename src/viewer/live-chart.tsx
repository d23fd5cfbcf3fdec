/**
 * A chart of the live page: rates over time, with the same numbers in a table beside it.
 */

import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';

/** One line of the chart. */
export interface ChartLine {
  readonly name: string;
  readonly values: readonly number[];
}

interface ChartProps {
  readonly title: string;
  readonly seconds: readonly number[];
  readonly lines: readonly ChartLine[];
}

const HEIGHT = 220;
const SHORT = new Intl.NumberFormat('en', { notation: 'compact' });

/** Lines are told apart by their dashes as well as by their colours. */
const DASHES: readonly number[][] = [[], [6, 3], [2, 3], [9, 3, 2, 3], [12, 4]];

/** Draws it, and draws on as values come. */
export function LiveChart({ title, seconds, lines }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>();
  const names = lines.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name);
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 } };
    const made = new UPlot(
      {
        ...{ width: element.clientWidth, height: HEIGHT },
        scales: { x: { time: false } },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
          { ...axis, size: 60, values: (_, ticks) => ticks.map((tick) => SHORT.format(tick)) },
        ],
        legend: { show: false },
        cursor: { show: false },
        series: [
          {},
          ...lines.map(({ name }, at) => ({
            label: name,
            stroke: colour(`--hue${at % 6}`),
            dash: DASHES[at % DASHES.length],
            width: 2,
            points: { show: false },
          })),
        ],
      },
      [[]],
      element,
    );
    chart.current = made;
    const sized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    sized.observe(element);
    return () => {
      sized.disconnect();
      made.destroy();
    };
  }, [names]);
  useEffect(() => {
    chart.current?.setData([[...seconds], ...lines.map(({ values }) => [...values])]);
  });
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <table class="numbers">
        <caption class="hidden">{title}, now</caption>
        <tbody>
          {lines.map(({ name, values }, at) => (
            <tr key={name}>
              <th scope="row">
                <svg class="dash" viewBox="0 0 32 4" aria-hidden="true">
                  <line
                    x1="0"
                    x2="32"
                    y1="2"
                    y2="2"
                    class={`hue${at % 6}`}
                    stroke-dasharray={DASHES[at % DASHES.length].join(' ')}
                  />
                </svg>
                {name}
              </th>
              <td>{numberText(values.at(-1) ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

/** Three digits are enough to see a change by. */
export function numberText(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
