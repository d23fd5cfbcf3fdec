import { expect, it } from 'vitest';
import { ACTOR_LOCK_WORDS, LOCK_WORDS } from '../../src/live/lock-layout.js';
import { ActorWord, LiveControl, SharedMemory } from '../../src/live/shared-memory.js';
import { compileModel } from '../../src/model/model.js';
import { fixture } from './fixtures/index.js';

it('every thread that carves the same buffer sees the same words', async () => {
  const program = await compileModel(await fixture('every-lock'));
  const memory = new SharedMemory(program, 2);
  const other = new SharedMemory(program, 2, memory.buffer);
  memory.resetWorld(3);
  expect([...other.model]).toEqual([...program.layout.initial()]);
  expect(other.words[LiveControl.Epoch]).toBe(3);
  memory.counters[5] = 0.5;
  expect(other.counters[5]).toBe(0.5);
});

it('no two things lie on one word', async () => {
  const program = await compileModel(await fixture('every-lock'));
  const memory = new SharedMemory(program, 3);
  const { locks: layout } = memory;
  const owners = new Map<number, string>();
  const claim = (owner: string, first: number, count: number) => {
    for (let word = first; word < first + count; word++) {
      expect(`${word} ${owners.get(word)}`).toBe(`${word} undefined`);
      owners.set(word, owner);
    }
  };
  for (const word of Object.values(LiveControl)) claim('control', word, 1);
  claim('command', layout.command, 1);
  for (let thread = 0; thread < 3; thread++) {
    claim('doorbell', layout.doorbellBase + thread * layout.doorbellStride, 1);
    claim('mail', memory.mailWord(thread), 1);
  }
  for (let actor = 0; actor < layout.actors; actor++) {
    claim('actor', memory.actorWord(actor, 0), ACTOR_LOCK_WORDS);
    claim('calls', memory.actorWord(actor, ActorWord.Calls), 1);
  }
  for (let lock = 0; lock < layout.locks; lock++) claim('lock', layout.lockBase + lock * layout.lockStride, LOCK_WORDS);
  const wordOf = ({ byteOffset }: { byteOffset: number }) => byteOffset / 4;
  claim('stripes', wordOf(memory.stripes), memory.stripes.length);
  claim('model', wordOf(memory.model), memory.model.length);
  claim('counters', wordOf(memory.counters), memory.counters.length * 2);
  expect(Math.max(...owners.keys())).toBeLessThan(memory.buffer.byteLength / 4);
});

it('a lock has the name that traces print', async () => {
  const program = await compileModel(await fixture('every-lock'));
  const memory = new SharedMemory(program, 1);
  const names = Array.from({ length: memory.locks.locks }, (_, lock) => memory.lockName(lock));
  expect(names.slice(0, 5)).toEqual(['mutexes[0]', 'mutexes[1]', 'mutexes[2]', 'gate', 'spin']);
  expect(new Set(names).size).toBe(names.length);
});

it('an actor that took a token never finds it changed, unless the model starts it unchanged', async () => {
  const { neverTaken, tokenOf } = new SharedMemory(await compileModel(await fixture('every-op')), 1);
  const program = await compileModel(await fixture('every-op'));
  const initial = program.layout.initial();
  for (const [base, token] of tokenOf) expect(neverTaken[token] === initial[base]).toBe(initial[base] === 0);
});
