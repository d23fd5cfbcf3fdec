import { expect, it } from 'vitest';
import { fileShapeViolations } from './file-shape.js';

const violations = (text: string, path = 'src/core/op.ts') => fileShapeViolations([{ path, text }]);
const lines = (count: number) => `// Design.\n${'\n'.repeat(count - 1)}`;

it('400 lines are allowed and 401 are not', () => {
  expect(violations(lines(400))).toEqual([]);
  expect(violations(lines(401))).toEqual(['src/core/op.ts: 401 lines; 400 is the most, about 200 the habit']);
});

it('counts a last line without a line end', () => {
  expect(violations(`${lines(400)}x`)).toHaveLength(1);
});

it.each([
  '',
  'export const a = 1; // late',
  "import 'xstate';\n/** late */",
  '// @ts-nocheck\n',
  '/* biome-ignore lint */',
])('no opening comment: %j', (text) => {
  expect(violations(text)).toHaveLength(1);
});

it.each(['/** Ops. */\n', '// Ops.\n', '#!/usr/bin/env node\n/** The command line. */\n'])(
  'an opening comment: %j',
  (text) => {
    expect(violations(text)).toEqual([]);
  },
);

it('a scenario opens with a comment too, in its own syntax', () => {
  expect(violations('# Races R1 and R4.\nname: x\n', 'src/gmem/scenarios/x.yaml')).toEqual([]);
  expect(violations('name: x # late\n', 'src/gmem/scenarios/x.yaml')).toHaveLength(1);
});

it('leaves what lies outside src alone', () => {
  expect(violations(`x${lines(500)}`, 'test/core/op.test.ts')).toEqual([]);
});
