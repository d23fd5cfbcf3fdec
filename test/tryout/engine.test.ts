/**
 * The engine in pages, run where there is nothing but the language and what every browser has: what it says of a schedule is
 * what the engines say, and its tokens replay.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import { pageRunOf } from '../../src/kept/page-runs.js';
import { replayed } from '../../src/kept/replayed.js';
import type { TryData, TryEngine } from '../../src/trace/page-data.js';
import { root } from '../cli/run-cli.js';

const TOKEN =
  'fl1:user-fault-vs-convert:v2-hook-every-fault::dcb733e8.4def6014.99e501b1:AwABAAEBAwEFAgoBBQCIRggY_iKIO8A7rqzSFSvkx7K-yej9p9M0NbrroJf-IFqL9nnA46a0Vy_xmw:b105d52c';

const browser = createContext({ TextEncoder, btoa, structuredClone });
runInContext(readFileSync(join(root, 'dist/viewer/engine.js'), 'utf8'), browser);
const { faultlineTry } = browser as { faultlineTry: TryEngine };

const run = await replayed(TOKEN, () => {});
const page = await pageRunOf(run, TOKEN);
const follow = await faultlineTry.start(JSON.parse(JSON.stringify(page.trying)) as TryData);

it('tells a run as the command line does', () => {
  const { trace, token, next } = follow(run.trace.schedule);
  const plain = JSON.parse(JSON.stringify(trace));
  // Columns end with the nearest run that passes, which is searched for where a page is written.
  const { source: _, columns: __, ...told } = plain;
  const { source: ___, columns: ____, ...expected } = JSON.parse(JSON.stringify(page.trace));
  expect(told).toEqual(expected);
  expect(token).toBe(TOKEN);
  // It breaks there.
  expect([...next]).toEqual([]);
});

it('goes on from any step with whoever can run, and its token replays', async () => {
  const steps = run.trace.schedule.steps.slice(0, 15);
  const { next } = follow({ steps, choices: [] });
  expect(next.map(({ actor, outcomes }) => ({ actor, outcomes }))).toEqual([
    { actor: 1, outcomes: 0 },
    { actor: 2, outcomes: 0 },
  ]);
  const path = { steps: [...steps, 2], choices: [] };
  const again = await replayed(follow(path).token, () => {});
  expect(again.trace.schedule).toEqual(path);
  expect(again.finding).toBeUndefined();
});
