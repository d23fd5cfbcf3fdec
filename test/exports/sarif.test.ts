import { readFileSync } from 'node:fs';
import ajv from 'ajv-draft-04';
import { describe, expect, it } from 'vitest';
import { resultOfRuns } from '../../src/exports/run-result.js';
import { sarifOf } from '../../src/exports/sarif.js';
import { comparison, hostileRace, hostileResult, race } from './documents.js';

const schema = JSON.parse(readFileSync(new URL('../fixtures/schemas/sarif-2.1.0.json', import.meta.url), 'utf8'));
const isValid = new ajv.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

/** What the schema says against a log; null for a valid one. */
function problems(text: string): unknown {
  isValid(JSON.parse(text));
  return isValid.errors ?? null;
}

describe('SARIF', () => {
  const log = JSON.parse(sarifOf(resultOfRuns('replay', [race]), [race]));
  const [result] = log.runs[0].results;

  it('is valid by the schema of OASIS, of a run, a result without runs, a comparison, and words that mean something', () => {
    expect(problems(sarifOf(resultOfRuns('replay', [race]), [race]))).toBeNull();
    expect(problems(sarifOf(comparison))).toBeNull();
    expect(problems(sarifOf(hostileResult, []))).toBeNull();
    expect(problems(sarifOf(resultOfRuns('replay', [hostileRace]), [hostileRace]))).toBeNull();
    expect(problems('{"version":"2.1.0"}')).not.toBeNull();
  });

  it('has all steps in order, and each once more in the thread flow of its actor', () => {
    const [whole, byActor] = result.codeFlows;
    expect(whole.threadFlows[0].locations.map((each: { executionOrder: number }) => each.executionOrder)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(
      byActor.threadFlows.map((flow: { id: string; locations: { executionOrder: number }[] }) => [
        flow.id,
        flow.locations.map(({ executionOrder }) => executionOrder),
      ]),
    ).toEqual([
      ['vCPU0', [1, 4]],
      ['punch', [2, 3]],
    ]);
  });

  it("points at the line of the user's file where the op that breaks is made", () => {
    expect(result.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'models/my%20gmem.ts', uriBaseId: 'SRCROOT' },
      region: { startLine: 31 },
    });
  });

  it('has no flow of all actors where only the order of each one is certain', () => {
    const flows = JSON.parse(sarifOf(resultOfRuns('replay', [race]), [{ ...race, order: 'by actor' }])).runs[0]
      .results[0].codeFlows;
    expect(flows.map((flow: { threadFlows: unknown[] }) => flow.threadFlows.length)).toEqual([2]);
  });

  it('leaves out the first steps of a run that is longer than code scanning reads, and says so', () => {
    const long = { ...race, steps: Array.from({ length: 5_003 }, () => race.steps[1]), blame: undefined };
    const [cut] = JSON.parse(sarifOf(resultOfRuns('replay', [race]), [long])).runs[0].results;
    expect(cut.codeFlows[0].threadFlows[0].locations).toHaveLength(5_000);
    expect(cut.message.text).toContain('The first 3 steps are left out.');
  });
});
