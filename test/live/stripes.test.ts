import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defineModel } from '../../src/index.js';
import { Command } from '../../src/live/lock-layout.js';
import { LockAbandoned } from '../../src/live/shared-guard.js';
import { SharedMemory, STRIPES } from '../../src/live/shared-memory.js';
import { domainHash, Guard, Section, stripeOf } from '../../src/live/stripes.js';
import { compileModel } from '../../src/model/model.js';

async function memoryOf(): Promise<SharedMemory> {
  const model = defineModel({
    name: 'one',
    build: (m) => {
      const cell = m.cell('cell');
      m.actor('one', function* one() {
        yield* cell.add(1);
      });
    },
  });
  const memory = new SharedMemory(await compileModel(model), 1);
  memory.resetWorld(1);
  return memory;
}

it('a section that only reads counts if nobody wrote meanwhile', async () => {
  const memory = await memoryOf();
  const [mine, other] = [new Section(memory), new Section(memory)];
  mine.open(5);
  expect(mine.close()).toBe(true);
  mine.open(5);
  other.open(5);
  expect(other.hold()).toBe(true);
  expect(other.close()).toBe(true);
  expect(mine.close()).toBe(false);
});

it('a section that writes takes its stripe, unless another one wrote since it began', async () => {
  const memory = await memoryOf();
  const [mine, other] = [new Section(memory), new Section(memory)];
  mine.open(5);
  other.open(5);
  expect(mine.hold()).toBe(true);
  expect(mine.guard).toBe(Guard.Holding);
  expect(other.hold()).toBe(false);
  expect(mine.close()).toBe(true);
  expect(other.hold()).toBe(false);
  expect(other.close()).toBe(false);
  other.open(5);
  expect(other.hold() && other.close()).toBe(true);
});

it('sections of different stripes do not meet', async () => {
  const memory = await memoryOf();
  const [mine, other] = [new Section(memory), new Section(memory)];
  mine.open(5);
  expect(mine.hold()).toBe(true);
  other.open(6);
  expect(other.hold() && other.close() && mine.close()).toBe(true);
});

it('a section about several things is disturbed by none of those of one of them, and disturbs each', async () => {
  const memory = await memoryOf();
  const [mine, other] = [new Section(memory), new Section(memory)];
  for (const stripe of [5, 9]) {
    other.open(stripe);
    mine.amongAll([9, 5, 9, 7], (last) => {
      expect(last).toBe(9);
      expect([5, 7, 9].map((each) => memory.stripes[each] & 1)).toEqual([1, 1, 0]);
      mine.open(last);
      expect(mine.hold()).toBe(true);
      expect(mine.close()).toBe(true);
    });
    expect(other.hold()).toBe(false);
    other.close();
  }
});

it('a section about several things gives them back when something is thrown in it', async () => {
  const memory = await memoryOf();
  const section = new Section(memory);
  const isThrown = () =>
    section.amongAll([5, 7], () => {
      throw new Error('in its middle');
    });
  expect(isThrown).toThrow('in its middle');
  section.open(5);
  expect(section.hold() && section.close()).toBe(true);
});

it('whoever waits for the second of several stripes, which a dead thread holds, gives the first back', async () => {
  const memory = await memoryOf();
  const [dead, mine, other] = [new Section(memory), new Section(memory), new Section(memory)];
  dead.open(7);
  dead.hold();
  memory.words[memory.locks.command] = Command.Broken;
  expect(() => mine.amongAll([5, 7, 9], () => 0)).toThrow(LockAbandoned);
  other.open(5);
  expect(other.hold() && other.close()).toBe(true);
});

it('ghosts can be held beside a section', async () => {
  const memory = await memoryOf();
  const [mine, other] = [new Section(memory), new Section(memory)];
  mine.open(5);
  mine.hold();
  mine.enterGhosts();
  other.open(7);
  expect(other.hold() && other.close()).toBe(true);
  mine.leaveGhosts();
  other.enterGhosts();
  other.leaveGhosts();
  expect(mine.close()).toBe(true);
});

it('whoever waits for a stripe that a dead thread holds gives up when the epoch is broken', async () => {
  const memory = await memoryOf();
  const [dead, mine] = [new Section(memory), new Section(memory)];
  dead.open(5);
  dead.hold();
  memory.words[memory.locks.command] = Command.Broken;
  expect(() => mine.open(5)).toThrow(LockAbandoned);
});

it('a version that overflows is still a version', async () => {
  const memory = await memoryOf();
  memory.stripes[5] = 0x7fff_fffe;
  const section = new Section(memory);
  section.open(5);
  expect(section.hold() && section.close()).toBe(true);
  expect(memory.stripes[5]).toBe(-0x8000_0000);
  section.open(5);
  expect(section.hold() && section.close()).toBe(true);
});

it('neighbours in a domain lie on different cache lines, and nothing but the common stripes lies on theirs', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(8190), (name, position) => {
      const hash = domainHash(name);
      const stripe = stripeOf(hash, position);
      expect(stripe).toBeGreaterThan(1);
      expect(stripe).toBeLessThan(STRIPES);
      expect(stripeOf(hash, position + 1) >> 4).not.toBe(stripe >> 4);
    }),
  );
});
