/** Files that are watched: they have changed when they say something else than when they were read. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FileWatch } from '../../../src/cli/watch/file-watch.js';
import { scratch } from '../run-cli.js';

function watching(...names: string[]) {
  const folder = scratch();
  const at = (name: string) => join(folder, name);
  for (const name of names) writeFileSync(at(name), 'as it was');
  const files = new FileWatch();
  onTestFinished(() => files.close());
  for (const name of names) files.add(at(name));
  return { files, at, changed: () => files.changed(new AbortController().signal) };
}

it('names the file that changed', async () => {
  const { at, changed } = watching('one', 'two');
  const change = changed();
  writeFileSync(at('two'), 'otherwise');
  expect(await change).toEqual([at('two')]);
});

it('hears of what happened before anybody asked', async () => {
  const { at, changed } = watching('one');
  writeFileSync(at('one'), 'otherwise');
  expect(await changed()).toEqual([at('one')]);
});

it('compares with what was read, and not with what was there when it was told', async () => {
  const { files, at, changed } = watching();
  writeFileSync(at('read'), 'already otherwise');
  files.add(at('read'), 'as it was read');
  expect(await changed()).toEqual([at('read')]);
});

it('a file that is remembered has not changed', async () => {
  const { files, at, changed } = watching('one', 'two');
  writeFileSync(at('one'), 'otherwise');
  files.remember();
  const change = changed();
  writeFileSync(at('two'), 'otherwise');
  expect(await change).toEqual([at('two')]);
});

it('a file that goes and comes back has changed both times', async () => {
  const { files, at, changed } = watching('one');
  rmSync(at('one'));
  expect(await changed()).toEqual([at('one')]);
  files.remember();
  const change = changed();
  writeFileSync(at('one'), 'as it was');
  expect(await change).toEqual([at('one')]);
});

it('a file in a folder that is absent has changed since it was read', async () => {
  const { files, at, changed } = watching();
  files.add(join(at('absent'), 'file'), 'what it said');
  expect(await changed()).toEqual([join(at('absent'), 'file')]);
});
