/** Errors behind irreversible effects, as live runs, files, tokens and logs know them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import {
  call,
  conform,
  defineModel,
  explore,
  loadModel,
  replay,
  stress,
  tokenOf,
  tracepoint,
  verify,
  writeFinding,
} from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-partial-effect-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = fileURLToPath(new URL('../testing/conversion.mjs', import.meta.url));
const conversion = await loadModel(file);

it('a finding is replayed from its file and from its token, with the effect in its columns', async () => {
  const { findings } = await verify(conversion);
  const story = /zap\(0\)\n +\(irreversible: an accepted page is gone\)[\s\S]*\*\*\* partial-effect \*\*\*/;
  const kept = await replay(await writeFinding(conversion, findings[0], folder), { trusted: true });
  expect(kept.finding).toMatchObject({ kind: 'partial-effect', id: findings[0].id });
  expect(kept.story).toMatch(story);
  const found = (await explore(conversion)).findings[0];
  const told = await replay(await tokenOf(conversion, found), { world: file });
  expect(told.finding?.id).toBe(found.id);
  expect(told.story).toMatch(story);
});

it('a live run finds it, and the schedule that shows it', async () => {
  const { findings } = await stress(conversion, { budgetMs: 60_000, threads: 2 });
  expect(findings.map(({ seen }) => seen.kind)).toEqual(['partial-effect']);
  expect(findings[0].reproducer?.finding).toMatchObject({ kind: 'partial-effect' });
});

it('a live run of the repaired conversion finds nothing', async () => {
  const { findings, report } = await stress(conversion.with({ repaired: true }), { budgetMs: 1_500, threads: 2 });
  expect(findings).toEqual([]);
  expect(report.threads).toBe(2);
});

it('a log that goes on behind such a return is explained by no execution, and the reason names it', async () => {
  const twice = (isIrreversible: boolean) =>
    defineModel({
      name: 'twice',
      build(m) {
        const page = m.cell('page', { initial: 1 });
        m.errors((result) => result < 0);
        function* convert() {
          const zap = page.write(0);
          yield* isIrreversible ? zap.irreversible('the page is gone') : zap;
          yield* tracepoint('zapped');
          return -1;
        }
        function* next() {
          yield* page.read();
          yield* tracepoint('next');
        }
        m.actor('task', [call('convert', convert), call('next', next)]);
      },
    });
  const observing = (names: readonly string[]) => (model: Parameters<Parameters<typeof conform>[1]>[0]) => ({
    events: names.map((name, place) => ({
      ...{ actor: model.actor('task'), kind: 'tracepoint' as const, name },
      ...{ time: place, line: place + 1, text: name },
      check: () => undefined,
    })),
    visible: new Set(['tracepoint zapped', 'tracepoint next']),
  });
  expect((await conform(twice(false), observing(['zapped', 'next']))).verdict).toBe('explained');
  const result = await conform(twice(true), observing(['zapped', 'next']));
  expect(result).toMatchObject({ verdict: 'refused', explained: 1, event: { text: 'next' } });
  expect(result.reasons.map(({ words }) => words).join()).toContain(
    'convert returns the error -1 after an effect of its own that nobody can undo: the page is gone',
  );
});
