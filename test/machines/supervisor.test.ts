import { expect, it } from 'vitest';
import { createActor, transition } from 'xstate';
import { supervisorMachine, type ThreadOrder } from '../../machines/supervisor.js';
import { type VcpuEvent, vcpuMachine } from '../../machines/vcpu.js';

function supervisor(vcpus: number) {
  const orders: ThreadOrder[] = [];
  const command = (_: unknown, { order }: { order: ThreadOrder }) => void orders.push(order);
  const actor = createActor(supervisorMachine.provide({ actions: { command } }), { input: { vcpus } });
  actor.start();
  const all = Array.from({ length: vcpus }, (_, vcpu) => vcpu);
  return {
    orders,
    send: actor.send.bind(actor),
    answer: (answer: 'PAUSED' | 'STOPPED' | 'DIED', ...some: number[]) =>
      actor.send({ type: 'VCPUS', vcpus: some.length === 0 ? all : some, answer }),
    state: () => actor.getSnapshot().value,
    vcpus: () => actor.getSnapshot().context.vcpus.map((vcpu) => vcpu.getSnapshot().value),
  };
}

it('is paused only when every vCPU is', () => {
  const s = supervisor(3);
  s.send({ type: 'START' });
  expect(s.state()).toBe('starting');
  s.answer('PAUSED', 0, 2);
  expect(s.state()).toBe('starting');
  s.answer('PAUSED', 1);
  expect(s.state()).toBe('paused');
  s.send({ type: 'RESUME', fresh: true });
  expect(s.vcpus()).toEqual(['running', 'running', 'running']);
  s.send({ type: 'PAUSE' });
  expect(s.vcpus()).toEqual(['pausing', 'pausing', 'pausing']);
  s.answer('PAUSED');
  expect(s.state()).toBe('paused');
  expect(s.orders).toEqual(['load', 'run', 'pause']);
});

it('is paused when the vCPUs fall quiet by themselves', () => {
  const s = supervisor(2);
  s.send({ type: 'START' });
  s.answer('PAUSED');
  s.send({ type: 'RESUME', fresh: true });
  s.answer('PAUSED');
  expect(s.state()).toBe('paused');
  expect(s.orders).toEqual(['load', 'run']);
});

it('a vCPU that dies brings all others to rest, and a restart starts the dead alone', () => {
  const s = supervisor(3);
  s.send({ type: 'START' });
  s.answer('PAUSED');
  s.send({ type: 'RESUME', fresh: true });
  s.answer('DIED', 1);
  expect(s.state()).toBe('breaking');
  s.answer('PAUSED', 0, 2);
  expect(s.state()).toBe('broken');
  // A run that is broken cannot be resumed.
  s.send({ type: 'RESUME', fresh: false });
  expect(s.state()).toBe('broken');
  s.send({ type: 'RESTART' });
  expect(s.vcpus()).toEqual(['paused', 'starting', 'paused']);
  s.answer('PAUSED', 1);
  expect(s.state()).toBe('paused');
  expect(s.orders).toEqual(['load', 'run', 'break', 'load']);
});

it.each(['starting', 'pausing', 'paused', 'broken'])('a vCPU may die while the supervisor is %s', (when) => {
  const s = supervisor(2);
  s.send({ type: 'START' });
  if (when !== 'starting') s.answer('PAUSED');
  if (when === 'pausing' || when === 'broken') s.send({ type: 'RESUME', fresh: true });
  if (when === 'pausing') s.send({ type: 'PAUSE' });
  if (when === 'broken') {
    s.answer('DIED', 1);
    s.answer('PAUSED', 0);
  }
  expect(s.state()).toBe(when);
  s.answer('DIED', 0);
  if (s.state() === 'breaking') s.answer('PAUSED', 1);
  expect(s.state()).toBe('broken');
  expect(s.vcpus()[0]).toBe('dead');
});

it.each(['idle', 'starting', 'running', 'pausing', 'paused', 'broken'])('can be stopped while it is %s', (when) => {
  const s = supervisor(2);
  if (when !== 'idle') s.send({ type: 'START' });
  if (!['idle', 'starting'].includes(when)) s.answer('PAUSED');
  if (['running', 'pausing', 'broken'].includes(when)) s.send({ type: 'RESUME', fresh: true });
  if (when === 'pausing') s.send({ type: 'PAUSE' });
  if (when === 'broken') {
    s.answer('DIED', 0);
    s.answer('PAUSED', 1);
  }
  expect(s.state()).toBe(when);
  s.send({ type: 'STOP' });
  // The threads pause on their way out; one of them dies there.
  if (s.state() !== 'stopped') {
    s.answer('PAUSED');
    expect(s.state()).toBe('stopping');
    if (when !== 'broken') s.answer('DIED', 0);
    s.answer('STOPPED', 1);
  }
  expect(s.state()).toBe('stopped');
});

it('a vCPU takes no order that does not fit its state', () => {
  const allowed: Record<string, readonly VcpuEvent['type'][]> = {
    idle: ['START', 'STOP', 'DIED'],
    starting: ['PAUSED', 'STOP', 'DIED'],
    running: ['PAUSE', 'PAUSED', 'STOP', 'DIED'],
    pausing: ['PAUSED', 'STOP', 'DIED'],
    paused: ['RESUME', 'STOP', 'DIED'],
    stopping: ['STOPPED', 'DIED'],
    stopped: ['DIED'],
    dead: ['START', 'STOP'],
  };
  const alone = vcpuMachine.provide({ actions: { tellQuiet: () => {} } });
  const events = ['START', 'PAUSE', 'RESUME', 'STOP', 'PAUSED', 'STOPPED', 'DIED'] as const;
  for (const [state, taken] of Object.entries(allowed)) {
    const snapshot = alone.resolveState({ value: state as never });
    const moves = events.filter((type) => transition(alone, snapshot, { type })[0].value !== state);
    expect([state, ...moves].sort()).toEqual([state, ...taken].sort());
  }
});
