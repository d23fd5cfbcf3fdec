/** Programs that are published with 51 and 101 threads: each strategy finds what breaks them, and it replays. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { type ExploreResult, explore } from '../../src/explore/explore.js';
import { Workers } from '../../src/explore/lanes.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { compileModel, type Finding, keepCalls, loadModel, type Model } from '../../src/index.js';
import { columnsOf } from '../../src/report/columns.js';
import { layoutHash } from '../../src/report/layout-hash.js';
import { replayToken } from '../../src/report/replay-token.js';
import { decodeToken, encodeToken } from '../../src/report/token.js';

let reorder: Model;
let twoStage: Model;

beforeAll(async () => {
  const file = fileURLToPath(new URL('./fixtures/sctbench.mjs', import.meta.url));
  reorder = await loadModel(file, 'reorder');
  twoStage = await loadModel(file, 'twostage');
});

/** The finding as a token brings it back, in columns. */
async function replayed(model: Model, { schedule, kept, opsHash }: Finding): Promise<string> {
  const program = await compileModel(model);
  const actors = keepCalls(program.actors, kept);
  const trace = traceOf(program, actors, schedule);
  const parts = { scenario: '00000001', scheme: '00000002', layout: layoutHash(program) };
  const given = { scenario: 's', scheme: '', settings: {}, parts, kept, schedule, opsHash };
  const token = await decodeToken(encodeToken({ ...given, stepHashes: trace.stepHashes }));
  expect(replayToken(program, token, parts)).toMatchObject({ agrees: true, notes: [] });
  expect(replaySchedule(program, schedule, actors).violation).toBeDefined();
  return columnsOf(trace);
}

describe.each(['random', 'pct', 'pos', 'surw'] as const)('%s', (strategy) => {
  it('finds that 50 setters and a checker get out of order, in fewer than 4,096 schedules', async () => {
    const { findings } = await explore(reorder, { strategy, schedules: 4_096, workers: 1 });
    expect(findings).toMatchObject([{ signature: 'assertion on bad in check: bad = *', steps: 4, minimal: true }]);
    const story = await replayed(reorder, findings[0]);
    expect(story).toMatch(/^set\d+ \(set\) {2}check\n/);
    expect(story).toContain('When this happens, a is set and b is not.');
  });
});

it('pos finds that 100 setters in two stages and a reader interfere, in fewer than 256 schedules', async () => {
  const { findings } = await explore(twoStage, { strategy: 'pos', schedules: 256, workers: 1 });
  expect(findings).toMatchObject([{ signature: 'assertion on bad in read: bad = *', steps: 10, minimal: true }]);
  expect(await replayed(twoStage, findings[0])).toContain('the first stage was seen without the second');
});

describe('worker threads', () => {
  let workers: Workers;

  beforeAll(() => {
    workers = new Workers(2);
  });
  afterAll(() => workers.close());

  it('find the same as one thread', async () => {
    const timeless = ({ findings, stats }: ExploreResult): unknown => ({
      findings,
      stats: { ...stats, seconds: 0, secondsToFirst: 0 },
    });
    const options = { strategy: 'surw', schedules: 512, keepGoing: true } as const;
    const alone = await explore(reorder, { ...options, workers: 1 });
    expect(alone.findings).toHaveLength(1);
    expect(timeless(await explore(reorder, { ...options, workers }))).toEqual(timeless(alone));
  });
});
