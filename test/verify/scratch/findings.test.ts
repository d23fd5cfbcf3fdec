/**
 * What a search on disk finds is what the same search in memory finds, as deep as there; the run to it is looked for backwards,
 * and is the same whatever the sizes are.
 */
import { describe, expect, it } from 'vitest';
import {
  builtinScenario,
  defineModel,
  gmem,
  here,
  type Model,
  type VerifyOptions,
  verify,
} from '../../../src/index.js';
import { abba } from '../../oracles/classic/abba.js';
import { preparedness } from '../../oracles/preparedness.js';
import { folderForTest, SMALL, searchBoth, TINY } from './on-disk.js';

/** Goes to the disk after a few states. */
const FEW = { aloneUntil: 1, coverage: false } as const;

function onDisk(model: Model, options: VerifyOptions = {}) {
  return verify(model, { ...FEW, ...options, scratch: folderForTest() });
}

const BROKEN: [string, Model][] = [
  ['a step that breaks a check', gmem(builtinScenario('fault-vs-punch'), 'bitmap-nolock')],
  ['a deadlock', abba],
];

describe.each(BROKEN)('%s', (_, model) => {
  it.each([true, false])('is found at the same depth, with the same columns; all: %s', async (all) => {
    const options = { all, symmetry: false, por: false };
    const memory = await verify(model, { ...FEW, ...options, liveness: false, lockOrder: false });
    const disk = await onDisk(model, options);
    expect(disk.folder).toBeDefined();
    expect(disk.findings.length).toBeGreaterThan(0);
    const told = ({ findings }: typeof disk) => findings.map(({ signature, steps }) => `${signature} ${steps}`).sort();
    expect(told(disk)).toEqual(told(memory));
    expect([disk.states, disk.transitions, disk.depth]).toEqual([memory.states, memory.transitions, memory.depth]);
  });

  it('has the same run whatever the sizes are, with the kernel and without', async () => {
    const runs = [];
    for (const [sizes, kernel] of [
      [TINY, true],
      [SMALL, true],
      [SMALL, false],
    ] as const) {
      const options = { symmetry: false, por: false, kernel };
      const { disk } = await searchBoth(model, folderForTest(), { options, sizes });
      const { sightings, table } = disk.search;
      runs.push([...sightings.bySignature].map(([text, { state }]) => [text, state, table.size]));
    }
    expect(runs[0].length).toBeGreaterThan(0);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});

it('is the same after a run that was stopped', async () => {
  const model = BROKEN[0][1];
  const options = { ...FEW, all: true, symmetry: false, por: false };
  const whole = await verify(model, { ...options, scratch: folderForTest() });
  const scratch = folderForTest();
  const part = await verify(model, { ...options, scratch, maxStates: whole.states / 2 });
  expect(part.stoppedBy).toMatch(/^the bound of/);
  expect(part.verdict).toBe('inconclusive');
  const rest = await verify(model, { ...options, scratch });
  expect(rest.findings.map(({ id, schedule }) => ({ id, schedule }))).toEqual(
    whole.findings.map(({ id, schedule }) => ({ id, schedule })),
  );
});

it('with symmetry and order reduction, too', async () => {
  const model = BROKEN[0][1];
  const [memory, disk] = [await verify(model, { ...FEW, liveness: false }), await onDisk(model)];
  expect(disk.reductions).toEqual(memory.reductions);
  expect(disk.states).toBe(memory.states);
  expect(disk.findings.map(({ signature }) => signature).sort()).toEqual(
    memory.findings.map(({ signature }) => signature).sort(),
  );
});

describe('what is not looked for is told', () => {
  it('the order of locks', async () => {
    const inOrder = defineModel({
      name: 'in order',
      build(m) {
        const [first, second] = [m.mutex('first'), m.mutex('second')];
        m.actors(
          'task',
          2,
          () =>
            function* task() {
              yield* first.lock();
              yield* second.lock();
              yield* second.unlock();
              yield* first.unlock();
            },
        );
      },
    });
    const { verdict, bound } = await onDisk(inOrder);
    expect(verdict).toBe('verified');
    expect(bound.notChecked).toEqual(['the order of locks (not looked at on disk)']);
  });

  it('livelock and starvation, and what must hold beside daemons', async () => {
    const spinning = defineModel({
      name: 'spinning',
      build(m) {
        const flag = m.cell('flag');
        m.actor('sets', function* sets() {
          for (let i = 0; i < 6; i++) yield* flag.write(i % 2);
        });
        m.actor(
          'polls',
          function* polls() {
            const again = yield* here();
            if ((yield* flag.read()) !== 7) yield* again();
          },
          { daemon: true },
        );
        m.finally('flag is 1', [flag], (value) => value === 1 || 'flag is not 1');
      },
    });
    const { bound } = await onDisk(spinning);
    expect(bound.notChecked).toContain('livelock and starvation (a search on disk keeps no graph)');
    expect(bound.notChecked).toContain(
      'what must hold at the end where daemons go round for ever (a search on disk keeps no graph)',
    );
  });

  it('nothing, where there are neither loops nor locks', async () => {
    const { verdict, bound, finalStates } = await onDisk(preparedness.with({ faults: 3 }), {
      symmetry: false,
      por: false,
    });
    expect({ verdict, finalStates, notChecked: bound.notChecked }).toEqual({
      verdict: 'verified',
      finalStates: 21,
      notChecked: [],
    });
  });
});

it('a space that the search in memory comes to the end of leaves the folder alone', async () => {
  const { folder, states } = await verify(preparedness.with({ faults: 2 }), {
    symmetry: false,
    por: false,
    scratch: folderForTest(),
  });
  expect({ folder, states }).toEqual({ folder: undefined, states: 489 });
});

it('keeps to little memory', async () => {
  const options = { symmetry: false, por: false, maxMemoryBytes: 2 ** 20 };
  const { verdict, states, folder } = await onDisk(preparedness.with({ faults: 4 }), options);
  expect({ verdict, states, isOnDisk: folder !== undefined }).toEqual({
    verdict: 'verified',
    states: 65_429,
    isOnDisk: true,
  });
});

it.each([
  [{ count: true }, 'faultline: a search on disk (scratch) counts no interleavings'],
  [{ order: 'depth-first' }, 'faultline: a search on disk (scratch) is breadth-first, not depth-first.'],
] as const)('%o is refused', async (options, words) => {
  await expect(onDisk(preparedness, options)).rejects.toThrow(words);
});
