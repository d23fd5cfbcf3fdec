import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { decodeToken, encodeToken, type ReplayToken } from '../../src/report/token.js';
import { tokens } from './token-arbitrary.js';

const small: ReplayToken = {
  scenario: 'fault-vs-punch',
  scheme: 'bitmap-nolock+plain-bitmap-word',
  settings: { gfns: '2', arch: 'snp' },
  parts: { scenario: '0123abcd', scheme: '89ef4567', layout: '00000001' },
  kept: [[0, 2], [0]],
  schedule: { steps: [0, 0, 0, 1, 1, 0], choices: [1] },
  stepHashes: [1, 2, 3, 4, 5, 0xffff],
  opsHash: 'deadbeef',
};

// Payload packed by hand, checksum from Python's zlib.crc32.
test('is one line that starts with its version and shows scenario, scheme, settings and hashes', () => {
  expect(encodeToken(small)).toBe(
    'fl1:fault-vs-punch:bitmap-nolock+plain-bitmap-word:arch=snp,gfns=2:0123abcd.89ef4567.00000001:' +
      'AgIAAgEAAwADAQIAAQEBAAEAAgADAAQABf__3q2-7w:75e0d88f',
  );
});

test('does not depend on the order in which settings were given', () => {
  expect(encodeToken({ ...small, settings: { arch: 'snp', gfns: '2' } })).toBe(encodeToken(small));
});

test('what is decoded is what was encoded', async () => {
  await fc.assert(
    fc.asyncProperty(tokens, async (token) => {
      expect(await decodeToken(encodeToken(token))).toEqual(token);
    }),
    { numRuns: 500 },
  );
});

test('holds no character that a shell, a mail or a double click cares about', () => {
  fc.assert(
    fc.property(tokens, (token) => {
      expect(encodeToken(token)).toMatch(/^[A-Za-z0-9_.:,=%+-]+$/);
    }),
  );
});

test('white space and line breaks that a mail put in do no harm', async () => {
  const places = fc.array(fc.tuple(fc.nat(), fc.constantFrom(' ', '\n', '\t', '\r\n')));
  await fc.assert(
    fc.asyncProperty(tokens, places, async (token, blanks) => {
      let text = encodeToken(token);
      for (const [place, blank] of blanks) {
        const at = place % (text.length + 1);
        text = text.slice(0, at) + blank + text.slice(at);
      }
      expect(await decodeToken(text)).toEqual(token);
    }),
  );
});

describe('a token that was changed', () => {
  const outcome = async (text: string): Promise<unknown> => {
    try {
      return await decodeToken(text);
    } catch (error) {
      // Anything else is a defect, and fails the test by not being an InputError.
      expect(error).toBeInstanceOf(InputError);
      return 'refused';
    }
  };

  test('in one character is refused', async () => {
    const character = fc.constantFrom(...'abcdefABCDEF0123456789:=,.+-_%~!"#é');
    await fc.assert(
      fc.asyncProperty(tokens, fc.nat(), character, async (token, place, other) => {
        const text = encodeToken(token);
        const at = place % text.length;
        fc.pre(text[at] !== other);
        expect(await outcome(text.slice(0, at) + other + text.slice(at + 1))).toBe('refused');
      }),
      { numRuns: 2000 },
    );
  });

  test('by cutting it, at either end, is refused', async () => {
    await fc.assert(
      fc.asyncProperty(tokens, fc.nat(), fc.boolean(), async (token, place, front) => {
        const text = encodeToken(token);
        const at = 1 + (place % (text.length - 1));
        expect(await outcome(front ? text.slice(at) : text.slice(0, at))).toBe('refused');
      }),
      { numRuns: 1000 },
    );
  });

  test('by swapping two neighbours is refused', async () => {
    await fc.assert(
      fc.asyncProperty(tokens, fc.nat(), async (token, place) => {
        const text = encodeToken(token);
        const at = place % (text.length - 1);
        fc.pre(text[at] !== text[at + 1]);
        expect(await outcome(text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2))).toBe('refused');
      }),
    );
  });

  test('into anything at all is refused, never answered by another error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `fl1:${rest}`),
        ),
        async (text) => {
          expect(await outcome(text)).toBe('refused');
        },
      ),
    );
  });
});

describe('the sentence', () => {
  const text = encodeToken(small);
  test.each([
    ['for something else', 'hello', '"hello" is not a token; a token starts with "fl1:" or "fl2:".'],
    [
      'for another version',
      text.replace('fl1', 'fl3'),
      'the token is of version fl3; this faultline reads fl1 and fl2.',
    ],
    ['for a part of a token', text.slice(0, 60), 'the token has 4 parts, not 7: copy the whole line of the finding.'],
    [
      'for a damaged one',
      text.replace('gfns=2', 'gfns=3'),
      'the token is damaged, it ends in the checksum 75e0d88f, but ',
    ],
    ['for one without its end', text.slice(0, -8), 'the token is damaged, its checksum is missing: copy'],
    [
      'for one that ends early',
      text.slice(0, -2),
      'the token is damaged, it ends in the checksum 75e0d8, but what stands before that has 75e0d88f',
    ],
  ])('%s says what is wrong', async (_, wrong, sentence) => {
    await expect(decodeToken(wrong)).rejects.toThrow(InputError);
    await expect(decodeToken(wrong)).rejects.toThrow(`faultline: ${sentence}`);
  });
});

test.each([
  ['is too short for its steps', 'AAEAAwA'],
  // 2^31-1 steps of actor 0 and no hashes: nothing is unrolled before the lengths agree.
  ['claims more steps than it has hashes', 'AAEA_____wcAAAAAAA'],
  ['has bytes left over', 'AAAAAAAAAAAA'],
  ['is empty', ''],
])('a payload that %s is refused although the checksum is right', async (_, payload) => {
  const body = [...encodeToken(small).split(':').slice(0, 5), payload].join(':');
  const forged = `${body}:${crc32(body).toString(16).padStart(8, '0')}`;
  await expect(decodeToken(forged)).rejects.toThrow('the token is damaged, its parts cannot be read');
});

test('a token needs one hash for each step', () => {
  expect(() => encodeToken({ ...small, stepHashes: [1] })).toThrow(RangeError);
});
