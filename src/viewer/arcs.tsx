/**
 * The arcs at the margin of the lanes: which steps conflict. They say nothing that the panel of the current step does not
 * say in words, so they are hidden from screen readers.
 */

import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { TraceDocument } from '../trace/trace-schema.js';

/** Where there are more, only those of the current step and of the step to blame are drawn. */
const MOST = 80;
/** Places beside the numbers of the steps. */
const WIDTH = 52;

interface ArcsProps {
  readonly trace: TraceDocument;
  readonly taken: number;
  readonly frame: RefObject<HTMLElement>;
  /** Changes whenever rows may have moved. */
  readonly shape: string;
}

interface Arc {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

/** The drawing; as tall as the lanes. */
export function Arcs({ trace, taken, frame, shape }: ArcsProps) {
  const [arcs, setArcs] = useState<readonly Arc[]>([]);
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = () => {
      setHeight(element.scrollHeight);
      setArcs(arcsOf(trace, taken, element));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element.querySelector('table')!);
    measure();
    return () => observer.disconnect();
  }, [trace, taken, shape]);
  return (
    <svg class="arcs" aria-hidden="true" width={WIDTH} height={height}>
      {arcs.map(({ from, to, top, bottom }) => {
        const isNow = from + 1 === taken || to + 1 === taken;
        const isBlame = trace.blame?.cause === from && trace.blame.step === to;
        const reach = Math.min(WIDTH - 8, 10 + (bottom - top) / 14);
        const right = WIDTH - 4;
        return (
          <g key={`${from} ${to}`} class={isNow ? 'now' : isBlame ? 'blame' : ''}>
            <path d={`M${right} ${top} C${right - reach} ${top} ${right - reach} ${bottom} ${right} ${bottom}`} />
            <path
              class="head"
              d={`M${right - 6} ${bottom - 4} L${right + 1} ${bottom} L${right - 6} ${bottom + 4} Z`}
            />
          </g>
        );
      })}
    </svg>
  );
}

function arcsOf({ conflicts, blame }: TraceDocument, taken: number, frame: HTMLElement): Arc[] {
  const middles = new Map<number, number>();
  const top = frame.getBoundingClientRect().top;
  for (const row of frame.querySelectorAll<HTMLElement>('tr[data-at]')) {
    const what = row.querySelector<HTMLElement>('.do, .unfold') ?? row;
    const box = what.getBoundingClientRect();
    const first = Number(row.dataset.at);
    for (let at = first; at <= Number(row.dataset.to ?? first); at++) middles.set(at, box.top + box.height / 2 - top);
  }
  const all = conflicts.length <= MOST;
  return conflicts
    .filter(
      ({ from, to }) => all || from + 1 === taken || to + 1 === taken || (blame?.cause === from && blame.step === to),
    )
    .flatMap(({ from, to }) => {
      const [start, end] = [middles.get(from), middles.get(to)];
      return start === undefined || end === undefined ? [] : [{ from, to, top: start, bottom: end }];
    });
}
