/** Conversions block by block, in the order that prepares first: what they freeze, and what they merge. */
import { expect, it } from 'vitest';
import { gmem } from '../../../src/gmem/model.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import { verify } from '../../../src/verify/verify.js';

const REPAIRED = 'v3d-hugetlb+prepare-first+clear-whole-folio+split-before-insert+clear-before-merge';

const verified = async (text: string) =>
  (await verify(gmem(parseScenario(text, 'blocks.yaml'), REPAIRED), { all: true, coverage: false, workers: 1 }))
    .verdict;

it('the folios of a block that lie in two blocks of frames are not merged', async () => {
  const verdict = await verified(`
title: the pages of a block lie in two blocks of frames when it becomes private
arch: none
maxOrder: 1
gfns: 4
attributes: { 0: shared, 2: shared }
actors:
  - name: vCPU0
    calls:
      - write: 1
      - write: 3
  - name: toucher
    calls:
      - host-write: 2
      - convert: { gfn: 2, to: private }
`);
  expect(verdict).toBe('verified');
});

it.each([
  ['private', 'shared'],
  ['shared', 'private'],
])(
  'a user of a page that stays shared does not keep the other page, %s before, from being converted',
  async (before, to) => {
    const verdict = await verified(`
title: a page is converted while somebody uses the shared one beside it
arch: none
maxOrder: 1
gfns: 2
attributes: { 0: ${before}, 1: shared }
actors:
  - name: toucher
    calls:
      - host-read: 1
  - name: converter
    calls:
      - convert-until-done: { gfn: 0, to: ${to} }
`);
    expect(verdict).toBe('verified');
  },
);
