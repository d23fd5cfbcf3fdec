/**
 * docs/kernel.md: its columns are what the program prints, and it has a key for every name and label that a user meets.
 * `./scripts/kernel-doc` writes the columns into it.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callsBy } from '../../src/gmem/calls/registry.js';
import { builtinScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../../src/gmem/schemes/mutations.js';
import { variants } from '../../src/gmem/schemes/variants.js';
import { root } from '../cli/run-cli.js';
import { readSourceFiles } from '../tidy/source-file.js';
import { columnsBlocks, columnsText, entriesOf, labelsIn, withColumns } from './kernel.js';

const path = join(root, 'docs', 'kernel.md');
const markdown = readFileSync(path, 'utf8');
const blocks = columnsBlocks(markdown);
const entries = entriesOf(markdown);
const updates = process.env.FAULTLINE_KERNEL_DOC === 'update';
/** All that says something to a reader: the program and what it prints, documents, examples, scripts, tests. */
const texts = [
  ...readSourceFiles(
    root,
    ['src', 'machines', 'workers', 'examples'],
    /^(?!.*node_modules).*\.(?:[mc]?[jt]s|md|ya?ml)$/,
  ),
  ...readSourceFiles(root, ['docs', 'man'], /^[^/]+\/[^/]+\.(?:md|1)$/),
  ...readSourceFiles(root, ['scripts'], /(?:^|\/)[\w-]+(?:\.m?js)?$/),
  ...readSourceFiles(root, ['test'], /\.(?:[mc]?[jt]s|ya?ml)$/),
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((file) => ({
    ...{ path: file, text: readFileSync(join(root, file), 'utf8') },
  })),
];

it.runIf(updates)('writes the columns', async () => {
  const columns: string[] = [];
  for (const block of blocks) columns.push(await columnsText(block));
  writeFileSync(path, withColumns(markdown, columns));
});

describe.skipIf(updates)('its columns are what the program prints today', () => {
  it.each(blocks.map((block) => [`${block.kind}: ${block.scheme} in ${block.scenario}`, block] as const))(
    '%s',
    async (_, block) => {
      expect(block.text).toBe(await columnsText(block));
    },
  );
});

it('every race with a heading has its columns', () => {
  const races = /^## Races\n([\s\S]*?)^### Races that no built-in cell shows$/m.exec(markdown)?.[1] ?? '';
  const sections = races.split(/^### /m).slice(1);
  expect(sections.length).toBeGreaterThan(10);
  expect(sections.filter((section) => !section.includes('<!-- columns: '))).toEqual([]);
});

it('has an entry for every scheme, mutation, scenario and call', () => {
  const schemes = builtinSchemes.flatMap(({ name, version }) => [name, version]);
  const names = [
    ...schemes,
    ...mutations.map(({ name }) => name),
    ...variants.map(({ name }) => name),
    ...builtinScenarioNames,
    ...callsBy('vcpu'),
  ];
  // Conversions have an entry for each of their two kinds.
  const calls = callsBy('host').filter((call) => call !== 'convert');
  expect([...names, ...calls, 'convert in place'].filter((name) => !entries.has(name))).toEqual([]);
});

it('has the key of every label', () => {
  const labels = texts.flatMap((file) => labelsIn(file.text).map((label) => `${label} (${file.path})`));
  expect(labels.length).toBeGreaterThan(30);
  expect(labels.filter((label) => !entries.has(label.replace(/ \(.*/, '')))).toEqual([]);
});

it('would miss the key of a label that has none, in any of the texts', () => {
  const labels = [`R${199}`, `S${14}`, `I${99}`, `V${0}`, `seed ${'009'}`];
  expect(labelsIn(`see ${labels.join(', ')}; and V8, R2D2, RET_PF_FIXED`)).toEqual(labels);
  expect(labels.filter((label) => entries.has(label))).toEqual([]);
  const folders = new Set(texts.map((file) => file.path.split('/')[0]));
  expect([...folders].sort()).toEqual([
    ...[
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'README.md',
      'SECURITY.md',
      'docs',
      'examples',
      'machines',
      'man',
      'scripts',
    ],
    ...['src', 'test', 'workers'],
  ]);
});

it('nothing points to notes that are not in the repository', () => {
  const notes = /kernel facts|the catalogue|\bseed \d{3}\b/;
  const own = ['docs/kernel.md', 'test/docs/kernel.test.ts', 'test/docs/kernel.ts'];
  const pointing = texts.filter((file) => !own.includes(file.path) && notes.test(file.text));
  expect(pointing.map((file) => file.path)).toEqual([]);
});

it('races that mutations and expectations name by their words have a heading of these words', () => {
  const quoted = [...markdown.matchAll(/^\| `[^|]*\|.*\|$/gm)].flatMap(
    ([row]) => row.match(/"[^"]+"(?=[,; |])/g) ?? [],
  );
  const headings = [...entries].map((entry) => `"${entry}"`);
  const races = quoted.filter((words) => !/^"(?:equal already|KVM:)/.test(words));
  expect(races.length).toBeGreaterThan(5);
  expect(races.filter((words) => !headings.includes(words))).toEqual([]);
});
