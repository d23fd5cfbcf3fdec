/** Tokens of every shape, for property tests. */

import fc from 'fast-check';
import type { ReplayToken } from '../../src/report/token.js';

const hash = fc.stringMatching(/^[0-9a-f]{8}$/);
const names = fc.oneof(
  fc.constantFrom('fault-vs-punch', 'v2-hook-every-fault+no-seq-check', ''),
  fc.string({ unit: 'grapheme' }),
);
const kept = fc.array(
  fc.uniqueArray(fc.nat({ max: 500 }), { maxLength: 8 }).map((calls) => calls.sort((a, b) => a - b)),
  {
    maxLength: 30,
  },
);

/** Any token that can be written. */
export const tokens: fc.Arbitrary<ReplayToken> = fc
  .record({
    scenario: names,
    scheme: names,
    settings: fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
    parts: fc.record({ scenario: hash, scheme: hash, layout: hash }),
    kept,
    opsHash: hash,
    steps: fc.array(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 0xffff })), { maxLength: 60 }),
    choices: fc.array(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 31 - 1 })), { maxLength: 10 }),
  })
  .map(({ steps, choices, ...rest }) => ({
    ...rest,
    schedule: { steps: steps.map(([actor]) => actor), choices },
    stepHashes: steps.map(([, folded]) => folded),
  }));
