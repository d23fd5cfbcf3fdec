import { expect, it } from 'vitest';
import { callNameViolations } from './call-names.js';

const NAMES = ['read', 'write', 'punch-hole', 'pin', 'populate'];
const violations = (text: string, path = 'src/gmem/model.ts') => callNameViolations([{ path, text }], NAMES);

it.each([
  ["const host = ['punch-hole', 'pin'];", 'a list'],
  ["type Call = 'punch-hole' | 'pin';", 'a union'],
  ["const routines = { pin: 1, 'punch-hole': 2 };", 'a table'],
])('refuses %s: %s', (text) => {
  expect(violations(`\n${text}`)).toEqual([
    expect.stringMatching(/^src\/gmem\/model.ts: lists calls: .*\(line 2\).*registry.ts is the list$/),
  ]);
});

it.each([
  "if (spec.call === 'populate') f();",
  "if ('read' !== call) f();",
  "switch (spec.call) { case 'write': break; default: }",
])('refuses %s', (text) => {
  expect(violations(`\n${text}`)).toEqual([expect.stringMatching(/^src\/gmem\/model.ts:2: asks whether a call is "/)]);
});

it('allows how a lock is held, one routine by its name, and what is no call of a scenario', () => {
  expect(violations("f('read', 'write'); const scheme = { populate: g }; if (mode === 'read') f();")).toEqual([]);
  expect(violations("switch (op.code) { case 'pin': break; }")).toEqual([]);
});

it('allows the calls themselves, and the words of logs and of traces', () => {
  for (const room of ['calls', 'trace', 'ftrace']) {
    expect(violations("const kinds = ['punch-hole', 'pin'];", `src/gmem/${room}/a.ts`)).toEqual([]);
  }
  expect(violations("const kinds = ['punch-hole', 'pin'];", 'src/subject/a.ts')).toHaveLength(1);
});
