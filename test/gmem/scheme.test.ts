import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { defineScheme, isScheme, type Scheme } from '../../src/gmem/scheme.js';
import { v2HookEveryFault } from '../../src/gmem/schemes/v2-hook-every-fault.js';

describe('defineScheme', () => {
  it('keeps what is not changed', () => {
    const changed = defineScheme(v2HookEveryFault, { name: 'mine', title: 'my own' });
    const { inherited: _own, ...rest } = changed;
    const { inherited: _base, ...base } = v2HookEveryFault;
    expect(rest).toEqual({ ...base, name: 'mine', title: 'my own' });
    expect(isScheme(changed)).toBe(true);
  });

  it('refuses a routine that no scheme has, and names those that there are', () => {
    const changes = { name: 'mine', *getPage() {} };
    const define = () => defineScheme(v2HookEveryFault, changes);
    expect(define).toThrow(InputError);
    expect(define).toThrow(
      /scheme "mine" \(scheme\.test\.ts:\d+\) changes "getPage", which no scheme has; it may change .*getPfn/,
    );
  });

  it('refuses a base that is no scheme', () => {
    expect(() => defineScheme({} as Scheme, { name: 'mine' })).toThrow('needs a scheme as its base');
  });
});
