/** What identifies a scheme. */
import { expect, it } from 'vitest';
import { say } from '../../src/cli/terminal/terminal.js';
import { shortHash } from '../../src/core/short-hash.js';
import { schemeText } from '../../src/subject/scheme-text.js';
import { resolveSubject } from '../../src/subject/subject.js';

it('is its text as it is shown, so that a file of ours that moves changes no token', async () => {
  const scheme = 'v1-uptodate-prepared';
  const { hashes } = await resolveSubject({ scenario: 'fault-fault', scheme, settings: {} }, say);
  const text = await schemeText(scheme);
  expect(text).not.toMatch(/from '\./);
  expect(hashes.scheme).toBe(shortHash(text));
});
