/** A scheme and the traits of the scheme that it was made from: what it does not keep it is told, whether it declares or not. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inheritedNote, traitsOf } from '../../src/gmem/measure-traits.js';
import { defineScheme, type Scheme } from '../../src/gmem/scheme.js';
import { builtinSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { v2HookEveryFault } from '../../src/gmem/schemes/v2-hook-every-fault.js';
import { v3Inplace } from '../../src/gmem/schemes/v3-inplace.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { faultline } from '../cli/one-process.js';
import { scratch } from '../cli/run-cli.js';

/** V2 whose retry check looks at the count only. */
const countOnly = (more: Partial<Scheme> = {}) =>
  defineScheme(v2HookEveryFault, {
    name: 'count-only',
    *invalidateRetry(g) {
      return (yield* g.invalidateInProgress.read()) > 0;
    },
    ...more,
  });

describe('inheritedNote', () => {
  it('names the trait, what was measured, what was inherited, and what to write', () => {
    expect(inheritedNote(countOnly())).toBe(
      'count-only is made of v2-hook-every-fault and does not keep what that declares: its retry check does not look at ' +
        'mmu_invalidate_seq (trait retryCheck: count, in v2-hook-every-fault sequence); if that is meant, declare it: ' +
        "traits: { retryCheck: 'count' }",
    );
  });

  it('says nothing once that is declared, and what is declared and not there is refused', () => {
    expect(inheritedNote(countOnly({ traits: { retryCheck: 'count' } }))).toBeUndefined();
    expect(() => traitsOf(countOnly({ traits: { retryCheck: 'sequence' } }))).toThrow(
      'declares the trait retryCheck: sequence, but its retry check does not look at mmu_invalidate_seq (retryCheck: count)',
    );
  });

  it('goes through schemes that declare nothing to the one that does', () => {
    const child = defineScheme(countOnly(), { name: 'child' });
    expect(inheritedNote(child)).toMatch(/^child is made of count-only and does not keep .*retryCheck: count/);
  });

  it('has nothing to say of a scheme that keeps all, and of the built-in ones', () => {
    const kept = defineScheme(v3Inplace, {
      name: 'kept',
      *getPfn(g, gfn, isPrivate) {
        return yield* v3Inplace.getPfn(g, gfn, isPrivate);
      },
    });
    for (const scheme of [kept, ...builtinSchemes]) {
      expect(inheritedNote(scheme), scheme.name).toBeUndefined();
    }
  });

  it('cannot be handed in', () => {
    expect(() => defineScheme(v3Inplace, { name: 'x', inherited: { from: 'y', traits: {} } })).toThrow(
      'changes "inherited"',
    );
  });
});

const text = `import { defineScheme, v2HookEveryFault } from 'faultline';
export default defineScheme(v2HookEveryFault, {
  name: 'count-only',
  *invalidateRetry(g) { return (yield* g.invalidateInProgress.read()) > 0; },
});
`;

it.each([
  [['verify', 'fault-fault', '--scheme', './mine.mjs', '--workers', '1', '--quiet']],
  [['explore', 'fault-fault', '--scheme', './mine.mjs', '--workers', '1', '--quiet']],
  [['compare', '--schemes', './mine.mjs', '--scenarios', 'fault-fault', '--workers', '1', '--quiet']],
])('%j says so beside its result, and in JSON', async (words) => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.mjs'), text);
  const shown = await faultline(words, { cwd });
  expect(shown.stderr).toMatch(/^faultline: count-only is made of v2-hook-every-fault and does not keep .*\n$/);
  expect(shown.stdout).not.toBe('');
  const { stdout } = await faultline([...words, '--json'], { cwd });
  expect(resultSchema.parse(JSON.parse(stdout)).notes).toEqual([expect.stringContaining('trait retryCheck: count')]);
});

it('check says so', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.mjs'), text);
  const { stdout, status } = await faultline(['check', './mine.mjs'], { cwd });
  expect(status).toBe(0);
  expect(stdout.replace(/\s+/g, ' ')).toContain('Note: count-only is made of v2-hook-every-fault and does not keep');
  const { stdout: json } = await faultline(['check', './mine.mjs', '--json'], { cwd });
  expect(JSON.parse(json).notes).toEqual([expect.stringContaining('trait retryCheck: count')]);
});
