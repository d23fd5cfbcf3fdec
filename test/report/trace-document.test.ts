/** Trace documents: what they say of cells, actors and conflicts is what the run did. */
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/core/run/executor.js';
import { heldText } from '../../src/core/story/operand-text.js';
import { type Trace, traceOf } from '../../src/core/story/trace.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { compileModel, defineModel } from '../../src/index.js';
import { traceDocument } from '../../src/report/trace-document.js';
import {
  cellsAt,
  documentValueText,
  lastWriterOf,
  type TraceDocument,
  touchedCells,
  traceSchema,
} from '../../src/trace/public.js';
import { breakingTrace, randomTrace } from './random-run.js';
import { counter, folios, lockOrder } from './toy-models.js';

const about = { source: {} };
const programs = {
  counter: await compileModel(counter),
  lockOrder: await compileModel(lockOrder),
  folios: await compileModel(folios),
  'guest_memfd, fault-vs-convert': await compileModel(gmem(builtinScenario('fault-vs-convert'), 'v2-hook-every-fault')),
};
const SEEDS = [1, 2, 3, 4, 5];

describe.each(Object.entries(programs))('%s', (_, program) => {
  const traces = SEEDS.map((seed) => randomTrace(program, seed));
  const documents = traces.map((trace) => traceDocument(trace, about));

  it('is a document of its schema', () => {
    for (const document of documents) expect(traceSchema.parse(document)).toEqual(document);
  });

  it('holds behind every step what the executor holds', () => {
    for (const [place, trace] of traces.entries()) {
      const document = documents[place];
      follow(trace, (executor, steps) => {
        const values = cellsAt(document, steps);
        for (const [cell, { name, kind }] of document.cells.entries()) {
          if (kind === 'lock' || kind === 'token') continue;
          expect([name, documentValueText(document, cell, values[cell])]).toEqual([name, textIn(executor, name)]);
        }
      });
    }
  });

  it('says who can go on, and of all others that have calls to make what they wait for', () => {
    for (const [place, trace] of traces.entries()) {
      const document = documents[place];
      follow(trace, (executor, steps) => {
        const { runnable, waits } = steps === 0 ? document.start! : document.steps[steps - 1];
        const all = document.actors.map((_, actor) => actor);
        expect(runnable).toEqual(all.filter((actor) => executor.canRun(actor)));
        const unfinished = all.filter((actor) => executor.callsOf(actor) < trace.actors[actor].calls.length);
        expect([...runnable!, ...waits!.map(({ actor }) => actor)].sort()).toEqual(unfinished);
      });
    }
  });

  it('names the nearest conflicting pairs, and no others', () => {
    for (const document of documents) expect(document.conflicts).toEqual(conflictsByPairs(document));
  });
});

it('a deadlock has its ring, and who is in whose way as what', () => {
  const document = traceDocument(breakingTrace(programs.lockOrder, 'deadlock'), about);
  const ring = document.deadlock?.ring.map((actor) => document.actors[actor].name);
  expect([...ring!].sort()).toEqual(['populate', 'toucher', 'unmapper']);
  const populate = document.deadlock?.waits.find(({ actor }) => document.actors[actor].name === 'populate');
  expect(populate).toMatchObject({ lock: 'mmap_lock' });
  expect(populate?.for.map(({ as }) => as)).toContain('queued writer');
  expect(document.cells[populate!.cell!].name).toBe('mmap_lock');
});

it('the cause of what broke is the step that it conflicts with', () => {
  const document = traceDocument(breakingTrace(programs.folios, 'stale-mapping'), about);
  const { step, cause, against } = document.blame!;
  expect(document.steps[cause!].actor).not.toBe(document.steps[step].actor);
  expect(document.steps[cause!].frames.at(-1)?.name).toBe(against);
});

it('a token says who took it, and for whom it has changed since', async () => {
  const program = await compileModel(
    defineModel({
      name: 'token',
      build(m) {
        const seq = m.token('seq');
        m.actor('looker', function* look() {
          yield* seq.take();
          yield* seq.changed();
        });
        m.actor('changer', function* change() {
          yield* seq.bump();
        });
      },
    }),
  );
  const document = traceDocument(traceOf(program, program.actors, { steps: [0, 1, 0], choices: [] }), about);
  const texts = [0, 1, 2].map((steps) => documentValueText(document, 0, cellsAt(document, steps)[0]));
  expect(texts).toEqual(['nobody has taken it', 'unchanged since looker took it', 'changed since looker took it']);
});

it('finds who wrote a cell last', () => {
  const document = traceDocument(randomTrace(programs.counter, 1), about);
  const writes = document.steps.flatMap((step, place) => (touchedCells(step).writes.includes(0) ? [place] : []));
  expect(lastWriterOf(document, 0, document.steps.length)).toBe(writes.at(-1));
  expect(lastWriterOf(document, 0, writes[0])).toBeUndefined();
});

/** Looks at an executor before the first step of a run and behind each. */
function follow({ program, actors, schedule, steps }: Trace, look: (executor: Executor, steps: number) => void): void {
  const executor = new Executor(program, actors);
  let answered = 0;
  look(executor, 0);
  for (const [place, { actor }] of steps.entries()) {
    executor.step(actor, executor.choicesOf(actor) > 0 ? schedule.choices[answered++] : 0);
    // What was refused is in no state.
    if (executor.violation === undefined) look(executor, place + 1);
  }
}

function textIn({ program, state }: Executor, name: string): string {
  const { layout, machines, objects } = program;
  const word = Array.from({ length: layout.words }, (_, at) => at).find((at) => layout.nameOf(at) === name)!;
  const region = layout.regionOf(word);
  const object = objects.find((each) => each.region === region);
  return object === undefined ? heldText(region, state[word]) : machines[object.machine].describe(state[word]);
}

/** Every pair of steps looked at for itself. */
function conflictsByPairs({ steps }: TraceDocument): TraceDocument['conflicts'] {
  const touched = steps.map(touchedCells);
  const found: TraceDocument['conflicts'] = [];
  for (let to = 0; to < steps.length; to++) {
    for (let from = 0; from < to; from++) {
      if (steps[from].actor === steps[to].actor) continue;
      const cells = [...touched[to].reads, ...touched[to].writes].filter((cell) => {
        const between = touched.slice(from + 1, to);
        if (between.some(({ writes }) => writes.includes(cell))) return false;
        if (touched[from].writes.includes(cell)) return true;
        const readsLater = steps.slice(from + 1, to).some((step, place) => {
          return step.actor === steps[from].actor && between[place].reads.includes(cell);
        });
        return touched[from].reads.includes(cell) && touched[to].writes.includes(cell) && !readsLater;
      });
      if (cells.length > 0) found.push({ from, to, cells });
    }
  }
  return found;
}
