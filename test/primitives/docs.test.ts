/** The examples of docs/primitives.md: each is a whole file, and its first line says what verify answers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadModel, verify } from '../../src/index.js';
import { ModelBuilder } from '../../src/model/model-builder.js';
import { blocksOf } from '../readme/readme.js';

const text = readFileSync(new URL('../../docs/primitives.md', import.meta.url), 'utf8');
const files = blocksOf(text).filter((block) => block.kind === 'file');
const folder = mkdtempSync(join(tmpdir(), 'faultline-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each(files.map(({ name, text }) => [name, text] as const))('%s', async (name, code) => {
  const path = join(folder, name);
  writeFileSync(path, code);
  const { findings, verdict } = await verify(await loadModel(path));
  const said = /^\/\/ ([\w-]+)/.exec(code)?.[1];
  expect([verdict, ...findings.map(({ kind }) => kind)]).toEqual(
    said === 'verified' ? ['verified'] : ['violation', said],
  );
});

it('what the text says of other parameters is so', async () => {
  const kindsOf = async (name: string, parameters: Record<string, boolean | string>) => {
    const { findings } = await verify((await loadModel(join(folder, name))).with(parameters));
    return findings.map(({ kind }) => kind);
  };
  expect(await kindsOf('killable.mjs', { kill: false })).toEqual(['deadlock']);
  expect(await kindsOf('wait-queue.mjs', { first: 'look' })).toEqual(['deadlock']);
  expect(await kindsOf('rcu.mjs', { wait: true })).toEqual([]);
  expect(await kindsOf('nested-reads.mjs', { recursive: true })).toEqual([]);
});

it('has a row for everything that the builder declares beyond what the core has', () => {
  const own = Object.getOwnPropertyNames(ModelBuilder.prototype).filter((name) => name !== 'constructor');
  const rows = [...text.matchAll(/^\| `m\.(\w+)\(/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(own.sort());
});

it('names every method of a row as it is', () => {
  const m = new ModelBuilder('docs', 8);
  const domain = m.domain('thing', 2);
  const rcu = m.rcu('rcu');
  const made: Readonly<Record<string, object>> = {
    ...{ mutex: m.mutex('a'), spinlock: m.spinlock('b'), rwsem: m.rwsem('c'), rwlock: m.rwlock('d') },
    ...{ semaphore: m.semaphore('e'), completion: m.completion('f'), condition: m.condition('g') },
    ...{ barrier: m.barrier('h', { parties: 2 }), queue: m.queue('i', domain), seqcount: m.seqcount('j') },
    ...{ seqlock: m.seqlock('k'), rcu, rcuCallbacks: m.rcuCallbacks('l', rcu, domain, () => rcu.synchronize()) },
    ...{ srcu: m.srcu('n'), refcount: m.refcount('o'), token: m.token('p') },
    ...{ spawned: m.spawned('q', () => rcu.synchronize()), cellLock: m.cellLock('r'), waitQueue: m.waitQueue('s') },
  };
  for (const [name, primitive] of Object.entries(made)) {
    const row = new RegExp(`^\\| \`m\\.${name}\\((.*)$`, 'm').exec(text)?.[1] ?? '';
    const [, , methods] = row.split(' | ');
    const said = [...methods.matchAll(/`(\w+)[(`]/g)].map(([, method]) => method).filter((it) => it !== 'exclusive');
    const has = Object.getOwnPropertyNames(Object.getPrototypeOf(primitive));
    expect([name, said.length > 0]).toEqual([name, true]);
    expect(said.filter((method) => !has.includes(method))).toEqual([]);
  }
});
