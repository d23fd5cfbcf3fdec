import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { inputProblem, notAllowed, shown, unknownName, wholeFrom } from '../../src/core/input-sentence.js';

describe('inputProblem', () => {
  it('is an input error that says where', () => {
    const error = inputProblem('a.yaml:3:1', 'gate is missing; allowed: true, false');
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe('faultline: a.yaml:3:1: gate is missing; allowed: true, false');
  });

  it('leaves the place out when there is none', () => {
    expect(inputProblem('', 'unknown scenario').message).toBe('faultline: unknown scenario');
  });
});

describe('unknownName', () => {
  it('lists what is allowed and asks for the nearest name', () => {
    expect(unknownName('call', 'raed', ['read', 'write'])).toBe(
      'unknown call "raed"; allowed: read, write; did you mean "read"?',
    );
  });

  it('asks nothing when no name is near', () => {
    expect(unknownName('call', 'xyzzy', ['read', 'write'])).toBe('unknown call "xyzzy"; allowed: read, write');
  });
});

describe('notAllowed', () => {
  it('tells a wrong value from a missing one', () => {
    expect(notAllowed('gfns', 0, wholeFrom(1, 4))).toBe('gfns is 0; allowed: a whole number from 1 to 4');
    expect(notAllowed('gfns', undefined, wholeFrom(1, 1))).toBe('gfns is missing; allowed: only 1');
  });
});

describe('shown', () => {
  it.each([
    ['two\nlines', '"two\\nlines"'],
    ['x'.repeat(50), `"${'x'.repeat(37)}..."`],
    [null, 'empty'],
    [[1], 'a list'],
    [{ a: 1 }, 'a mapping'],
    [Number.NaN, 'NaN'],
  ])('shows %j on one short line', (value, text) => {
    expect(shown(value)).toBe(text);
  });
});
