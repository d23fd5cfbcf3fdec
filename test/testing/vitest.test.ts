/** The matchers for vitest, as a test of a user's meets them: what passes, what fails, and what it is told. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { defineModel, loadModel, replay } from '../../src/index.js';
import '../../src/testing/vitest.js';

const out = mkdtempSync(join(tmpdir(), 'faultline-matchers-'));
afterAll(() => rmSync(out, { recursive: true }));

const account = await loadModel(fileURLToPath(new URL('./account.mjs', import.meta.url)));
const locked = account.with({ locked: true });

/** A model in the file of a test. */
const here = defineModel({ ...account.definition, source: import.meta.url });

const messageOf = async (asks: Promise<unknown>): Promise<string> =>
  asks.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  );

describe.each([
  ['toBeRaceFree', (model: typeof account) => expect(model).toBeRaceFree({ out })],
  ['toVerify', (model: typeof account) => expect(model).toVerify({ out })],
])('%s', (_, ask) => {
  it('passes where nothing breaks', async () => {
    await ask(locked);
  });

  it('fails with title, columns, and the file that replays it', async () => {
    const message = await messageOf(ask(account) as unknown as Promise<void>);
    expect(message).toMatch(/^BUG: faultline: assertion in deposit \/ deposit\n\nteller0 \(deposit\)/);
    expect(message).toContain('When this happens, a deposit was lost.');
    const [, file] = /^Replay: .* replay (\S+\.json)$/m.exec(message) ?? [];
    expect(existsSync(file)).toBe(true);
    const again = await replay(file, { trusted: true });
    expect(again.finding?.kind).toBe('assertion');
    expect(message).toContain(again.story.trim().slice(0, 60));
  });

  it('says of a model in the file of a test that nobody can replay it', async () => {
    const message = await messageOf(ask(here) as unknown as Promise<void>);
    expect(message).toMatch(/Replay: not possible, for the model is not in a file of its own/);
  });
});

it('.not.toBeRaceFree() fails where nothing is found, and says that this is no proof', async () => {
  await expect(account).not.toBeRaceFree({ out });
  const asks = expect(locked).not.toBeRaceFree({ strategy: 'random', schedules: 50 });
  expect(await messageOf(asks as unknown as Promise<void>)).toBe(
    'account: no race in 50 schedules, which is no proof; a race is expected, and there is none',
  );
  const all = expect(locked).not.toBeRaceFree();
  expect(await messageOf(all as unknown as Promise<void>)).toBe(
    'account: every interleaving was tried; a race is expected, and there is none',
  );
});

describe('no answer', () => {
  it.each([
    ['toVerify', () => expect(locked).toVerify({ maxStates: 2 })],
    ['not.toVerify', () => expect(locked).not.toVerify({ maxStates: 2 })],
    ['toBeRaceFree', () => expect(locked).toBeRaceFree({ stepBound: 2, strategy: 'random', schedules: 5 })],
    ['not.toBeRaceFree', () => expect(locked).not.toBeRaceFree({ stepBound: 2, strategy: 'random', schedules: 5 })],
  ])('fails %s', async (_, ask) => {
    expect(await messageOf(ask() as unknown as Promise<void>)).toMatch(/^account: no answer: /);
  });
});

it('ends before its test does, whatever there is to search', { timeout: 20_000 }, async () => {
  // 7^9 states, without the reductions that would fold them.
  const crowd = defineModel({
    name: 'crowd',
    build(m) {
      const cells = m.cells('cells', 9);
      for (let at = 0; at < 9; at++) {
        m.actor(`actor ${at}`, function* routine() {
          for (let value = 1; value <= 6; value++) yield* cells.at(at).write(value);
        });
      }
    },
  });
  await expect(crowd).toBeRaceFree({ schedules: 1_000_000_000, strategy: 'random', budgetMs: 300 });
  const asked = expect(crowd).toVerify({ por: false, symmetry: false, merge: false, budgetMs: 300 });
  expect(await messageOf(asked as never)).toMatch(/^crowd: no answer: /);
});

it.each([
  [
    'threads for a model in a test',
    () => expect(here).toBeRaceFree({ workers: 2 }),
    /move it out of the test into a file/,
  ],
  [
    'an unknown option',
    () => expect(account).toBeRaceFree({ schedule: 3 } as never),
    /toBeRaceFree\(\): unknown option "schedule"/,
  ],
  ['what is no model', () => expect({}).toVerify(), /a model is what defineModel\(/],
])('refuses %s in a sentence', async (_, ask, sentence) => {
  expect(await messageOf(ask() as unknown as Promise<void>)).toMatch(sentence);
});
