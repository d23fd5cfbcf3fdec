import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/gmem/scenarios/package-root.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'faultline-root-')));
writeFileSync(join(root, 'package.json'), '{"name": "faultline"}');
mkdirSync(join(root, 'dist/src/gmem'), { recursive: true });
afterAll(() => rmSync(root, { recursive: true }));

describe('packageRoot', () => {
  it.each(['src/gmem/x.ts', 'dist/src/gmem/x.js'])('is the same from %s', (module) => {
    expect(packageRoot(pathToFileURL(join(root, module)).href)).toBe(root);
  });

  it('passes by the manifests of other packages', () => {
    writeFileSync(join(root, 'dist/package.json'), '{"type": "module"}');
    expect(packageRoot(pathToFileURL(join(root, 'dist/src/gmem/x.js')).href)).toBe(root);
  });

  it('says so when there is no such package above', () => {
    expect(() => packageRoot(pathToFileURL('/nowhere/x.js').href)).toThrow('no package.json named faultline above');
  });
});
