import { expect, it } from 'vitest';
import { opFinding } from '../../src/live/live-finding.js';
import type { ActorStory, FoundViolation, ToldOp } from '../../src/live/messages.js';
import { compileModel } from '../../src/model/model.js';
import { fixture } from './fixtures/index.js';

const moment = { epoch: 2, seconds: 1.5, calls: 100, faults: 10 };
const place = { function: 'turn', op: 'ring[0] <- STEP', opClass: 'ring <- STEP' };

function story(actor: number, ops: readonly Partial<ToldOp>[]): ActorStory {
  const told = ops.map((op) => ({
    function: 'turn',
    op: 'ring[0] <- STEP',
    value: 0,
    version: undefined,
    order: 0,
    ...op,
  }));
  const calls = [
    { call: 0, name: 'turn', identities: [0], result: 1 },
    { call: 1, name: 'turn', identities: [0], result: undefined },
  ];
  return { actor, place, calls, held: [], ops: told };
}

const held = (actor: number) => (actor === 1 ? [{ lock: 'gate', mode: 'write' as const }] : []);

async function findingOf(stories: readonly ActorStory[], word = 0) {
  const program = await compileModel((await fixture('switches')).with({ actors: 2, objects: 1, rounds: 2 }));
  const found: FoundViolation = {
    ...{ kind: 'leak', words: 'it leaks', rule: 'ring place.p0', actor: 1, word, place },
    signature: { kind: 'leak', cell: 'ring', function: 'turn', op: 'ring <- STEP' },
  };
  return opFinding(program, found, { moment, stories, held });
}

it('the history of an object is in the order of its versions, whoever made them and whenever', async () => {
  const { history } = await findingOf([
    story(0, [
      { version: 4, order: 9 },
      { version: 7, order: 9 },
    ]),
    story(1, [
      { version: 5, order: 2 },
      { version: 6, order: 3 },
    ]),
  ]);
  expect(history.map(({ version, actor }) => [version, actor])).toEqual([
    [4, 0],
    [5, 1],
    [6, 1],
    [7, 0],
  ]);
});

it('versions that wrapped come after those that did not', async () => {
  const { history } = await findingOf([
    story(0, [{ version: 2 ** 29 - 1 }, { version: 1 }]),
    story(1, [{ version: 0 }]),
  ]);
  expect(history.map(({ version }) => version)).toEqual([2 ** 29 - 1, 0, 1]);
});

it('the history of any other cell is in the order of the slices, and each actor keeps its own order', async () => {
  const { history } = await findingOf(
    [
      story(0, [
        { order: 5, value: 1 },
        { order: 5, value: 2 },
      ]),
      story(1, [
        { order: 3, value: 3 },
        { order: 6, value: 4 },
      ]),
    ],
    1,
  );
  expect(history.map(({ value }) => value)).toEqual(['3', '1', '2', '4']);
});

it('tells what broke, where, and what everybody was doing', async () => {
  const finding = await findingOf([story(0, []), story(1, [{ version: 3, value: 2 }])]);
  expect(finding).toMatchObject({
    ...{ kind: 'leak', actor: 1, function: 'turn', op: 'ring[0] <- STEP', cell: 'ring', epoch: 2, calls: 100 },
    call: { call: 1, name: 'turn', identities: [0] },
    wordsAbout: [{ word: 0, name: 'ring[0]' }],
  });
  expect(finding.history[0].value).toBe('place p2');
  expect(
    finding.actors.map(({ actorName, inFlight, completed, held: locks }) => [
      ...[actorName, inFlight?.call, completed.length],
      locks,
    ]),
  ).toEqual([
    ['turner0', 1, 1, []],
    ['turner1', 1, 1, [{ lock: 'gate', mode: 'write' }]],
  ]);
});
