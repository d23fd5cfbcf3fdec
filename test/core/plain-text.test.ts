import { expect, it } from 'vitest';
import { plainJson, plainText } from '../../src/core/plain-text.js';

it.each([
  ['a line\nand\ta tab', 'a line\nand\ta tab'],
  ['é 漢字 👩‍💻 naïve', 'é 漢字 👩‍💻 naïve'],
  ['\u001b[2J\u0007\r\u007f', '\\x1b[2J\\x07\\x0d\\x7f'],
  ['\u009b31m', '\\x9b31m'],
  ['\u202eabc\u2066\u200f\ufeff', '\\u202eabc\\u2066\\u200f\\ufeff'],
  ['\u2028\u2029', '\\u2028\\u2029'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
])('%j reads %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});

it('leaves a document of JSON what it is', () => {
  const value = { text: '\u001b\u0085\u202e\u2028\u{e0041}é', more: ['\n\t'] };
  const json = plainJson(JSON.stringify(value, null, 2));
  expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
  expect(JSON.parse(json)).toEqual(value);
});
