import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import type { Program } from '../../src/core/program/program.js';
import { Coverage, type NotReached } from '../../src/explore/coverage.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { compileModel, defineModel } from '../../src/index.js';

/** A door: closed or open; a closed one that is closed again is a finding. */
const door = setup({ types: { events: {} as { type: 'OPEN' | 'CLOSE' | 'PAINT' } } }).createMachine({
  id: 'door',
  type: 'parallel',
  states: {
    leaf: {
      initial: 'closed',
      states: {
        closed: { tags: 'closed', on: { OPEN: 'open', CLOSE: 'slammed', PAINT: {} } },
        open: { on: { OPEN: {}, CLOSE: 'closed', PAINT: {} } },
        slammed: { tags: 'violation', meta: { kind: 'assertion', words: 'the door is closed twice' } },
      },
    },
  },
});

async function program(): Promise<Program> {
  const model = defineModel({
    name: 'house',
    build(m) {
      const flag = m.cell('flag');
      const doors = m.objects('door', door, 2);
      const way = m.cells('way', 1, { refTo: doors });
      m.actor('visitor', function* visit() {
        if (yield* flag.cmpxchg(0, 1)) yield* way.at(0).write(doors.id(0));
        else yield* flag.write(5);
        const found = yield* way.at(0).read();
        if (found !== null) yield* doors.at(found).send('OPEN');
      });
      m.actor('closer', function* close() {
        yield* doors.at(1).send('CLOSE');
      });
      m.actor('setter', function* set() {
        yield* flag.write(1);
      });
      m.actor('clearer', function* clear() {
        yield* way.at(0).write(null);
      });
    },
  });
  return compileModel(model);
}

function uncoveredAfter(house: Program, coverage: Coverage, runs: readonly (readonly number[])[]): NotReached {
  for (const steps of runs) replaySchedule(house, { steps, choices: [] });
  coverage.scan();
  return coverage.uncovered(undefined);
}

describe('Coverage', () => {
  it('is the same whether it is looked at after every run or once', async () => {
    const house = await program();
    const [often, once] = [new Coverage(house), new Coverage(house)];
    for (const steps of [[2], [0, 0, 2], [2, 0, 0, 0, 3], [0, 0, 0, 0]]) uncoveredAfter(house, often, [steps]);
    once.scan();
    expect(often.uncovered(undefined)).toEqual(once.uncovered(undefined));
  });

  it('knows ops that are pending and never ran', async () => {
    const house = await program();
    expect(uncoveredAfter(house, new Coverage(house), [[2]]).neverExecuted).toEqual([
      'clear: way = NULL',
      'close: door <- CLOSE',
      'visit: cmpxchg(flag, 0, 1)',
    ]);
  });

  it('tells tests and lookups that went one way from those that went both', async () => {
    const house = await program();
    const coverage = new Coverage(house);
    expect(uncoveredAfter(house, coverage, [[0, 0, 0]]).oneSided).toEqual([
      'visit: cmpxchg(flag, 0, 1) -> always true',
      'visit: way -> never NULL',
    ]);
    expect(uncoveredAfter(house, coverage, [[2, 0]]).oneSided).toEqual(['visit: way -> never NULL']);
    expect(uncoveredAfter(house, coverage, [[0, 0, 3, 0]]).oneSided).toEqual([]);
    const other = await program();
    expect(uncoveredAfter(other, new Coverage(other), [[2, 0, 0, 0]]).oneSided).toEqual([
      'visit: cmpxchg(flag, 0, 1) -> always false',
      'visit: way -> always NULL',
    ]);
  });

  it('knows events that were never sent; pending is not sent', async () => {
    const house = await program();
    const coverage = new Coverage(house);
    expect(uncoveredAfter(house, coverage, [[0, 0, 0]]).eventsNeverSent).toEqual([
      'door: CLOSE',
      'door: OPEN',
      'door: PAINT',
    ]);
    expect(uncoveredAfter(house, coverage, [[0, 0, 0, 0]]).eventsNeverSent).toEqual(['door: CLOSE', 'door: PAINT']);
  });

  it('counts an op that was refused as executed, and its event as sent, when it is told of it', async () => {
    const house = await program();
    const coverage = new Coverage(house);
    const { node } = replaySchedule(house, { steps: [1], choices: [] });
    expect(uncoveredAfter(house, coverage, []).neverExecuted).toContain('close: door <- CLOSE');
    coverage.refused(node);
    const { neverExecuted, eventsNeverSent } = uncoveredAfter(house, coverage, []);
    expect(neverExecuted).not.toContain('close: door <- CLOSE');
    expect(eventsNeverSent).toEqual(['door: OPEN', 'door: PAINT']);
  });

  it('looks ahead to what the calls could lead to, behind tests that no run took the other way', async () => {
    const house = await program();
    const coverage = new Coverage(house);
    replaySchedule(house, { steps: [2, 0], choices: [] });
    coverage.scan();
    expect(coverage.uncovered(undefined).neverExecuted).not.toContain('visit: door <- OPEN');
    const { neverExecuted, eventsNeverSent, eventsWithinReach } = coverage.uncovered(await program());
    expect(neverExecuted).toContain('visit: door <- OPEN');
    expect(eventsNeverSent).toEqual(['door: CLOSE', 'door: OPEN', 'door: PAINT']);
    expect(eventsWithinReach).toEqual(['door: CLOSE', 'door: OPEN']);
  });

  it('reports what is new, so that the sum of the reports is the whole', async () => {
    const [house, twin] = [await program(), await program()];
    const [whole, parts, sum] = [new Coverage(house), new Coverage(twin), new Coverage(twin)];
    for (const steps of [[0, 0, 0, 0], [2, 0], [1]]) {
      replaySchedule(house, { steps, choices: [] });
      replaySchedule(twin, { steps, choices: [] });
      sum.merge(parts.scan());
    }
    expect(parts.scan()).toEqual({ ops: [], events: [], values: [] });
    whole.scan();
    expect(sum.uncovered(undefined)).toEqual(whole.uncovered(undefined));
  });
});
