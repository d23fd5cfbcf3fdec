/** What a model calls the values of its cells is what traces print; and nothing else changes. */
import { describe, expect, it } from 'vitest';
import {
  atomic,
  compileModel,
  defineModel,
  errnoText,
  keepCalls,
  type Model,
  type ModelBuilder,
  type NamedValues,
  traceOf,
  verify,
} from '../../../src/index.js';
import { columnsOf } from '../../../src/report/columns.js';

const State = { IDLE: 0, BUSY: 1, GONE: -1 };

function modelOf(build: (m: ModelBuilder) => void): Model {
  return defineModel({ name: 'names', build });
}

/** The columns of the one thing that verify finds. */
async function storyOf(build: (m: ModelBuilder) => void): Promise<string> {
  const model = modelOf(build);
  const { findings } = await verify(model);
  expect(findings).toHaveLength(1);
  const program = await compileModel(model);
  return columnsOf(traceOf(program, keepCalls(program.actors, findings[0].kept), findings[0].schedule));
}

/** The steps of one actor that does these ops, as columns print them. */
async function linesOf(ops: (m: ModelBuilder) => () => Generator): Promise<readonly string[]> {
  const model = modelOf((m) => {
    m.actor('a', ops(m) as never);
    m.finally('end', [m.cell('end')], () => 'the end');
  });
  const { findings, program } = await verify(model);
  return traceOf(program, program.actors, findings[0].schedule).steps.map(({ text, result }) =>
    result === undefined ? text : `${text} -> ${result}`,
  );
}

const states = (values: NamedValues | undefined) => (m: ModelBuilder) => {
  const state = m.cell('state', { initial: 1, ...(values && { values }) });
  return function* a() {
    yield* state.read();
    yield* state.write(0);
    yield* state.cmpxchg(0, -1);
    yield* state.swap(1);
    yield* state.fetchAdd(6);
    yield* state.read();
  };
};

describe('values of a cell', () => {
  it('have their names wherever an op stores one or returns one', async () => {
    expect(await linesOf(states(State))).toEqual([
      'state -> BUSY',
      'state = IDLE',
      'cmpxchg(state, IDLE, GONE) -> true',
      'xchg(state, BUSY) -> GONE',
      'fetch_add(state, 6) -> BUSY',
      'state -> 7',
    ]);
  });

  it('are numbers where the model gives none', async () => {
    expect((await linesOf(states(undefined))).slice(0, 4)).toEqual([
      'state -> 1',
      'state = 0',
      'cmpxchg(state, 0, -1) -> true',
      'xchg(state, 1) -> -1',
    ]);
  });

  it('may be named by a list, and in an array of cells', async () => {
    const lines = await linesOf((m) => {
      const turns = m.cells('turn', 2, { values: ['left', 'right'] });
      return function* a() {
        yield* turns.at(1).write(1);
        yield* turns.at(1).read();
      };
    });
    expect(lines).toEqual(['turn[1] = right', 'turn[1] -> right']);
  });

  it('have their names where somebody waits for one for ever', async () => {
    const story = await storyOf((m) => {
      const state = m.cell('state', { values: State });
      m.actor('a', function* a() {
        yield* state.waitUntil((it) => it === State.BUSY);
      });
    });
    expect(story).toContain('state is IDLE');
  });

  it('cost no state', async () => {
    const [named, plain] = await Promise.all(
      [State, undefined].map((values) => verify(modelOf((m) => void m.actor('a', states(values)(m))))),
    );
    expect([named.states, named.verdict]).toEqual([plain.states, plain.verdict]);
  });

  it.each<[string, unknown, string]>([
    ['two names', { A: 1, B: 1 }, 'state calls 1 both "A" and "B"; one name is allowed'],
    ['no word', { A: 1.5 }, 'state calls 1.5 "A"; a cell holds a whole number'],
    ['no name', { ' ': 1 }, 'state calls 1 " "; a name is a text of one letter or more'],
    ['a mark in its name', { '%': 1 }, 'state calls 1 "%"; a name has no % and no $'],
    ['no list', 3, "state has values 3; write { IDLE: 0, BUSY: 1 } or ['IDLE', 'BUSY']"],
  ])('a value with %s is refused', async (_, values, sentence) => {
    await expect(compileModel(modelOf((m) => void m.cell('state', { values: values as never })))).rejects.toThrow(
      sentence,
    );
  });

  it('are not for cells of refs', async () => {
    const model = modelOf((m) => {
      m.cells('refs', 2, { refTo: m.domain('node', 2), values: State } as never);
    });
    await expect(compileModel(model)).rejects.toThrow('unknown option "values"');
  });
});

describe('what is returned', () => {
  it('by a section is told in the words that it is given', async () => {
    const lines = await linesOf((m) => {
      const x = m.cell('x');
      const answers = (value: number) =>
        atomic(
          'asks()',
          function* () {
            yield* x.write(0);
            return value;
          },
          errnoText,
        );
      return function* a() {
        yield* answers(-11);
        yield* answers(-1234);
        yield* answers(0);
      };
    });
    expect(lines).toEqual(['asks() -> -EAGAIN', 'asks() -> -1234', 'asks() -> 0']);
  });

  it('by a look at what a cell of refs holds is NULL, or what it refers to', async () => {
    const lines = await linesOf((m) => {
      const nodes = m.domain('node', 2);
      const link = m.refCell('link', nodes);
      return function* a() {
        yield* link.holds();
        yield* link.write(nodes.id(1));
        yield* link.holds();
        yield* link.mark(-2);
        yield* link.holds();
      };
    });
    expect(lines).toEqual(['link -> NULL', 'link = node 1', 'link -> a node', 'link = -2', 'link -> -2']);
  });

  it('by a look whether a queue is empty is true or false', async () => {
    const lines = await linesOf((m) => {
      const items = m.domain('item', 2);
      const queue = m.queue('queue', items);
      return function* a() {
        yield* queue.isEmpty();
        yield* queue.put(items.id(0));
        yield* queue.isEmpty();
      };
    });
    expect(lines.filter((line) => line.includes('is empty'))).toEqual([
      'queue is empty -> true',
      'queue is empty -> false',
    ]);
  });
});
