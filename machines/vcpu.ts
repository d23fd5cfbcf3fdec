/**
 * The vCPU machine: the life of one live actor as the supervisor knows it. A vCPU that is paused stands between two ops;
 * one whose thread has died is dead until it is started again. Declaration only; the supervisor machine spawns one for
 * each actor, vCPU and host task alike.
 */

import { sendParent, setup } from 'xstate';

/** What a vCPU is asked to do (first line), and what its thread answers. */
export type VcpuEvent = { type: 'START' | 'PAUSE' | 'RESUME' | 'STOP' } | { type: 'PAUSED' | 'STOPPED' | 'DIED' };

/** One vCPU. It tells its parent whenever it falls quiet. */
export const vcpuMachine = setup({
  types: {} as { events: VcpuEvent; tags: 'quiet' },
  actions: { tellQuiet: sendParent({ type: 'VCPU_QUIET' }) },
}).createMachine({
  id: 'vcpu',
  initial: 'idle',
  on: { DIED: '.dead' },
  states: {
    idle: { on: { START: 'starting', STOP: 'stopped' } },
    /** Its thread loads the model. */
    starting: { on: { PAUSED: 'paused', STOP: 'stopping' } },
    /** It may fall quiet by itself: a violation freezes the epoch. */
    running: { on: { PAUSE: 'pausing', PAUSED: 'paused', STOP: 'stopping' } },
    pausing: { on: { PAUSED: 'paused', STOP: 'stopping' } },
    paused: { tags: 'quiet', entry: 'tellQuiet', on: { RESUME: 'running', STOP: 'stopping' } },
    stopping: { on: { STOPPED: 'stopped' } },
    stopped: { tags: 'quiet', entry: 'tellQuiet' },
    dead: { tags: 'quiet', entry: 'tellQuiet', on: { START: 'starting', STOP: 'stopped' } },
  },
});
