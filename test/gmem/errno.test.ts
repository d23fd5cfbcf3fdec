import { expect, it } from 'vitest';
import * as errno from '../../src/gmem/errno.js';

const { EAGAIN, EFAULT, ENOMEM, EACCES, RET_PF_FIXED, RET_PF_RETRY, errnoText, retPfText, vmFaultText } = errno;

it('an error has its name, and whatever is none has no text', () => {
  expect([-EAGAIN, -EFAULT, -4095, 0, 3, null, undefined, true].map(errnoText)).toEqual([
    '-EAGAIN',
    '-EFAULT',
    '-4095',
    ...Array(5).fill(undefined),
  ]);
});

it('a fault returns one of RET_PF_*, or an error', () => {
  expect([RET_PF_RETRY, RET_PF_FIXED, -EFAULT, 0].map(retPfText)).toEqual([
    'RET_PF_RETRY',
    'RET_PF_FIXED',
    '-EFAULT',
    undefined,
  ]);
});

it('a user fault makes VM_FAULT_OOM of -ENOMEM, and VM_FAULT_SIGBUS of all other errors', () => {
  expect([-ENOMEM, -EACCES, 0].map(vmFaultText)).toEqual(['VM_FAULT_OOM', 'VM_FAULT_SIGBUS', undefined]);
});
