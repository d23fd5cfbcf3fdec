/** Rows, keys and addresses of a page, as functions of a document. */
import { describe, expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { compileModel } from '../../src/index.js';
import { traceDocument } from '../../src/report/trace-document.js';
import { pageAddressOf, pagePlaceOf } from '../../src/viewer/address.js';
import { takenAfterKey } from '../../src/viewer/keys.js';
import { brokenStep, foldsOf, laneRowsOf, switchesOf, waitText } from '../../src/viewer/rows.js';
import { breakingTrace, randomTrace } from '../report/random-run.js';
import { lockOrder } from '../report/toy-models.js';

const program = await compileModel(gmem(builtinScenario('fault-vs-convert'), 'v2-hook-every-fault'));
const locks = await compileModel(lockOrder);
const documents = [1, 2, 3, 4].map((seed) => traceDocument(randomTrace(program, seed), { source: {} }));

describe('rows', () => {
  it('name a function once for each visit', () => {
    for (const trace of documents) {
      const entered = laneRowsOf(trace).flatMap(({ at, enters }) =>
        enters.map(
          ({ depth }) => `${trace.steps[at].actor} ${trace.steps[at].call} ${trace.steps[at].frames[depth].visit}`,
        ),
      );
      expect(new Set(entered).size).toBe(entered.length);
      const visits = new Set(
        trace.steps.flatMap(({ actor, call, frames }) => frames.map(({ visit }) => `${actor} ${call} ${visit}`)),
      );
      expect(new Set(entered)).toEqual(visits);
    }
  });

  it('say of a wait where it begins', () => {
    const trace = traceDocument(breakingTrace(locks, 'deadlock'), { source: {} });
    const begins = laneRowsOf(trace).flatMap(({ at, beginsToWait }) => beginsToWait.map(({ actor }) => [at, actor]));
    const last = trace.steps.length - 1;
    // In a deadlock each begins once, and the last with the last step.
    expect(begins.map(([, actor]) => actor).sort()).toEqual(trace.actors.map((_, actor) => actor));
    expect(begins.map(([at]) => at).at(-1)).toBe(last);
    expect(waitText(trace, trace.steps[last].waits![0])).toMatch(
      /^waits for \w+ \((?:queued )?(?:holder|writer|reader) \w+\)$/,
    );
  });
});

describe('folds', () => {
  it('hide no step that conflicts, takes a lock or breaks, and steps of one actor each', () => {
    let folded = 0;
    for (const trace of documents) {
      const seen = new Set(trace.conflicts.flatMap(({ from, to }) => [from, to]));
      for (const { from, to } of foldsOf(trace)) {
        const steps = trace.steps.slice(from, to + 1);
        folded += steps.length;
        expect(new Set(steps.map(({ actor }) => actor)).size).toBe(1);
        expect(steps.some(({ ops = [] }) => ops.some(({ lock }) => lock !== undefined))).toBe(false);
        expect([...seen].filter((at) => at >= from && at <= to)).toEqual([]);
        expect(brokenStep(trace)! < from || brokenStep(trace)! > to).toBe(true);
      }
    }
    expect(folded).toBeGreaterThan(0);
  });
});

describe('keys', () => {
  const [trace] = documents;
  const last = trace.steps.length;

  it('go to where the help says', () => {
    const [first, second] = switchesOf(trace).map((at) => at + 1);
    expect(takenAfterKey('j', trace, last)).toBe(last);
    expect(takenAfterKey('k', trace, 0)).toBe(0);
    expect(takenAfterKey('j', trace, 3)).toBe(4);
    expect(takenAfterKey('n', trace, 0)).toBe(first);
    expect(takenAfterKey('n', trace, first)).toBe(second);
    expect(takenAfterKey('p', trace, second)).toBe(first);
    expect(takenAfterKey('End', trace, 0)).toBe(last);
    expect(takenAfterKey('Home', trace, last)).toBe(0);
    expect(takenAfterKey('x', trace, 3)).toBeUndefined();
  });
});

describe('addresses', () => {
  it('are read as they are written', () => {
    for (const place of [
      { run: 0, taken: 17 },
      { run: 2, taken: 0 },
      { run: 3, taken: undefined },
    ]) {
      expect(pagePlaceOf(`#${pageAddressOf(place)}`)).toEqual(place);
    }
  });

  it.each(['', '#', '#step=x', '#step=-1', '#something'])('say nothing where they are none: "%s"', (hash) => {
    expect(pagePlaceOf(hash)).toEqual({ run: 0, taken: undefined });
  });
});
