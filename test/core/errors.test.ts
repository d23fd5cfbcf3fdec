import { describe, expect, it } from 'vitest';
import { InputError, ModelError } from '../../src/core/errors.js';

describe.each([
  { name: 'InputError', Kind: InputError },
  { name: 'ModelError', Kind: ModelError },
])('$name', ({ name, Kind }) => {
  it('carries its name, so that a log tells it from other errors', () => {
    expect(String(new Kind('seed is -1'))).toBe(`${name}: seed is -1`);
  });

  it('keeps the cause it was given', () => {
    const cause = new Error('line 3');
    expect(new Kind('bad scenario', { cause }).cause).toBe(cause);
  });
});

it('an input error is no model error', () => {
  expect(new InputError('x')).not.toBeInstanceOf(ModelError);
});
