/** What the lines of one task say of one another. */
import { expect, it } from 'vitest';
import { surveyOf } from '../../../src/gmem/ftrace/survey.js';
import { contradictionOf, type TaskLine } from '../../../src/gmem/ftrace/task-order.js';
import { fieldsOf, readTraceText } from '../../../src/gmem/ftrace/trace-lines.js';

const LINES: Record<string, string> = {
  exit: 'kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x4 info2 0x10000000',
  announced: 'kvm_page_fault: vcpu 0 rip 0x1 address 0x0000000010000000 error_code 0x4',
  begins: 'pf_in: (kvm_tdp_page_fault+0x4/0xf0) vcpu=0 gfn=0x10000',
  ends: 'pf_out: (x <- kvm_tdp_page_fault) ret=5 vcpu=0 gfn=0x10000',
};
const { lines } = readTraceText(
  Object.values(LINES)
    .map((text, at) => `vcpu0-1 [000] ${at + 1}: ${text}`)
    .join('\n'),
);
const survey = { ...surveyOf(lines), baseGfn: 0x10000 };

function line(name: string): TaskLine {
  const found = lines[Object.keys(LINES).indexOf(name)];
  const call = { call: 'fault', page: 0, isPrivate: false } as const;
  return { line: found, fields: fieldsOf(found.text), call, pfn: undefined };
}

it.each([
  ['announced', undefined],
  // KVM_PRE_FAULT_MEMORY
  ['ends', undefined],
  ['exit', 'no fault was announced (kvm_page_fault)'],
])('a fault that begins behind "%s"', (before, contradiction) => {
  expect(contradictionOf(line('begins'), line(before), survey)).toBe(contradiction);
});
