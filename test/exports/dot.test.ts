import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { beforeAll, describe, expect, it } from 'vitest';
import { dotOf } from '../../src/exports/dot.js';
import { hostileRace, race } from './documents.js';

describe('DOT', () => {
  let graphviz: Graphviz;
  beforeAll(async () => {
    graphviz = await Graphviz.load();
  });

  it('is drawn by Graphviz with a lane an actor, a box a step and an edge a conflict', () => {
    const svg = graphviz.dot(dotOf(race));
    expect(svg.match(/class="cluster"/g)).toHaveLength(2);
    expect(svg).toContain('4. MAP(folio 1)');
    expect(svg).toContain('*** use&#45;after&#45;free ***');
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(2);
  });

  it('stands in the order in which the steps happened, from above', () => {
    const svg = graphviz.dot(dotOf(race));
    const heights = [...svg.matchAll(/<text [^>]*y="(-[\d.]+)"[^>]*>(\d)\. /g)]
      .map(([, y, step]) => ({ y: Number(y), step: Number(step) }))
      .sort((one, other) => one.step - other.step)
      .map(({ y }) => y);
    expect(heights).toHaveLength(4);
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
  });

  it('takes words of models for words', () => {
    const svg = graphviz.dot(dotOf(hostileRace));
    expect(svg).toContain('\\N');
    expect(svg).not.toContain('<b>');
  });
});
