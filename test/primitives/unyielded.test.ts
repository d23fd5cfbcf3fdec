/** Every method that docs/primitives.md names, called without `yield*` in a model and in a primitive of the user's own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel, verify } from '../../src/index.js';

const text = readFileSync(new URL('../../docs/primitives.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'faultline-unyielded-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One of each kind of primitive, by the method that declares it; of work queues an item. */
const MADE = `
const domain = m.domain('thing', 2);
const rcu = m.rcu('rcu');
const idle = function* () { yield* c.read(); };
const [mutex, spinlock, semaphore] = [m.mutex('mutex'), m.spinlock('spinlock'), m.semaphore('semaphore')];
const rwsem = m.rwsem('rwsem', { nesting: 2 });
const rwlock = m.rwlock('rwlock', { nesting: 2 });
const [completion, waitQueue, spawned] = [m.completion('completion'), m.waitQueue('wq'), m.spawned('spawned', idle)];
const condition = m.condition('condition', { mutex: m.mutex('inner') });
const barrier = m.barrier('barrier', { parties: 1 });
const queue = m.queue('queue', domain);
const [seqcount, seqlock, srcu] = [m.seqcount('seqcount'), m.seqlock('seqlock'), m.srcu('srcu')];
const rcuCallbacks = m.rcuCallbacks('callbacks', rcu, domain, idle);
const workqueue = m.workqueue('works').work('item', idle);
const deferred = m.deferred('deferred', domain, idle);
const [refcount, token, cellLock] = [m.refcount('refcount'), m.token('token'), m.cellLock('cellLock')];
const id = domain.id(0);
`;

/** What methods take that take something. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  ...{ acquire: 'c.write(1)', try: 'c.cmpxchg(0, 1)', release: 'c.write(0)', call: 'id', defer: 'id', put: 'id' },
  ...{ tryPut: 'id', add: 'id', readRetry: '0', read: 'idle', readUnlock: '0', putAnd: 'idle', set: '1' },
  ...{ waitEvent: 'idle', waitEventInterruptible: 'idle', wakeUpNr: '1' },
};

const rows = [...text.matchAll(/^\| `m\.(\w+)\(.*$/gm)]
  .filter(([, name]) => name !== 'perActor')
  .flatMap(([row, name]) => {
    const [, , methods] = row.split(' | ');
    const own = methods.replace(/of the queue:.*/, '');
    const all = [...own.matchAll(/`(\w+)`/g)].map(([, method]) => [name, method] as const);
    const exclusive = all.filter(([, method]) => /^(?:prepare|schedule|finish|waitEvent)/.test(method));
    return name === 'waitQueue' ? [...all, ...exclusive.map(([, it]) => [`${name}.exclusive`, it] as const)] : all;
  });

/** What verify says of a model that does this in its actor, with this around it, and the line of `dropped` in its file. */
async function answer(name: string, body: string, around = ''): Promise<{ said: string; line: number }> {
  const path = join(folder, `${name}.mjs`);
  const model = `import { defineModel } from 'faultline';
export default defineModel({ name: 'slip', source: import.meta.url, build(m) {
const c = m.cell('c');
${MADE}${around}
m.actor('a', function* a() { ${body} });
} });`;
  writeFileSync(path, model);
  const line = model.split('\n').findIndex((each) => /^[\w.]+\(.*\); yield\* c\.read\(\);/.test(each)) + 1;
  return { said: await verify(await loadModel(path)).then(({ verdict }) => verdict, String), line };
}

describe('a method that is called without yield*', () => {
  it('is one of many', () => {
    expect(rows.length).toBeGreaterThan(100);
  });

  it.each(rows)('%s.%s', async (name, method) => {
    const call = `\n${name}.${method}(${ARGUMENTS[method] ?? ''}); yield* c.read();`;
    for (const [file, body, around] of [
      [`${name}-${method}`, call, ''],
      [`${name}-${method}-in`, 'yield* box.enter();', `const box = { *enter() {${call} } };`],
    ]) {
      const { said, line } = await answer(file, body, around);
      const place = `\\(${file}\\.mjs:${line}\\)`;
      expect(said).toMatch(new RegExp(`a makes ".+" and does not yield it ${place}: .*write yield\\* before it`));
    }
  });
});
