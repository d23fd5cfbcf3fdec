/** What a failure says and exits with. */
import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { failureOf } from '../../../src/cli/terminal/failure.js';
import { InputError, ModelError } from '../../../src/core/errors.js';

it('wrong input is its sentence, with our name and a full stop', () => {
  expect(failureOf(new InputError('faultline: no'))).toEqual({ sentence: 'faultline: no.', status: 2 });
  expect(failureOf(new ModelError('did you\n  mean it?'))).toEqual({
    sentence: 'faultline: did you mean it?',
    status: 2,
  });
});

it('commander has spoken already; help is no failure', () => {
  const unknown = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'");
  // The sentence has been said; --json gives it once more.
  const message = "faultline: unknown option '--x'.";
  expect(failureOf(unknown)).toEqual({ sentence: undefined, message, status: 2 });
  expect(failureOf(new CommanderError(0, 'commander.help', ''))).toEqual({ sentence: undefined, status: 0 });
});

it("what a file of the user's throws is named by file and line, be our frames above it or below", () => {
  const error = new TypeError('g.x is not a function');
  const ours = new URL('../../../src/core/automaton/automaton.ts', import.meta.url).pathname;
  error.stack = `TypeError: x\n    at Automaton.run (${ours}:3:4)\n    at prepareFolio (/home/me/mine.ts:7:12)\n    at ${ours}:9:9`;
  expect(failureOf(error)).toEqual({ sentence: 'faultline: /home/me/mine.ts:7: g.x is not a function.', status: 2 });
});

it('all else is our own failure: the stack, and no answer', () => {
  const error = new Error('oh');
  const ours = new URL('../../../src/core/automaton/automaton.ts', import.meta.url).pathname;
  error.stack = `Error: oh\n    at run (${ours}:3:4)\n    at node:internal/process/task_queues:95:5`;
  const { sentence, status } = failureOf(error);
  expect(status).toBe(3);
  expect(sentence).toMatch(/^faultline: this should not have happened: Error: oh\n {4}at /);
});
