/** Findings that say more than their run shows take their claim with them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeToken, encodeToken } from '../../src/report/token.js';
import type { Claim } from '../../src/verify/claim.js';

const side = fc.constantFrom('read' as const, 'write' as const);
const count = fc.nat(100_000);
const claims: fc.Arbitrary<Claim> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('livelock' as const, 'starvation' as const),
    signature: fc.string(),
    loopFrom: count,
  }),
  fc.record({
    kind: fc.constant('lock-order' as const),
    signature: fc.string({ unit: 'binary' }),
    edges: fc.array(
      fc.record({
        held: fc.string(),
        heldAs: side,
        wanted: fc.string(),
        wantedAs: side,
        others: fc.array(fc.record({ name: fc.string(), as: side }), { maxLength: 2 }),
        function: fc.string(),
        actor: count,
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

const plain = {
  ...{ scenario: 'fault-fault', scheme: 'v3-inplace', settings: {} },
  parts: { scenario: '01234567', scheme: '89abcdef', layout: 'fedcba98' },
  ...{ kept: [[0]], schedule: { steps: [0], choices: [] }, stepHashes: [7], opsHash: '00000001' },
};

it('a claim comes out of the token as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(claims, async (claim) => {
      const token = encodeToken({ ...plain, claim });
      expect(token).toMatch(/^fl2:[\w%.:=,+-]*$/);
      expect(await decodeToken(token)).toEqual({ ...plain, claim });
    }),
  );
});

it('a finding without a claim has the token that it always had', async () => {
  expect(encodeToken({ ...plain, claim: undefined })).toMatch(/^fl1:/);
  expect(await decodeToken(encodeToken(plain))).toEqual(plain);
});

it('a damaged claim is told as a damaged token', async () => {
  const token = encodeToken({ ...plain, claim: { kind: 'livelock', signature: 'livelock in f: op', loopFrom: 3 } });
  await expect(decodeToken(token.replace(/^fl2/, 'fl1'))).rejects.toThrow('the token has 8 parts, not 7');
  const parts = token.split(':');
  parts[6] = parts[6].replace(/^./, (first) => (first === 'e' ? 'f' : 'e'));
  await expect(decodeToken(parts.join(':'))).rejects.toThrow('the token is damaged');
});
