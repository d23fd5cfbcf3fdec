import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { call, compileModel, defineModel } from '../../src/index.js';
import { columnRows } from '../../src/report/column-rows.js';
import { mermaidSequenceOf } from '../../src/report/mermaid-sequence.js';
import { randomTrace } from './random-run.js';
import { counter, folios, lockOrder } from './toy-models.js';

test('steps are messages to oneself, and the violation of a finished run is a note over all', async () => {
  const program = await compileModel(counter);
  const trace = traceOf(program, program.actors, { steps: [0, 1, 0, 1], choices: [] });
  expect(mermaidSequenceOf(trace)).toBe(`\
sequenceDiagram
  participant a0 as teller0 (deposit)
  participant a1 as teller1 (deposit)
  a0->>a0: balance -#gt; 0
  a1->>a1: balance -#gt; 0
  a0->>a0: balance = 1
  a1->>a1: balance = 1
  Note over a0,a1: *** assertion *** When this happens, a deposit was lost
`);
});

test('the step that breaks is set off', async () => {
  const model = defineModel({
    name: 'leaky',
    build(m) {
      const cell = m.cell('cell');
      m.always('never', [cell], (value) => value === 0 || 'the guest reads residue', { kind: 'leak' });
      m.actor('task', function* task() {
        yield* cell.write(1);
      });
    },
  });
  const program = await compileModel(model);
  expect(mermaidSequenceOf(traceOf(program, program.actors, { steps: [0], choices: [] }))).toBe(`\
sequenceDiagram
  participant a0 as task
  rect rgb(253, 224, 224)
    a0->>a0: cell = 1 *** leak ***
  end
  Note over a0: When this happens, the guest reads residue
`);
});

test('text that Mermaid would take for its own is escaped', async () => {
  const model = defineModel({
    name: 'odd',
    build(m) {
      const cell = m.cell('cell');
      m.actor('task #1', [
        call('x\ny 5%%', function* body() {
          yield* cell.read().named('<b>; #1');
        }),
      ]);
    },
  });
  const program = await compileModel(model);
  const text = mermaidSequenceOf(traceOf(program, program.actors, { steps: [0], choices: [] }));
  expect(text).toBe(`\
sequenceDiagram
  participant a0 as task #35;1 (x y 5#37;#37;)
  a0->>a0: #lt;b#gt;#59; #35;1 -#gt; 0
`);
});

test('over random runs: a line for each row in time order, blocks closed, nothing but known statements', async () => {
  const programs = await Promise.all([counter, lockOrder, folios, folios.with({ vcpus: 3 })].map(compileModel));
  const runs = fc.record({ program: fc.nat({ max: programs.length - 1 }), seed: fc.nat() });
  fc.assert(
    fc.property(runs, ({ program, seed }) => {
      const trace = randomTrace(programs[program], seed);
      const lines = mermaidSequenceOf(trace).split('\n');
      const statement =
        /^(sequenceDiagram|\s+(participant a\d+ as .+|a(\d+)->>a\3: .+|Note over a\d+(,a\d+)?: .+|rect .+|end)|)$/;
      for (const line of lines) expect(line).toMatch(statement);
      expect(lines.filter((line) => line.trim() === 'end').length).toBe(
        lines.filter((line) => /\srect /.test(line)).length,
      );
      const drawn = lines.filter((line) => /->>|Note over a\d+:/.test(line)).map((line) => /a(\d+)/.exec(line)?.[1]);
      const actors = columnRows(trace).map(({ actor }) => String(actor));
      expect(drawn.slice(0, actors.length)).toEqual(actors);
    }),
  );
});
