/**
 * One behaviour suite for all primitives: small models of each (fixtures/primitives.mjs), right and with the bug that it is
 * known for. Brute force says what is there; verify, explore and the live engine say the same, with actors that are
 * interchangeable and without.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explore, loadModel, loadModule, type Model, verify } from '../../src/index.js';
import { compileModel } from '../../src/model/model.js';
import { worldsAlone } from '../live/worlds-alone.js';
import { spaceOf } from '../verify/reference.js';

const FIXTURE = fileURLToPath(new URL('./fixtures/primitives.mjs', import.meta.url));
/** A space of more states would be slow to search by brute force. */
const MOST = 20_000;

/** By model: what its bug is found as. */
const KINDS: Readonly<Record<string, string>> = {
  semaphore: 'assertion',
  'semaphore try': 'assertion',
  'semaphore interruptible': 'deadlock',
  condition: 'assertion',
  'condition broadcast': 'deadlock',
  'condition lost wakeup': 'deadlock',
  'condition timed': 'assertion',
  'condition spurious': 'assertion',
  completion: 'use-after-free',
  'completion all': 'deadlock',
  'completion timeout': 'assertion',
  spinlock: 'assertion',
  queue: 'assertion',
  'queue of actors': 'deadlock',
  barrier: 'assertion',
  'wait queue': 'deadlock',
  'wait queue exclusive': 'deadlock',
  'wait queue interruptible': 'deadlock',
  seqlock: 'assertion',
  'seqcount of bits': 'assertion',
  'seqcount writers': 'lock-misuse',
  rcu: 'use-after-free',
  'rcu callbacks': 'use-after-free',
  'rcu of oneself': 'deadlock',
  'work cancelled': 'use-after-free',
  'work flushed': 'deadlock',
  'work slots': 'deadlock',
  'refcount of objects': 'use-after-free',
  'refcount saturates': 'leak',
  downgrade: 'assertion',
  'recursive read': 'deadlock',
  'rwsem killable': 'deadlock',
  spawned: 'assertion',
  'spawned and stuck': 'deadlock',
  'per actor': 'assertion',
  'lock of cells': 'assertion',
};

/** States of right forms, where a formula says how many there are. */
const STATES: Readonly<Record<string, number>> = {
  // Each of three is before, in one of three places inside, or behind; at most two are inside: C(3,k) 3^k 2^(3-k), k <= 2.
  semaphore: 8 + 3 * 3 * 4 + 3 * 9 * 2,
  // Before complete_all(), and behind it any set of the three waiters that are through.
  'completion all': 1 + 2 ** 3,
  // One who holds the lock is in one of three places, the others are before it or behind: with k before it in value k.
  spinlock: 2 ** 3 + 3 * 3 * 2 ** 2,
  // Three who never meet, two steps each; two who give back what they take, four steps each.
  'per actor': 3 ** 3,
  'refcount saturates': 5 ** 2,
};

const SMALL = 'the space is so small that it is searched as it is';

async function modelOf(primitive: string, bug: boolean, symmetric: boolean): Promise<Model> {
  return (await loadModel(FIXTURE)).with({ primitive, bug, symmetric });
}

it('has a row for each model', async () => {
  expect(Object.keys(KINDS)).toEqual((await loadModule(FIXTURE)).names);
});

describe.each(Object.entries(KINDS))('%s', (primitive, kind) => {
  it.each([false, true])('with the bug: %s; every engine says what brute force says', async (bug) => {
    const model = await modelOf(primitive, bug, false);
    const program = await compileModel(model);
    const space = spaceOf(program, MOST)!;
    expect([...new Set(space.signatures.map((signature) => signature.split(' ')[0]))]).toEqual(bug ? [kind] : []);
    expect(bug || space.finalStates.length > 0).toBe(true);
    if (!bug && STATES[primitive] !== undefined) expect(space.states).toBe(STATES[primitive]);

    const plain = { merge: false, symmetry: false, por: false };
    const verified = await verify(model, { all: true, coverage: false, liveness: false, lockOrder: false, ...plain });
    expect(verified.findings.map(({ signature }) => signature).sort()).toEqual(space.signatures);
    expect(verified.states).toBe(space.states);
    // A right form is in no round for ever, and takes its locks in one order.
    const reduced = await verify(model, { all: true, coverage: false, liveness: !bug, lockOrder: !bug });
    expect(reduced.verdict).toBe(bug ? 'violation' : 'verified');
    expect(reduced.findings.map(({ signature }) => signature).sort()).toEqual(space.signatures);
    if (!reduced.finalStatesFolded) expect(reduced.finalStates).toBe(space.finalStates.length);
    expect(reduced.states).toBeLessThanOrEqual(space.states);

    const { findings } = await explore(model, { schedules: bug ? 1_500 : 100, seed: 1n });
    expect([...new Set(findings.map((finding) => finding.kind))]).toEqual(bug ? [kind] : []);

    const alone = worldsAlone(program, bug ? 20_000 : 100, 1n, true);
    expect([...alone.broken.keys()].filter((signature) => !space.signatures.includes(signature))).toEqual([]);
    expect(alone.broken.size).toBe(bug ? 1 : 0);
    expect([...alone.finals].filter((final) => !space.finalStates.includes(final))).toEqual([]);
    expect(alone.endless).toBe(0);
  });

  it('among more than thirty actors, the same', async () => {
    // The broken form runs what the right one does, and ends in a finding besides.
    const model = await modelOf(primitive, true, false);
    const plain = { merge: false, symmetry: false, por: false };
    const options = { all: true, coverage: false, liveness: false, lockOrder: false, ...plain };
    const narrow = await verify(model, options);
    const wide = await verify(model.with({ pad: 29 }), options);
    const told = ({ findings, states, finalStates }: typeof narrow) => [
      ...[findings.map(({ signature }) => signature).sort(), states, finalStates],
    ];
    expect(told(wide)).toEqual(told(narrow));
  });

  it('with actors that are interchangeable, the same in fewer states', async () => {
    for (const bug of [false, true]) {
      const plain = spaceOf(await compileModel(await modelOf(primitive, bug, false)), MOST)!;
      const model = await modelOf(primitive, bug, true);
      const space = spaceOf(await compileModel(model), MOST)!;
      const { findings, states, finalStates, finalStatesFolded, reductions } = await verify(model, {
        ...{ all: true, coverage: false, por: false, liveness: false, lockOrder: false },
      });
      expect([space.states, space.signatures]).toEqual([plain.states, plain.signatures]);
      expect(findings.map(({ signature }) => signature).sort()).toEqual(space.signatures);
      expect(states).toBeLessThanOrEqual(plain.states);
      if (!finalStatesFolded) expect(finalStates).toBe(plain.finalStates.length);
      // Nothing that a primitive does tells actors apart that are declared alike.
      const { used, reasons } = reductions.symmetry;
      if (!used) expect(reasons.filter((reason) => reason !== SMALL && !/no two actors/.test(reason))).toEqual([]);
    }
  });
});

it('a live run of more than thirty actors refuses what a lock with a queue cannot say', async () => {
  for (const [primitive, what] of [
    ['rcu', 'a live run cannot do "in a section?" on rcu.readers[0]'],
    ['recursive read', 'a live run cannot do "one hold more" on lock.holds'],
    ['downgrade', 'a live run cannot do "downgrade_write(%)" on sem'],
    ['wait queue', 'a live run cannot do "prepare_to_wait(queue)" on queue'],
  ]) {
    const program = await compileModel((await modelOf(primitive, false, false)).with({ pad: 31 }));
    expect(() => worldsAlone(program, 1)).toThrow(what);
  }
});
