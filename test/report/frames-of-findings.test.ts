/** What an engineer reads of findings: every third broken cell of test/expected.yaml, drawn. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { explore } from '../../src/explore/explore.js';
import { parseExpectations, scenarioName } from '../../src/gmem/expectations.js';
import { gmem } from '../../src/gmem/model.js';
import { applySettings } from '../../src/gmem/scenarios/apply-settings.js';
import type { BuiltinScenarioName } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { compileModel } from '../../src/index.js';
import { columnHeads } from '../../src/report/column-heads.js';
import { columnsOf } from '../../src/report/columns.js';
import { widthOf } from '../../src/report/text-width.js';
import { titleOf } from '../../src/report/title.js';

const rows = parseExpectations(
  readFileSync(new URL('../expected.yaml', import.meta.url), 'utf8'),
  'test/expected.yaml',
);
/** What no schedule that ends shows: a livelock and starvation have a round, which claim-columns.test.ts draws, and an order of locks is of two. */
const WITHOUT_A_STEP = ['livelock', 'starvation', 'lock-order'];
const broken = rows
  .filter(({ expect: expected }) => expected !== 'clean' && !WITHOUT_A_STEP.includes(expected))
  .filter((_, place) => place % 3 === 0);

it.each(broken.map((row) => [`${row.scheme} in ${scenarioName(row.scenario, row.set)}`, row] as const))(
  '%s',
  async (_, { scenario, scheme, set }) => {
    const model = gmem(applySettings(builtinScenario(scenario as BuiltinScenarioName), set), scheme);
    const found = await explore(model, { strategy: 'pct', depth: 4, schedules: 8_192, shrink: false, coverage: false });
    const program = await compileModel(model);
    const [{ schedule }] = found.findings;
    const trace = traceOf(program, program.actors, schedule);
    const text = columnsOf(trace);
    const actors = columnHeads(trace).length - trace.bystanders.length;
    const widest = Math.max(...text.split('\n').map(widthOf));
    expect(widest, text).toBeLessThanOrEqual(actors > 2 ? 100 : 75);
    expect(titleOf(trace)).toMatch(/^BUG: faultline: [^*"]+$/);
  },
);
