import { describe, expect, it } from 'vitest';
import { Cell } from '../../../src/core/ops/cell.js';
import { Layout } from '../../../src/core/ops/layout.js';
import type { Op } from '../../../src/core/ops/op.js';
import { atomic, here, type Instruction, type Routine, within } from '../../../src/core/ops/routine.js';
import { answering, type PutOff, puttingOff, rewritten, sameKind } from '../../../src/gmem/schemes/rewrite.js';

const layout = new Layout();
const cell = (name: string) => new Cell(layout.add(name, 'cell', 1, 0));
const [a, b, c] = [cell('a'), cell('b'), cell('c')];

describe('rewritten', () => {
  it('runs something else in place of an op, and the routine gets its value', () => {
    function* routine(): Routine<number> {
      return (yield* a.fetchAdd(1)) + (yield* b.fetchAdd(1));
    }
    const instead = rewritten(routine(), (op) => (sameKind(op, a.fetchAdd(1)) ? answering(40) : undefined));
    expect(run(instead, { b: 2 })).toEqual({ steps: ['fetch_add(b, 1)'], value: 42 });
  });
});

describe('puttingOff', () => {
  const writesA: Pick<PutOff, 'early'> = { early: ({ spec }) => spec.region === a.region && spec.writes };
  const untilB: PutOff = { ...writesA, until: ({ spec }) => spec.region === b.region };

  it('moves an op behind the one it waits for', () => {
    function* routine(): Routine {
      yield* a.write(1);
      yield* b.write(1);
      yield* c.write(1);
    }
    expect(run(puttingOff(routine(), untilB)).steps).toEqual(['b = 1', 'a = 1', 'c = 1']);
  });

  it('moves it to the end where what it waits for does not come', () => {
    function* routine(): Routine {
      yield* a.write(1);
      yield* c.write(1);
    }
    expect(run(puttingOff(routine(), untilB)).steps).toEqual(['c = 1', 'a = 1']);
  });

  it('leaves nothing behind where a loop begins, and where it goes round', () => {
    function* routine(): Routine {
      yield* a.write(1);
      const again = yield* here();
      yield* a.write(2);
      if ((yield* c.read()) === 0) yield* again();
    }
    const steps: string[] = [];
    const running = puttingOff(routine(), untilB);
    let answer: unknown;
    while (steps.at(-1) !== 'again') {
      const value = running.next(answer).value as Instruction;
      answer = 0;
      steps.push('mark' in value ? value.mark : value.spec.label.replace('%', value.spec.region?.name ?? ''));
    }
    expect(steps).toEqual(['a = 1', 'here', 'c', 'a = 2', 'again']);
  });

  it('keeps the order of the ops on a cell', () => {
    function* routine(): Routine<number> {
      yield* a.write(1);
      yield* c.write(1);
      const seen = yield* a.read();
      yield* b.write(1);
      return seen;
    }
    expect(run(puttingOff(routine(), untilB), { a: 7 })).toEqual({ steps: ['c = 1', 'a = 1', 'a', 'b = 1'], value: 7 });
  });

  it('waits for the end of the function that it waits for something in', () => {
    function* routine(): Routine {
      yield* a.write(1);
      yield* within('f', '', function* () {
        yield* b.write(1);
        yield* c.write(1);
      });
      yield* c.write(2);
    }
    expect(run(puttingOff(routine(), untilB)).steps).toEqual(['f{', 'b = 1', 'c = 1', '}', 'a = 1', 'c = 2']);
  });

  it('enters the function of an op once more, once for all of its ops', () => {
    function* routine(): Routine {
      yield* within('f', '', function* () {
        yield* a.write(1);
        yield* a.write(2);
      });
      yield* b.write(1);
    }
    expect(run(puttingOff(routine(), untilB)).steps).toEqual(['f{', '}', 'b = 1', 'f{', 'a = 1', 'a = 2', '}']);
  });

  it('lets what belongs to the op it waits for go first', () => {
    function* routine(): Routine {
      yield* a.write(1);
      yield* b.write(1);
      yield* b.read();
      yield* c.write(1);
    }
    const what: PutOff = { ...untilB, unless: ({ spec }) => spec.region === b.region };
    expect(run(puttingOff(routine(), what)).steps).toEqual(['b = 1', 'b', 'a = 1', 'c = 1']);
  });

  it('moves a section as a whole', () => {
    function* routine(): Routine {
      yield* atomic('s', function* () {
        yield* a.write(1);
        yield* c.write(1);
      });
      yield* b.write(1);
    }
    expect(run(puttingOff(routine(), untilB)).steps).toEqual(['b = 1', 's[', 'a = 1', 'c = 1', ']']);
  });

  it('leaves a section where it is in which the routine learns something', () => {
    function* routine(): Routine<number> {
      const seen = yield* atomic('s', function* () {
        yield* a.write(1);
        return yield* c.read();
      });
      yield* b.write(1);
      return seen;
    }
    expect(run(puttingOff(routine(), untilB), { c: 5 })).toEqual({
      steps: ['s[', 'a = 1', 'c', ']', 'b = 1'],
      value: 5,
    });
  });
});

/** Runs a routine alone; every op with a result answers what `answers` says of its cell. */
function run<T>(routine: Routine<T>, answers: Readonly<Record<string, number>> = {}): { steps: string[]; value: T } {
  const steps: string[] = [];
  let answer: unknown;
  for (;;) {
    const { value, done } = routine.next(answer);
    answer = undefined;
    if (done) return { steps, value };
    if ('mark' in value) {
      if (value.mark === 'enter') steps.push(`${value.name}{`);
      if (value.mark === 'atomic') steps.push(`${value.name}[`);
      if (value.mark === 'leave') steps.push('}');
      if (value.mark === 'end-atomic') steps.push(']');
      continue;
    }
    const { spec } = value as Op<unknown>;
    steps.push(spec.label.replace('%', spec.region?.name ?? ''));
    if (spec.result !== 'none') answer = answers[spec.region?.name ?? ''];
  }
}
