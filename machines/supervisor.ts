/**
 * The supervisor machine: starts, pauses, resumes, stops and restarts the vCPUs of a live run together.
 *
 * It is paused, broken or stopped once every vCPU is quiet. A vCPU that dies breaks the epoch: the others are called to
 * a halt at once, and a restart brings the dead ones back. Declaration only; `command`, which makes threads obey, is
 * provided by src/live/supervisor.ts.
 */

import { type ActorRefFrom, enqueueActions, setup } from 'xstate';
import { type VcpuEvent, vcpuMachine } from './vcpu.js';

/** What the threads are told. */
export type ThreadOrder = 'load' | 'run' | 'pause' | 'break' | 'stop';

/** What the supervisor is asked; the last line: what vCPUs, given by number, tell it. */
export type SupervisorEvent =
  | { type: 'START' | 'PAUSE' | 'STOP' | 'RESTART' }
  /** `fresh`: a new epoch begins. */
  | { type: 'RESUME'; fresh: boolean }
  | { type: 'VCPUS'; vcpus: readonly number[]; answer: Extract<VcpuEvent['type'], 'PAUSED' | 'STOPPED' | 'DIED'> }
  | { type: 'VCPU_QUIET' };

/** The supervisor of `input.vcpus` vCPUs. */
export const supervisorMachine = setup({
  types: {} as {
    context: { vcpus: ActorRefFrom<typeof vcpuMachine>[] };
    events: SupervisorEvent;
    input: { vcpus: number };
  },
  actors: { vcpu: vcpuMachine },
  actions: {
    /** Hands an answer to the vCPUs it is about. */
    route: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'VCPUS') return;
      for (const vcpu of event.vcpus) enqueue.sendTo(context.vcpus[vcpu], { type: event.answer });
    }),
    /** Tells every vCPU what is asked of it. */
    tell: enqueueActions(({ context, enqueue }, { type }: { type: 'START' | 'PAUSE' | 'RESUME' | 'STOP' }) => {
      for (const vcpu of context.vcpus) enqueue.sendTo(vcpu, { type });
    }),
    /** Makes the threads obey; the declaration knows no threads. */
    command: (_, _order: { order: ThreadOrder }) => {},
  },
  guards: {
    allQuiet: ({ context }) => context.vcpus.every((vcpu) => vcpu.getSnapshot().hasTag('quiet')),
    died: ({ event }) => event.type === 'VCPUS' && event.answer === 'DIED',
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input, spawn }) => ({
    vcpus: Array.from({ length: input.vcpus }, (_, vcpu) => spawn('vcpu', { id: `vcpu${vcpu}` })),
  }),
  initial: 'idle',
  on: {
    VCPUS: [{ guard: 'died', actions: 'route', target: '.breaking' }, { actions: 'route' }],
    STOP: '.stopping',
  },
  states: {
    idle: { on: { START: 'starting' } },
    starting: {
      entry: [
        { type: 'tell', params: { type: 'START' } },
        { type: 'command', params: { order: 'load' } },
      ],
      on: { VCPU_QUIET: { guard: 'allQuiet', target: 'paused' } },
    },
    running: {
      entry: [
        { type: 'tell', params: { type: 'RESUME' } },
        { type: 'command', params: { order: 'run' } },
      ],
      on: { PAUSE: 'pausing', VCPU_QUIET: { guard: 'allQuiet', target: 'paused' } },
    },
    pausing: {
      entry: [
        { type: 'tell', params: { type: 'PAUSE' } },
        { type: 'command', params: { order: 'pause' } },
      ],
      on: { VCPU_QUIET: { guard: 'allQuiet', target: 'paused' } },
    },
    paused: { on: { RESUME: 'running' } },
    breaking: {
      entry: [
        { type: 'tell', params: { type: 'PAUSE' } },
        { type: 'command', params: { order: 'break' } },
      ],
      on: { VCPU_QUIET: { guard: 'allQuiet', target: 'broken' } },
    },
    broken: { on: { RESTART: 'starting' } },
    stopping: {
      entry: [
        { type: 'tell', params: { type: 'STOP' } },
        { type: 'command', params: { order: 'stop' } },
      ],
      on: {
        // A thread that dies now has ended as it was to end.
        VCPUS: { actions: 'route' },
        VCPU_QUIET: { guard: 'allQuiet', target: 'stopped' },
      },
    },
    stopped: { type: 'final' },
  },
});
