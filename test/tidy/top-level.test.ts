import { expect, it } from 'vitest';
import { topLevelViolations } from './top-level.js';

it('refuses a folder that the layout does not have, once', () => {
  const violations = topLevelViolations(['lib/a.ts', 'lib/b.ts', 'src/index.ts']);
  expect(violations).toHaveLength(1);
  expect(violations[0]).toMatch(/^lib: /);
});

it('refuses a stray file, even one named like a folder below', () => {
  expect(topLevelViolations(['core', 'notes.txt', '.env'])).toHaveLength(3);
});

it('allows what the layout has', () => {
  expect(topLevelViolations(['src/core/op.ts', 'package.json', '.ci/run', 'LICENSE'])).toEqual([]);
});
