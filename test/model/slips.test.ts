/**
 * The commonest slips of whoever writes a model, each with the sentence that it is refused with, and beside them what
 * looks like one and is none.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Cell } from '../../src/core/ops/cell.js';
import {
  check,
  compare,
  defineModel,
  explore,
  loadModel,
  type Model,
  type ModelBuilder,
  verify,
} from '../../src/index.js';
import { live } from '../../src/live/live.js';
import { compileModel } from '../../src/model/model.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-slips-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** A model file with this in its `build`, and this around it. */
async function fileModel(build: string, around = ''): Promise<Model> {
  const path = join(folder, `${files++}.mjs`);
  writeFileSync(
    path,
    `import { atomic, call, check, choose, compute, defineModel, here, loop, within } from 'faultline';
${around}
export default defineModel({ name: 'slip', source: import.meta.url, build(m) {
const c = m.cell('c'); const lock = m.mutex('lock'); const srcu = m.srcu('srcu'); const rwsem = m.rwsem('rwsem');
${build}
} });`,
  );
  return await loadModel(path);
}

const actor = (body: string) => `m.actor('a', function* a() {\n${body}\n});`;

it("is of the last build, where somebody else's model is built several times to be compared", async () => {
  const written = await fileModel(
    "globalThis.handedOut = m.cell('x');\nm.actor('a', function* a() { yield* c.write(1); });",
  );
  const { layout } = await compileModel(written);
  const { handedOut } = globalThis as { handedOut?: Cell };
  expect(layout.owns(handedOut!.region)).toBe(true);
});

describe('what is made and not yielded', () => {
  it.each([
    ['an op as a statement', actor('c.write(1);'), 'a makes "c = 1" and does not yield it \\(\\d+\\.mjs:6\\)'],
    ['before another op', actor('c.write(1);\nyield* c.read();'), 'a makes "c = 1"'],
    ['an op that is asked whether it is true', actor('if (lock.trylock()) yield* lock.unlock();'), 'mutex_trylock'],
    ['the same by a variable', actor('const got = lock.trylock();\nif (got) yield* lock.unlock();'), 'mutex_trylock'],
    ['an op that is negated', actor('if (!lock.trylock()) return;\nyield* lock.unlock();'), 'mutex_trylock'],
    ['an op behind yield without a star', actor('yield c.write(1);'), 'a makes "c = 1"'],
    ['a grace period', actor('srcu.synchronize();\nyield* c.read();'), 'a makes "srcu\\.synchronize\\(\\)"'],
    ['a lock of two steps', actor('rwsem.downWrite();\nyield* rwsem.upWrite();'), 'downWrite\\(\\)"'],
    [
      'a section',
      actor("atomic('both', function* () { yield* c.write(1); });\nyield* c.read();"),
      'atomic\\("both"\\)',
    ],
    ['a frame', actor("within('f', '', function* () { yield* c.write(1); });\nyield* c.read();"), 'within\\("f"\\)'],
    ['a check', actor("check((yield* c.read()) === 0, 'not 0');"), 'check\\(...\\)'],
    ['a retry', actor('const again = yield* here();\nif ((yield* c.read()) === 0) again();'), 'again\\(\\)'],
    [
      'an op that a plain function drops',
      `function put() { c.write(1); }\n${actor('put();\nyield* c.read();')}`,
      'a makes "c = 1" and does not yield it \\(\\d+\\.mjs:5\\)',
    ],
    [
      'an op that a plain function returns',
      `const put = () => c.write(1);\n${actor('put();\nyield* c.read();')}`,
      'a makes "c = 1" and does not yield it \\(\\d+\\.mjs:7\\)',
    ],
    [
      'a routine as a statement',
      `function* put() { yield* c.write(1); }\n${actor('put();\nyield* c.read();')}`,
      'a\\(\\) calls put\\(\\) without yield\\* \\(\\d+\\.mjs:7\\)',
    ],
    [
      'a routine behind yield without a star',
      `function* put() { yield* c.write(1); }\n${actor('yield put();')}`,
      'a\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'a routine that is asked whether it is true',
      `function* got() { return (yield* c.read()) === 1; }\n${actor('if (got()) yield* c.write(2);')}`,
      'a\\(\\) calls got\\(\\) without yield\\*',
    ],
    [
      'a routine in one that has no other step',
      `function* put() { yield* c.write(1); }\n${actor('put();')}`,
      'a\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'a method that is not there',
      actor('yield* c.read();\nyield* c.wirte(1);'),
      'a yields\\* what is no op and no routine \\(\\d+\\.mjs:7\\)',
    ],
    [
      'a routine that is returned',
      `function* put() { yield* c.write(1); return 2; }\n${actor('yield* c.read();\nreturn put();')}`,
      'a\\(\\) calls put\\(\\) without yield\\* \\(\\d+\\.mjs:8\\)',
    ],
    [
      'an async generator',
      "m.actor('a', async function* a() { yield* c.write(1); });",
      'a is an async generator; write function\\* a\\(\\)',
    ],
    [
      'a routine in forEach',
      `function* put(v) { yield* c.write(v); }\n${actor('yield* c.read();\n[1, 2].forEach((v) => put(v));')}`,
      'calls forEach\\(\\) without yield\\*',
    ],
    [
      'a routine that forEach is handed',
      actor('yield* c.read();\n[1, 2].forEach(function* (v) { yield* c.write(v); });'),
      'calls forEach\\(\\) without yield\\*',
    ],
    [
      'a routine that an arrow returns',
      `function* put(v) { yield* c.write(v); }\nconst puts = (v) => put(v);\n${actor('yield* c.read();\nputs(1);')}`,
      'calls puts\\(\\) without yield\\*',
    ],
    [
      'a routine that another is handed',
      `function* put() { yield* c.write(1); }\nfunction* locked(body) { yield* lock.lock(); body(); yield* lock.unlock(); }\n${actor('yield* locked(put);')}`,
      'locked\\(\\) calls body\\(\\) without yield\\*',
    ],
    [
      'a method that is a routine',
      `const it = { *put() { yield* c.write(1); } };\n${actor('yield* c.read();\nit.put();')}`,
      'calls put\\(\\) without yield\\*',
    ],
    [
      'a method that is a routine, of an object that is none of the language',
      `const it = { *push() { yield* c.write(1); } };\n${actor('yield* c.read();\nit.push();')}`,
      'calls push\\(\\) without yield\\*',
    ],
    [
      'a method that is taken out of its object',
      `const it = { *put() { yield* c.write(1); } };\nconst { put } = it;\n${actor('yield* c.read();\nput();')}`,
      'a\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'a method that is bound',
      `const it = { *put() { yield* c.write(1); } };\nconst put = it.put.bind(it);\n${actor('yield* c.read();\nput();')}`,
      'a\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'a method that is called for another object',
      `const it = { *put() { yield* c.write(1); } };\n${actor('yield* c.read();\nit.put.call(it);')}`,
      'a\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'a method of a primitive in another one',
      `class Box { *put() { yield* c.write(1); } *twice() { this.put(); yield* this.put(); } }\n${actor('yield* new Box().twice();')}`,
      'twice\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'a routine that another one returns',
      `function* put() { yield* c.write(1); }\nfunction* late() { yield* c.read(); return put(); }\n${actor('yield* late();')}`,
      'late\\(\\) calls put\\(\\) without yield\\*',
    ],
    [
      'an op that another one returns',
      `function* late() { yield* c.read(); return c.write(1); }\n${actor('yield* late();\nyield* c.read();')}`,
      'a makes "c = 1" and does not yield it \\(\\d+\\.mjs:5\\)',
    ],
    [
      'a routine for a value',
      `function* got() { yield* c.read(); return 2; }\n${actor('yield* c.write(got());')}`,
      'c = a routine \\(yield\\* it first\\) \\(\\d+\\.mjs:7\\)',
    ],
    ['an op in build', `c.write(1);\n${actor('yield* c.read();')}`, 'build of model "slip" makes "c = 1" \\('],
    ['an op for a value', actor('yield* c.write(c.read());'), 'a makes "c" and does not yield it \\(\\d+\\.mjs:6\\)'],
  ])('%s is refused', async (_, build, sentence) => {
    const model = await fileModel(build);
    await expect(verify(model)).rejects.toThrow(new RegExp(sentence));
    await expect(explore(model)).rejects.toThrow(new RegExp(sentence));
  });

  it.each([
    ['one of two ops', 'const op = (yield* c.read()) === 0 ? c.write(1) : c.write(2);\nyield* op;'],
    ['one op of a table', 'const does = { one: c.write(1), two: c.write(2) };\nyield* does.one;'],
    ['one op of a list', 'const [one] = [c.write(1), c.write(2)];\nyield* one;'],
    ['an op for later', 'const put = c.write(1);\nyield* lock.lock();\nyield* put;\nyield* lock.unlock();'],
    ['an op under another name', "yield* c.write(1).named('the store');"],
    ['an op that is handed on', 'function* twice(op) { yield* op; yield* op; }\nyield* twice(c.add(1));'],
    [
      'a routine that is handed on',
      'function* one() { yield* c.add(1); }\nconst all = [one()];\nfor (const each of all) yield* each;',
    ],
    [
      'a method of an array that a routine has its name from',
      'function* push(v) { yield* c.write(v); }\nconst stack = { push };\nconst seen = [];\nseen.push(1);\n[1].push(2);\nnew Array().push(3);\nyield* stack.push(1);',
    ],
    ['a call that is no routine', 'const seen = [];\nseen.push(yield* c.read());\nString(seen);'],
    [
      'a routine whose body is handed in',
      'function* locked(body) { yield* lock.lock(); yield* body(); yield* lock.unlock(); }\nyield* locked(function* () { yield* c.write(1); });',
    ],
    ['a list of routines', 'const all = [1, 2].map((v) => c.add(v));\nfor (const each of all) yield* each;'],
    [
      'an iterator of numbers',
      'function* numbers() { yield 1; yield 2; }\nfor (const n of numbers()) yield* c.add(n);',
    ],
    ['what a routine returns', 'function* late() { return c.write(1); }\nyield* yield* late();'],
    [
      'the same for later',
      'function* late() { return c.write(1); }\nconst op = yield* late(); yield* c.read(); yield* op;',
    ],
    ['a section for later', "const both = atomic('both', function* () { yield* c.write(1); });\nyield* both;"],
  ])('%s is fine', async (_, body) => {
    expect((await verify(await fileModel(actor(body)))).verdict).toBe('verified');
  });
});

describe('build', () => {
  const model = (build: (m: ModelBuilder) => unknown) => defineModel({ name: 'slip', build: build as never });
  const idle = (m: ModelBuilder) => {
    const c = m.cell('c');
    m.actor('a', function* a() {
      yield* c.read();
    });
    return c;
  };

  it.each<[string, (m: ModelBuilder) => unknown, string]>([
    ['is async', async (m) => void idle(m), 'build of model "slip" is async'],
    ['returns a cell', (m) => idle(m), 'build of model "slip" returns an object \\(Cell\\)'],
    [
      'draws a lot',
      (m) => {
        idle(m);
        m.cell('d', { initial: Math.floor(Math.random() * 2 ** 30) });
      },
      'is not deterministic: it declared "d" with \\d+, and "d" with \\d+',
    ],
    [
      'makes a second cell of a name',
      (m) => {
        idle(m);
        m.cell('c');
      },
      'two cells are named "c"',
    ],
    [
      'makes a second actor of a name',
      (m) => {
        idle(m);
        m.actor('a', function* () {});
      },
      'two actors are named "a"',
    ],
    [
      'makes a cell without a name',
      (m) => {
        idle(m);
        m.cell(' ');
      },
      'a cell is named " "',
    ],
    [
      'makes an actor without a name',
      (m) => {
        idle(m);
        m.actor('', function* () {});
      },
      'a actor|an actor',
    ],
    [
      'makes one check twice',
      (m) => {
        const c = idle(m);
        m.always('x', [c], () => true);
        m.always('x', [c], () => true);
      },
      'two checks are named "x"',
    ],
    [
      'misspells an option of a cell',
      (m) => {
        idle(m);
        m.cell('d', { inital: 1 } as never);
      },
      'm\\.cell\\("d"\\): unknown option "inital"; allowed: initial, values; did you mean "initial"',
    ],
    [
      'misspells an option of a lock',
      (m) => {
        idle(m);
        m.mutex('l', { faer: true } as never);
      },
      'm\\.mutex\\("l"\\): unknown option "faer".*did you mean "fair"',
    ],
    [
      'misspells an option of an actor',
      (m) => {
        idle(m);
        m.actor('b', function* () {}, { deamon: true } as never);
      },
      'did you mean "daemon"',
    ],
    [
      'misspells a kind',
      (m) => void m.always('x', [idle(m)], () => true, { kind: 'leek' as never }),
      'unknown kind "leek".*did you mean "leak"',
    ],
    [
      'hands a check a cell and no list',
      (m) => void m.always('x', idle(m) as never, () => true),
      'takes a list of cells',
    ],
    ['hands a check no function', (m) => void m.always('x', [idle(m)], true as never), 'takes a function'],
    ['hands an actor no routine', (m) => void m.actor('b', 3 as never), 'actor "b" takes a routine'],
    [
      'hands actors a routine for a list',
      (m) => void m.actors('b', 2, [] as never),
      'actors\\("b"\\) needs a function',
    ],
  ])('that %s is refused', async (_, build, sentence) => {
    await expect(verify(model(build))).rejects.toThrow(new RegExp(sentence));
  });

  it('that declares when it has returned is refused', async () => {
    let builder: ModelBuilder | undefined;
    const late = model((m) => {
      builder = m;
      idle(m);
    });
    await verify(late);
    expect(() => builder?.cell('late')).toThrow(/"late" is declared after build\(\) has returned/);
    expect(() => builder?.actor('late', function* () {})).toThrow(/actor "late" is declared after build/);
  });

  it('that hands a routine a cell of another model is refused', async () => {
    let other: ReturnType<typeof idle> | undefined;
    await verify(
      model((m) => {
        m.cell('pad');
        other = idle(m);
      }),
    );
    const theirs = other!;
    const mine = model((m) => {
      m.cell('own');
      m.actor('b', function* b() {
        yield* theirs.write(1);
      });
    });
    await expect(verify(mine)).rejects.toThrow('b yields "c = 1", and c is no cell of this model');
  });
});

describe('chance', () => {
  it.each([
    [
      'a routine that draws',
      actor('if (Math.random() < 0.5) yield* c.write(1);'),
      'a\\(\\) calls Math\\.random\\(\\) \\(\\d+\\.mjs:\\d+\\), .*write yield\\* choose\\(',
    ],
    ['a routine that reads a clock', actor('yield* c.write(Date.now() % 2);'), 'a\\(\\) calls Date\\.now\\(\\)'],
    ['a date', actor('yield* c.write(new Date().getSeconds());'), 'a\\(\\) calls new Date\\(\\)'],
    [
      'a build that draws',
      `const n = Math.floor(Math.random() * 9);\n${actor('yield* c.write(n);')}`,
      'build\\(\\) calls Math\\.random\\(\\) .*make it a parameter',
    ],
  ])('%s is refused', async (_, declares, sentence) => {
    await expect(verify(await fileModel(declares))).rejects.toThrow(new RegExp(sentence));
  });

  it.each([
    ['that is printed only', actor('console.error(1 + Date.now());\nyield* c.write(1);'), ''],
    ['outside of the model', actor('yield* c.write(1);'), 'export const started = Date.now();'],
    ['of another name', actor('yield* c.write(Math.max(1, 2));'), ''],
    ['of a variable of that name', `const Math = { random: () => 1 };\n${actor('yield* c.write(Math.random());')}`, ''],
  ])('what is %s is fine', async (_, declares, around) => {
    const printed = vi.spyOn(console, 'error').mockReturnValue();
    expect((await verify(await fileModel(declares, around))).verdict).toBe('verified');
    printed.mockRestore();
  });
});

describe('a check', () => {
  it.each([
    [
      'counts calls and answers by that',
      'const seen = { n: 0 };',
      '(v) => { seen.n++; return seen.n % 7 !== 0; }',
      'check "x" changes what is in "seen"',
    ],
    [
      'answers by a variable that it sets',
      'let last = 0;',
      '(v) => { const ok = v >= last; last = v; return ok; }',
      'check "x" changes "last"',
    ],
    [
      'forgets to return',
      '',
      '(v) => { v < 3; }',
      'check "x" \\(\\d+\\.mjs:\\d+\\) returns nothing; .*write \\(value\\) => value < 3',
    ],
    ['returns a number', '', '(v) => v - 2', 'check "x" \\(\\d+\\.mjs:\\d+\\) returns -?\\d.*: compare it'],
  ])('that %s is refused', async (_, around, holds, sentence) => {
    const model = await fileModel(`m.always('x', [c], ${holds});\n${actor('yield* c.write(1);')}`, around);
    await expect(verify(model)).rejects.toThrow(new RegExp(sentence));
  });

  it('that counts for its author alone is fine', async () => {
    const model = await fileModel(
      `m.always('x', [c], (v) => { asked++; return v < 3; });\n${actor('yield* c.write(1);')}`,
      'let asked = 0;',
    );
    expect((await verify(model)).verdict).toBe('verified');
  });
});

describe('the library', () => {
  const model = defineModel({
    name: 'known',
    parameters: { count: 1 },
    build(m, { count }) {
      m.actors('a', count, () => function* () {});
    },
  });

  it.each<[string, () => unknown, string]>([
    [
      'verify an option',
      () => verify(model, { maxState: 3 } as never),
      'verify(): unknown option "maxState"; allowed: ',
    ],
    [
      'explore an option',
      () => explore(model, { schedule: 3 } as never),
      'explore(): unknown option "schedule"; allowed: ',
    ],
    ['compare an option', () => compare([], { seeds: 3 } as never), 'compare(): unknown option "seeds"; allowed: '],
    ['live an option', () => live(model, { thread: 3 } as never).done, 'live(): unknown option "thread"; allowed: '],
    [
      'a model a parameter',
      () => model.with({ cuont: 2 } as never),
      'model "known": unknown parameter "cuont"; allowed: count; did you mean "count"?',
    ],
    [
      'a definition a field',
      () => defineModel({ ...model.definition, parametres: {} } as never),
      'unknown option "parametres"',
    ],
    ['a promise for a model', () => verify(Promise.resolve(model) as never), 'a promise; await it first'],
    [
      'an object for a model',
      () => verify({} as never),
      'a model is what defineModel({ name, build(m) { ... } }) returns',
    ],
    ['nothing for a model', () => explore(undefined as never), 'and not undefined'],
    [
      'a text for a seed',
      () => explore(model, { seed: '1' as never }),
      'seed is "1"; allowed: a whole number from 0 to 2^64 - 1',
    ],
    ['a seed below 0', () => explore(model, { seed: -1 }), 'seed is -1; allowed'],
  ])('refuses who gives %s', async (_, does, sentence) => {
    await expect((async () => await does())()).rejects.toThrow(sentence);
  });

  it('takes a number for a seed as the bigint that it stands for', async () => {
    const [one, other] = await Promise.all([explore(model, { seed: 7 }), explore(model, { seed: 7n })]);
    expect(one.stats).toEqual(other.stats);
  });
});

describe('check(condition, words)', () => {
  const torn = (kind?: 'leak') =>
    defineModel({
      name: 'torn',
      parameters: { atomic: false },
      build(m, p) {
        const x = m.cell('x');
        const y = m.cell('y');
        const lock = m.mutex('lock');
        m.actor('writer', function* writer() {
          if (p.atomic) yield* lock.lock();
          yield* x.add(1);
          yield* y.add(1);
          if (p.atomic) yield* lock.unlock();
        });
        m.actor('reader', function* reader() {
          if (p.atomic) yield* lock.lock();
          const [first, second] = [yield* x.read(), yield* y.read()];
          yield* check(first === second, 'the reader sees half of it', kind && { kind });
          if (p.atomic) yield* lock.unlock();
        });
      },
    });

  it('is found, costs no step while it holds, and is of the kind that it names', async () => {
    const { findings } = await verify(torn('leak'));
    expect(findings.map(({ kind, words }) => ({ kind, words }))).toEqual([
      { kind: 'leak', words: 'the reader sees half of it' },
    ]);
    const held = await verify(torn().with({ atomic: true }));
    expect({ verdict: held.verdict, never: held.coverage?.neverExecuted }).toEqual({ verdict: 'verified', never: [] });
  });

  it('is replayed by its schedule, and found by explore as well', async () => {
    const { findings } = await explore(torn(), {});
    expect(findings[0]).toMatchObject({ kind: 'assertion', words: 'the reader sees half of it' });
  });

  it.each<[string, unknown[], string]>([
    ['no boolean', [1, 'words'], 'check(1, ...) asks for no boolean'],
    ['no words', [true, ''], 'needs the words of what is wrong'],
    ['an unknown kind', [true, 'words', { kind: 'leek' }], 'names the kind "leek"'],
  ])('refuses %s, also where it holds', async (_, given, sentence) => {
    const model = defineModel({
      name: 'wrong',
      build(m) {
        const c = m.cell('c');
        m.actor('a', function* a() {
          yield* c.read();
          yield* (check as (...all: unknown[]) => ReturnType<typeof check>)(...given);
        });
      },
    });
    await expect(verify(model)).rejects.toThrow(sentence);
  });
});
