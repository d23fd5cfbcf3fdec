import { expect, it } from 'vitest';
import { oneNameViolations } from './one-name.js';

const violations = (one: string, other: string) =>
  oneNameViolations([
    { path: 'src/space/stepper.ts', text: one },
    { path: 'src/explore/step-list.ts', text: other },
  ]);

it.each([
  ['a value and a type', 'export const Step = 1;', 'export interface Step {}'],
  ['a class', 'export class Step {}', 'export abstract class Step {}'],
  ['functions', 'export function* Step() {}', 'export async function Step() {}'],
  ['an enum and a type', 'export enum Step {}', 'export type Step = 1;'],
  ['a name taken apart', 'export const { a, ...Step } = x;', 'export const [, Step = 1] = y;'],
  ['an export at the end', 'const Step = 1; export { Step };', 'const own = 1; export { own as Step };'],
])('refuses one name for two things: %s', (_, one, other) => {
  expect(violations(one, other)).toEqual([
    'Step is declared 2 times: src/space/stepper.ts:1, src/explore/step-list.ts:1; give each thing a name',
  ]);
});

it.each([
  ['a re-export', 'export const Step = 1;', "export { Step } from '../space/stepper.js';"],
  ['what was imported', 'export const Step = 1;', "import { Step } from '../space/stepper.js'; export { Step };"],
  ['names that stay at home', 'export const Step = 1;', 'const Step = 1; export const step = Step;'],
  ['a type beside its value', 'export const Step = 1; export type Step = 1;', 'export const Steps = 1;'],
  ['overloads', 'export function f(a: 1): 1; export function f(a: 2): 2; export function f(a: any) { return a; }', ''],
])('allows %s', (_, one, other) => {
  expect(violations(one, other)).toEqual([]);
});
