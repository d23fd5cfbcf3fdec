/** Steps and scripts of thousands of ops and calls: nothing recurses once for each of them. */
import { describe, expect, it } from 'vitest';
import { atomic } from '../../../src/core/ops/routine.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { traceOf } from '../../../src/core/story/trace.js';
import { explore } from '../../../src/explore/explore.js';
import { defineModel, type Model } from '../../../src/model/model.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { verify } from '../../../src/verify/verify.js';
import { programOf } from '../every-run.js';

const MANY = 6_000;

/** Two actors with one section of many ops each; `breaks`: the second one to run breaks a check at its end. */
const sections =
  (breaks: boolean) =>
  (m: ModelBuilder): void => {
    const x = m.cell('x');
    const last = m.cell('last');
    function* scan() {
      for (let i = 0; i < MANY; i++) yield* x.write(i % 3);
      yield* last.add(1);
    }
    const task = () => atomic('scan', scan);
    m.actors('task', 2, () => task);
    if (breaks) m.always('once', [last], (value) => value < 2);
  };

const model = (breaks: boolean): Model => defineModel({ name: 'sections', build: sections(breaks) });

describe('an atomic section of 6,000 ops', () => {
  it('is one step', async () => {
    const executor = new Executor(await programOf(sections(false)));
    executor.step(1);
    executor.step(0);
    expect([executor.complete, executor.state[1]]).toEqual([true, 2]);
  });

  it('is verified', async () => {
    const { verdict, states } = await verify(model(false));
    expect([verdict, states]).toEqual(['verified', 4]);
  });

  it('that breaks something is found, made small and told by both engines', async () => {
    const { findings, program } = await explore(model(true), { schedules: 1 });
    expect(findings.map(({ kind, minimal, steps }) => ({ kind, minimal, steps }))).toEqual([
      { kind: 'assertion', minimal: true, steps: 2 },
    ]);
    expect(traceOf(program, program.actors, findings[0].schedule).violation?.rule).toBe('once');
    expect((await verify(model(true))).findings.map(({ rule }) => rule)).toEqual(['once']);
  });
});

it('a script of 6,000 calls without an op comes to its first op', async () => {
  const nothing = call('nothing', function* nothing() {});
  const program = await programOf((m) => {
    const x = m.cell('x');
    const writes = call('writes', function* writes() {
      yield* x.write(1);
    });
    m.actor('task', [...Array.from({ length: MANY }, () => nothing), writes, nothing]);
  });
  const executor = new Executor(program);
  executor.step(0);
  expect([executor.complete, executor.callsOf(0), executor.state[0]]).toEqual([true, MANY + 2, 1]);
});
