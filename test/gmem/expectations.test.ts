/** Expectations: the file format and what counts as expected. */
import { expect, it } from 'vitest';
import { isAsExpected, parseExpectations, scenarioName } from '../../src/gmem/expectations.js';

const cell = 'scenario: fault-fault, scheme: v3-inplace';

it('reads cells; values of settings become text', () => {
  const text = `cells:
  - { ${cell}, expect: clean, reason: R1 }
  - { ${cell}, set: { gfns: 2, gate: false, conversion: vm-attributes }, expect: host-rmp-fault, reason: a sentence }
`;
  expect(parseExpectations(text, 'e.yaml')).toEqual([
    { scenario: 'fault-fault', scheme: 'v3-inplace', set: {}, expect: 'clean', reason: 'R1' },
    {
      scenario: 'fault-fault',
      scheme: 'v3-inplace',
      set: { gfns: '2', gate: 'false', conversion: 'vm-attributes' },
      expect: 'host-rmp-fault',
      reason: 'a sentence',
    },
  ]);
});

it.each([
  ['cells: [', /^faultline: e\.yaml:1:\d+: not valid YAML: /],
  ['', /^faultline: e\.yaml:1:1: expected a mapping with cells, not empty$/],
  ['cells: []', /^faultline: e\.yaml:1:8: /],
  ['cell: []', /^faultline: e\.yaml:1:1: .*cells/],
  [
    `cells:\n  - { ${cell}, expect: leek, reason: r }`,
    /^faultline: e\.yaml:2:\d+: unknown expectation "leek"; .*"leak"\?$/,
  ],
  [`cells:\n  - { ${cell}, expect: clean }`, /^faultline: e\.yaml:2:\d+: reason is missing; allowed: /],
  [`cells:\n  - { ${cell}, expect: clean, reasons: r, reason: r }`, /unknown key "reasons".*did you mean "reason"\?$/],
  [`cells:\n  - { ${cell}, set: { a: [] }, expect: clean, reason: r }`, /^faultline: e\.yaml:2:/],
  [
    `cells:\n  - { ${cell}, expect: clean, reason: r }\n  - { ${cell}, expect: broken, reason: r }`,
    /^faultline: e\.yaml:3:5: v3-inplace in fault-fault has a cell already$/,
  ],
])('refuses %j', (text, says) => {
  expect(() => parseExpectations(text, 'e.yaml')).toThrow(says);
});

it('clean is nothing, broken is anything, a kind is that kind', () => {
  expect([isAsExpected('clean', undefined), isAsExpected('clean', 'leak')]).toEqual([true, false]);
  expect([isAsExpected('broken', undefined), isAsExpected('broken', 'leak')]).toEqual([false, true]);
  expect([isAsExpected('leak', 'leak'), isAsExpected('leak', 'deadlock'), isAsExpected('leak', undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

it('names a scenario with its settings in one order', () => {
  expect(scenarioName('a', {})).toBe('a');
  expect(scenarioName('a', { gfns: '2', arch: 'none' })).toBe('a@arch=none@gfns=2');
});
