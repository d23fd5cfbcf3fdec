/**
 * A primitive on worker threads: a line of waiters. What one live thread does with all of them is in test/primitives. Worker
 * threads run what was built.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/index.js';
import { live } from '../../src/live/live.js';

const FIXTURE = fileURLToPath(new URL('../primitives/fixtures/primitives.mjs', import.meta.url));

describe.each([['wait queue exclusive', 'deadlock']])('%s on two threads', (primitive, kind) => {
  it('stays clean', async () => {
    const model = (await loadModel(FIXTURE)).with({ primitive });
    const { findings, finished } = await live(model, { threads: 2, epochs: 200, perturb: 0.05 }).done;
    expect([findings.map(({ finding }) => finding.words), finished]).toEqual([[], 200]);
  });

  it(`with its bug is found: ${kind}`, async () => {
    const model = (await loadModel(FIXTURE)).with({ primitive, bug: true });
    const { findings } = await live(model, { threads: 2, epochs: 100_000, perturb: 0.05, stopAtFinding: true }).done;
    expect(findings.map(({ finding }) => finding.kind)).toEqual([kind]);
  });
});
