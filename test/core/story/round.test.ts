import { expect, it } from 'vitest';
import type { Program } from '../../../src/core/program/program.js';
import { type RoundActors, roundViolation } from '../../../src/core/story/round.js';

const program = { actors: ['reader', 'puncher', 'waiter'].map((name) => ({ name })) } as unknown as Program;
const words = (round: Omit<RoundActors, 'kind'>) => roundViolation(program, { kind: 'starvation', ...round }).words;

it.each([
  [[1], [1], 'puncher can go round for ever,'],
  [[1], [0, 1], 'puncher can go round for ever beside reader,'],
  [[1, 2], [0, 1], 'puncher can go round for ever beside reader while waiter can only wait,'],
  [[2], [0, 1], 'reader, puncher can go round for ever while waiter can only wait,'],
  [[0, 1], [0, 1], 'reader, puncher can go round for ever,'],
])('of %j starved and %j going round it says who should come to an end', (starved, movers, says) => {
  expect(words({ starved, movers })).toBe(`${says} although every task gets its turns`);
});
