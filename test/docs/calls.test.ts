/** docs/scenarios.md names every call of the registry, by who makes it and in its order, and docs/kernel.md has a row for each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callNames, callsBy } from '../../src/gmem/calls/registry.js';
import { root } from '../cli/run-cli.js';

const textOf = (document: string) => readFileSync(join(root, 'docs', document), 'utf8');
/** What stands in backticks by itself, among the names of calls. */
const namesIn = (text = '') =>
  [...text.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name).filter((name) => (callNames as string[]).includes(name));

it('docs/scenarios.md names the calls of a guest and those of a host task', () => {
  const [, guest, host] =
    /^Calls of a guest are (.*?); those of a host task (.*?)\. Settings are /ms.exec(textOf('scenarios.md')) ?? [];
  expect(namesIn(guest)).toEqual(callsBy('vcpu'));
  expect(namesIn(host)).toEqual(callsBy('host'));
});

it('docs/kernel.md says of every call which functions of the kernel it is made of', () => {
  const [, table] = /^## Calls\n(.*?)^## /ms.exec(textOf('kernel.md')) ?? [];
  const rows = [...(table ?? '').matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => namesIn(cell));
  expect([...new Set(rows)].sort()).toEqual([...callNames].sort());
});
