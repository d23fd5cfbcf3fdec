import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { call, defineModel, type Ref } from '../../src/index.js';
import { LiveScript } from '../../src/live/live-script.js';
import { SharedMemory } from '../../src/live/shared-memory.js';
import { compileModel } from '../../src/model/model.js';

async function scriptOf(mode: 'loop' | 'once', seed = 1n, options: { drawn?: false } = {}) {
  const model = defineModel({
    name: 'pages',
    build(m) {
      const pages = m.domain('page', 9, options);
      const self = m.domain('self', 2);
      const cell = m.cell('cell');
      function* touch(_a: Ref, _b: Ref, _me: Ref) {
        yield* cell.add(1);
      }
      const script = (index: number) => [
        call('two', touch, pages.id(3), pages.id(5), self.id(index)),
        call('other', touch, pages.id(8), pages.id(8), self.id(index)),
      ];
      m.actors('toucher', 2, script, { symmetric: self });
    },
  });
  const memory = new SharedMemory(await compileModel(model), 1);
  return { script: new LiveScript(1, mode, memory, new Random(seed, 1)), registers: new Int32Array(8) };
}

describe('mode loop', () => {
  it('draws a range anywhere in its domain, and keeps who an actor is', async () => {
    const { script, registers } = await scriptOf('loop');
    script.first(registers);
    const firsts = new Set<number>();
    for (let k = 0; k < 400; k++) {
      const [first, second, self] = registers;
      expect(self).toBe(2);
      expect(second - first).toBe(script.call === 0 ? 2 : 0);
      if (script.call === 0) firsts.add(first);
      script.next(0, registers);
    }
    expect([...firsts].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('keeps the identities of the script where these are not to be drawn', async () => {
    const { script, registers } = await scriptOf('loop', 1n, { drawn: false });
    script.first(registers);
    for (const expected of [
      [4, 6],
      [9, 9],
      [4, 6],
    ]) {
      expect([...registers.subarray(0, 2)]).toEqual(expected);
      script.next(0, registers);
    }
  });

  it('goes round its calls and remembers the last ones', async () => {
    const { script, registers } = await scriptOf('loop');
    script.first(registers);
    const drawn: number[][] = [];
    for (let k = 0; k < 11; k++) {
      drawn.push([registers[0] - 1, registers[1] - 1, 1]);
      script.next(-k, registers);
    }
    const history = script.history();
    expect(history).toHaveLength(8);
    expect(history.slice(0, 7).map(({ identities }) => identities)).toEqual(drawn.slice(4));
    expect(history.map(({ call: position }) => position)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(history.map(({ result }) => result)).toEqual([-4, -5, -6, -7, -8, -9, -10, undefined]);
  });

  it('draws the same from the same seed', async () => {
    const draw = async (seed: bigint) => {
      const { script, registers } = await scriptOf('loop', seed);
      script.first(registers);
      return Array.from({ length: 50 }, () => {
        script.next(0, registers);
        return registers[0];
      });
    };
    expect(await draw(7n)).toEqual(await draw(7n));
    expect(await draw(7n)).not.toEqual(await draw(8n));
  });
});

describe('mode once', () => {
  it('makes the calls as they are written, keeps what they return, and ends', async () => {
    const { script, registers } = await scriptOf('once');
    script.first(registers);
    expect([...registers.subarray(0, 3)]).toEqual([4, 6, 2]);
    script.next(10, registers);
    expect([...registers.subarray(0, 3)]).toEqual([9, 9, 2]);
    script.next(20, registers);
    expect(script.call).toBe(2);
    expect([...script.results]).toEqual([10, 20]);
    expect(script.history().map(({ result }) => result)).toEqual([10, 20]);
    script.memory.resetWorld(2);
    script.first(registers);
    expect([...script.results]).toEqual([0, 0]);
    expect(script.call).toBe(0);
  });
});
