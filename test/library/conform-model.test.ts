/** Logs held against models of one's own, as the library does it. */
import { describe, expect, it } from 'vitest';
import {
  type ConformOptions,
  conform,
  defineModel,
  enter,
  leave,
  type ModelToObserve,
  type Observation,
  type ObservedEvent,
  tracepoint,
} from '../../src/index.js';

/** Two tasks that add to a counter, one op for the other; `lossy` reads and writes. */
const counter = (lossy: boolean) =>
  defineModel({
    name: 'counter',
    build(m) {
      const cell = m.cell('count');
      m.cells('other', 2);
      function* add() {
        yield* enter('add');
        let seen: number;
        if (lossy) {
          seen = yield* cell.read();
          yield* cell.write(seen + 1);
        } else seen = yield* cell.fetchAdd(1);
        yield* tracepoint('added', seen);
        yield* leave();
      }
      m.actors('task', 2, () => add);
    },
  });

/** A line of a log: the task, and what it saw. */
type Line = readonly [task: string, seen: number, time?: number];

const observing =
  (
    lines: readonly Line[],
    after?: (look: { word(word: number): number }, model: ModelToObserve) => string | undefined,
  ) =>
  (model: ModelToObserve): Observation => ({
    events: lines.map(
      ([task, seen, time], place): ObservedEvent => ({
        ...{ actor: model.actor(task), kind: 'tracepoint', name: 'added' },
        ...{ time: time ?? place, line: place + 1, text: `${task} ${seen}` },
        check: (look) => (look.values[0] === seen ? after?.(look, model) : `it saw ${String(look.values[0])}`),
      }),
    ),
    visible: new Set(['tracepoint added']),
  });

describe('a log', () => {
  it('is explained by an execution that shows it', async () => {
    const result = await conform(
      counter(false),
      observing([
        ['task1', 0],
        ['task0', 1],
      ]),
    );
    expect(result).toMatchObject({ verdict: 'explained', events: 2, explained: 2, event: undefined, reasons: [] });
  });

  it('is refused at the first line that no execution shows, with what there is instead', async () => {
    const result = await conform(
      counter(false),
      observing([
        ['task1', 0],
        ['task0', 0],
      ]),
    );
    expect(result).toMatchObject({ verdict: 'refused', explained: 1, event: { line: 2, text: 'task0 0' } });
    expect(result.reasons).toEqual([{ words: 'it saw 1', states: 1 }]);
  });

  it('of another model is explained by what that may do besides', async () => {
    const lines = observing([
      ['task1', 0],
      ['task0', 0],
    ]);
    expect((await conform(counter(true), lines)).verdict).toBe('explained');
  });

  it('may look at the words of the model', async () => {
    const seen: number[] = [];
    const lines = observing(
      [
        ['task0', 0],
        ['task1', 1],
      ],
      (look, { word }) => {
        seen.push(look.word(word('count')));
        return undefined;
      },
    );
    expect((await conform(counter(false), lines)).verdict).toBe('explained');
    expect(Math.max(...seen)).toBe(2);
  });

  it('with more states than are kept is undecided', async () => {
    const { verdict, because } = await conform(
      counter(true),
      observing([
        ['task1', 0],
        ['task0', 0],
      ]),
      { maxStates: 1 },
    );
    expect([verdict, because]).toEqual(['undecided', 'states']);
  });

  it('is left when it is told to', async () => {
    const { verdict, because, explained } = await conform(counter(false), observing([['task1', 0]]), {
      goOn: () => false,
    });
    expect([verdict, because, explained]).toEqual(['undecided', 'stopped', 0]);
  });
});

describe('what is refused', () => {
  it.each([
    [[['task9', 0]], {}, 'unknown actor "task9"; allowed: task0, task1'],
    [
      [
        ['task0', 0, 2],
        ['task1', 1, 1],
      ],
      {},
      'the event of line 2 has the time 1; allowed: whole numbers that do not fall',
    ],
    [[['task0', 0, 0.5]], {}, 'the event of line 1 has the time 0.5'],
    [[['task0', 0]], { maxState: 1 }, 'conform(): unknown option "maxState"'],
  ] as [Line[], ConformOptions, string][])('%j %j', async (lines, options, sentence) => {
    await expect(conform(counter(false), observing(lines), options)).rejects.toThrow(sentence);
  });

  it('a cell that there is not', async () => {
    const lines = (name: string, index?: number) => (model: ModelToObserve) => {
      model.word(name, index);
      return observing([])(model);
    };
    await expect(conform(counter(false), lines('cuont'))).rejects.toThrow(
      'unknown cell "cuont"; allowed: count, other',
    );
    await expect(conform(counter(false), lines('other', 2))).rejects.toThrow('unknown cell "other[2]"');
    await expect(conform(counter(false), lines('other', 1))).resolves.toMatchObject({ verdict: 'explained' });
  });
});
