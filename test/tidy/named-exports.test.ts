import { expect, it } from 'vitest';
import { namedExportViolations } from './named-exports.js';

const violations = (text: string, path = 'src/core/op.ts') => namedExportViolations([{ path, text }]);

it.each([
  'export default 1;',
  'export default class {}',
  'const a = 1; export { a as default };',
  "export { default } from './a.js';",
  "export * as default from './a.js';",
])('refuses %s', (text) => {
  expect(violations(text)).toEqual(['src/core/op.ts:1: a default export; give it a name']);
});

it.each([
  'export const a = 1;',
  "export { default as a } from './a.js';",
  '/** export default defineModel() */ export const a = 1;',
])('allows %s', (text) => {
  expect(violations(text)).toEqual([]);
});

it('leaves what lies outside src alone', () => {
  expect(violations('export default 1;', 'machines/folio.ts')).toEqual([]);
});
