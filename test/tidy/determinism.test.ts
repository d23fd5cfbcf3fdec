import { describe, expect, it } from 'vitest';
import { determinismViolations } from './determinism.js';

const violations = (path: string, text: string) => determinismViolations([{ path, text }]);

describe('in a file that must be deterministic', () => {
  it.each([
    'const r = Math.random();',
    "const r = Math['random']();",
    'const now = Date.now;',
    'const now = performance.now();',
    'const now = globalThis.performance.now();',
    'const now = process.hrtime.bigint();',
    'const now = new Date();',
    'const now = new globalThis.Date();',
    'const now = Date();',
    'const id = crypto.randomUUID();',
  ])('%s', (text) => {
    expect(violations('src/explore/pct.ts', text)).toHaveLength(1);
  });

  it('names file, line and cause', () => {
    expect(violations('src/core/rng.ts', '\n\nMath.random();')).toEqual([
      'src/core/rng.ts:3: Math.random makes a run depend on more than its seed',
    ]);
  });

  it('allows the rest of Math and a word in a comment', () => {
    expect(violations('src/core/rng.ts', '// not Math.random()\nMath.imul(2, 3);')).toEqual([]);
  });
});

it.each([
  'src/core/a.ts',
  'src/core/run/a.ts',
  'src/primitives/a.ts',
  'src/model/a.ts',
  'src/space/a.ts',
  'src/gmem/schemes/a.ts',
  'src/explore/a.ts',
  'src/verify/a.ts',
  'machines/a.ts',
])('watches %s', (path) => {
  expect(violations(path, 'Date.now();')).toHaveLength(1);
});

it.each(['src/cli/a.ts', 'src/kept/a.ts', 'src/live/a.ts', 'src/campaign/a.ts', 'workers/a.ts'])(
  'leaves the clock to %s',
  (path) => {
    expect(violations(path, 'Date.now();')).toEqual([]);
  },
);
