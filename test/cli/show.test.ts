/** `faultline show`: machines, schemes and findings. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { builtinSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { findingFileSchema } from '../../src/kept/finding-schema.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { schemeText } from '../../src/subject/scheme-text.js';
import { traceSchema } from '../../src/trace/trace-schema.js';
import * as models from './models.js';
import { faultline, quietly } from './one-process.js';
import { scratch } from './run-cli.js';

it.each(['folio', 'rmp', 'sept', 'tdPage', 'poison'])('show machine %s draws a diagram', async (name) => {
  const { status, stdout } = await faultline(['show', 'machine', name]);
  expect(stdout).toMatch(/^stateDiagram-v2\n/);
  expect(stdout).toContain('[*] -->');
  expect(status).toBe(0);
});

it('show machine --json prints the machine as one document', async () => {
  const { stdout } = await faultline(['show', 'machine', 'folio', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ id: 'folio', type: 'parallel' });
});

it.each(builtinSchemes.map(({ name }) => name))('the text of %s, saved as a file, is the same scheme', async (name) => {
  const path = join(scratch(), 'mine.ts');
  writeFileSync(path, await schemeText(name));
  const world = builtinScenario('fault-vs-convert');
  const run = async (scheme: string) => {
    const { findings, stats } = await explore(gmem(world, scheme), { schedules: 256, keepGoing: true, shrink: false });
    return { found: findings.map(({ signature, schedule }) => ({ signature, schedule })), stats };
  };
  expect(await run(path)).toEqual(await run(name));
});

it('show scheme prints it, and compare takes it as a file', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.ts'), (await faultline(['show', 'scheme', 'cmpxchg-tristate'])).stdout);
  const words = ['compare', '--schemes', 'cmpxchg-tristate,./mine.ts', '--scenarios', 'populate-vs-fault'];
  const { status, stdout } = await quietly([...words, '--schedules', '256', '--json'], { cwd });
  const [own, copied] = resultSchema.parse(JSON.parse(stdout)).cells ?? [];
  expect(own.verdict).toBe('violation');
  expect(copied).toEqual({ ...own, scheme: './mine.ts' });
  expect(status).toBe(0);
});

it('the text of a scheme imports from faultline alone', async () => {
  for (const { name } of builtinSchemes) {
    const imports = (await schemeText(name)).match(/^import [^;]*;$/gm) ?? [];
    expect(imports).toHaveLength(1);
    expect(imports[0]).toMatch(/ from 'faultline';$/);
  }
});

it('a finding file in each format', async () => {
  const cwd = scratch();
  const explored = await quietly(['explore', 'fault-vs-convert', '--out', '.', '--json'], { cwd });
  const [{ file = '', title, id }] = resultSchema.parse(JSON.parse(explored.stdout)).findings;
  const columns = await faultline(['show', file], { cwd });
  expect(columns.stdout.startsWith(`${title}\n\nvCPU0 `)).toBe(true);
  const json = await faultline(['show', file, '--format', 'json'], { cwd });
  expect(findingFileSchema.parse(JSON.parse(json.stdout)).finding.id).toBe(id);
  const mermaid = await faultline(['show', file, '--format', 'mermaid'], { cwd });
  expect(mermaid.stdout).toMatch(/^sequenceDiagram\n/);
  const trace = await faultline(['show', file, '--format', 'trace'], { cwd });
  const document = traceSchema.parse(JSON.parse(trace.stdout));
  expect(document).toMatchObject({ title, source: { id, scenario: 'fault-vs-convert', engine: 'controlled' } });
  expect(columns.stdout).toBe(`${title}\n\n${document.columns}`);
  expect([columns.status, json.status, mermaid.status, trace.status]).toEqual([0, 0, 0, 0]);
});

describe('a finding file of somebody else', () => {
  const hostile = 'x\u001b[2J\u001b]0;title\u0007\u202etxt.\u0085\u{e0041}';

  let made: { readonly file: string; readonly text: string };
  beforeAll(async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'faultline-test-'));
    made = await make(cwd);
    rmSync(cwd, { recursive: true });
  });

  /** Puts the file there. */
  function foreign(cwd: string): string {
    mkdirSync(dirname(join(cwd, made.file)), { recursive: true });
    writeFileSync(join(cwd, made.file), made.text);
    return made.file;
  }

  /** A finding in a scheme that leaves a mark when it is run; with strings that a terminal would obey. */
  async function make(cwd: string): Promise<typeof made> {
    writeFileSync(join(cwd, 'mine.ts'), models.forgetful);
    const words = ['explore', 'fault-fault', '--scheme', './mine.ts', '--json'];
    const [{ file = '' }] = resultSchema.parse(JSON.parse((await quietly(words, { cwd })).stdout)).findings;
    const content = findingFileSchema.parse(JSON.parse(readFileSync(join(cwd, file), 'utf8')));
    content.finding.title = `BUG: ${hostile}`;
    content.columns = `${hostile}\n${content.columns}`;
    if (content.subject.model !== 'guest_memfd' || content.subject.schemeFile === undefined)
      throw new Error('no scheme');
    content.subject.schemeFile.path = `/nowhere/${hostile}/mine.ts`;
    content.subject.schemeFile.text = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';\nwriteFileSync('it-ran', '');\n${models.forgetful}`;
    return { file, text: JSON.stringify(content) };
  }

  const obeyed = /(?!\n)[\p{Cc}\p{Cf}]/u;

  it.each([[[]], [['--format', 'json']], [['--unfold']], [['--format', 'mermaid']], [['--format', 'trace']]])(
    'shows no control character and runs nothing: show %s',
    async (words) => {
      const cwd = scratch();
      const file = foreign(cwd);
      const { stdout, stderr, status } = await faultline(['show', file, ...words], { cwd });
      expect(`${stdout}${stderr}`).not.toMatch(obeyed);
      expect(`${stdout}${stderr}`).toMatch(/\\x1b\[2J|\\u001b\[2J/);
      const drawn = ['--unfold', 'mermaid', 'trace'].some((word) => words.includes(word));
      expect(status).toBe(drawn ? 2 : 0);
      if (drawn) expect(stderr).toMatch(/^faultline: \S+ holds the text of [^\n]* add --trust to run it\.\n$/);
      expect(existsSync(join(cwd, 'it-ran'))).toBe(false);
    },
  );

  it('is drawn anew with --trust', async () => {
    const cwd = scratch();
    const file = foreign(cwd);
    const { stdout, status } = await faultline(['show', file, '--format', 'mermaid', '--trust'], { cwd });
    expect(stdout).toMatch(/^sequenceDiagram\n/);
    expect(status).toBe(0);
    expect(existsSync(join(cwd, 'it-ran'))).toBe(true);
  });

  it('--format json is the same document', async () => {
    const cwd = scratch();
    const file = foreign(cwd);
    const { stdout } = await faultline(['show', file, '--format', 'json'], { cwd });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(cwd, file), 'utf8')));
  });
});
