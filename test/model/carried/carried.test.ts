/** What a round of a loop carries besides what it hands on, read off the text of routines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { carriedBy } from '../../../src/model/carried/carried.js';
import { sitesOf } from '../../../src/model/carried/sites.js';
import { Sources } from '../../../src/model/carried/sources.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-carried-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** What the first loop of a text that carries something carries; `other` is the text of a file that it may import. */
function carriedIn(text: string, { ending = 'mjs', other = '' } = {}): string {
  const number = files++;
  const path = join(folder, `${number}.${ending}`);
  writeFileSync(join(folder, `other-${number}.mjs`), other);
  writeFileSync(path, text.replace('OTHER', `./other-${number}.mjs`));
  const sources = new Sources([path]);
  const names = sources.file(path);
  if (names === undefined) throw new Error(`cannot be read: ${text}`);
  for (const site of sitesOf(sources, names)) {
    if (site.kind === 'here' && (site.again === undefined || site.isHandedOn)) return 'again cannot be followed';
    const found = carriedBy(sources, site);
    if (found !== undefined) return `${found.how} ${found.what}`;
  }
  return 'nothing';
}

/** A model with one routine: what stands before `here()`, after it, and in `build` and in the module around. */
const routine = (before: string, after: string, build = '', module = '') => `
  import { atomic, compute, defineModel, here, within } from 'faultline';
  ${module}
  export default defineModel({ name: 'm', build(m) {
    const x = m.cell('x'); const bits = m.bitmap('bits', 4); const lock = m.mutex('lock');
    ${build}
    m.actor('task', function* task(given) {
      ${before}
      const again = yield* here();
      ${after}
    });
  } });`;

const RETRY = 'if ((yield* x.read()) === 0) yield* again();';

describe('a variable of the routine is carried', () => {
  it.each([
    ['counted up', 'let n = 0;', `n++; if (n < 3) yield* again();`],
    ['added to', 'let n = 0;', `n += 1; if (n < 3) yield* again();`],
    ['written with what it was', 'let n = 0;', `n = n + 1; if (n < 3) yield* again();`],
    ['counted in the condition', 'let n = 0;', `if (n++ < 3) yield* again();`],
    ['counted on the way to again', 'let n = 0;', `if (n < 3) yield* again(n++);`],
    ['counted where again is picked', 'let n = 0;', `yield* n++ < 3 ? again() : x.write(1);`],
    ['written by a list pattern', 'let n = 0;', `[n] = [n + 1]; if (n < 3) yield* again();`],
    ['written by an object pattern', 'let n = 0;', `({ n } = { n: n + 1 }); if (n < 3) yield* again();`],
    ['written by the head of a loop', 'let n = 0;', `for (n of [n + 1]); if (n < 3) yield* again();`],
    ['written once', 'let n;', `n ??= yield* x.read(); if (n < 3) yield* again();`],
    ['a text that grows', "let n = '';", `n += 'x'; if (n.length < 3) yield* again();`],
    ['declared by var after here()', '', `var n = (n ?? 0) + 1; if (n < 3) yield* again();`],
    [
      'written on one way only',
      'let n = 0;',
      `if (yield* x.read()) n = 1; if (n === 0) yield* again(); yield* x.write(n);
      if (n === 1) yield* again();`,
    ],
    [
      'written behind the read of the next round',
      'let n = 0;',
      `if (n === 2) return; n = yield* x.read(); yield* again();`,
    ],
    [
      'counted in a plain loop',
      'let n = 0;',
      `while (yield* x.read()) { if (n > 2) break; yield* again(); n++; } n++; ${RETRY}`,
    ],
    ['counted under try', 'let n = 0;', `try { n++; if (n < 3) yield* again(); } finally { yield* x.read(); }`],
    [
      'counted in a case',
      'let n = 0;',
      `switch (yield* x.read()) { case 0: n++; default: if (n < 3) yield* again(); }`,
    ],
    ['counted inside a section', 'let n = 0;', `yield* atomic('s', function* () { n++; }); if (n < 3) yield* again();`],
    [
      'counted inside within',
      'let n = 0;',
      `yield* within('f', '', function* () { n++; ${RETRY} }); if (n > 3) return;`,
    ],
    ['counted by a closure', 'let n = 0; const bump = () => { n++; };', `bump(); if (n < 3) yield* again();`],
    ['counted by a routine', 'let n = 0; function* bump() { n++; }', `yield* bump(); if (n < 3) yield* again();`],
    [
      'counted by a closure of a closure',
      'let n = 0; const inner = () => n++; const bump = () => inner();',
      `bump(); if (n < 3) yield* again();`,
    ],
    ['counted by a method', 'let n = 0; const o = { bump() { n++; } };', `o.bump(); if (n < 3) yield* again();`],
    ['counted by a getter', 'let n = 0; const o = { get next() { return n++; } };', `if (o.next < 3) yield* again();`],
    ['counted by a tag', 'let n = 0; const tag = () => n++;', 'tag`x`; if (n < 3) yield* again();'],
    [
      'counted by a toString',
      'let n = 0; const o = { [Symbol.toPrimitive]() { return n++; } };',
      'if (+o < 3) yield* again();',
    ],
    [
      'counted by what is handed on',
      'let n = 0; const each = (f) => f();',
      `each(() => n++); if (n < 3) yield* again();`,
    ],
    ['a parameter', '', `given--; if (given > 0) yield* again();`],
  ])('%s', (_, before, after) => {
    expect(carriedIn(routine(before, after))).toMatch(/^assigns (?:n|given)$/);
  });

  it('and handed back at the end', () => {
    const text = routine(
      '',
      `yield* task2(); return;`,
      `function* task2() {
      let last = 0;
      yield* within('f', '', function* () {
        const again = yield* here();
        const seen = yield* x.read();
        if (seen > 1) last = seen;
        if (seen !== 0) yield* again();
      });
      return last;
    }`,
    );
    expect(carriedIn(text)).toBe('assigns last');
  });

  it('of the function around the one that goes round', () => {
    const text = routine(
      '',
      '',
      `function* around() {
      let n = 0;
      yield* within('f', '', function* () { const again = yield* here(); n++; if (n < 3) yield* again(); });
    }`,
    );
    expect(carriedIn(text)).toBe('assigns n');
  });

  it('of the caller, by a closure that it hands on', () => {
    const text = routine(
      '',
      '',
      `
      function* helper(failed) { const again = yield* here(); if (failed()) return; ${RETRY} }
      function* caller() { let n = 0; yield* helper(() => n++ > 2); }`,
    );
    expect(carriedIn(text)).toBe('assigns n');
  });

  it('that a parameter with a default is', () => {
    const text = routine(
      '',
      '',
      `function* helper(n = 3) { const again = yield* here(); if (--n > 0) yield* again(); }`,
    );
    expect(carriedIn(text)).toBe('assigns n');
  });

  it('in a loop of the language that begins the loop anew', () => {
    const text = routine(
      '',
      '',
      `function* several() {
      let last = 0;
      for (let i = 0; i < 2; i++) {
        if (last > 1) return;
        const again = yield* here();
        if (yield* x.read()) { last = 2; yield* again(); }
      }
    }`,
    );
    expect(carriedIn(text)).toBe('assigns last');
  });

  it('of build and of the module', () => {
    expect(carriedIn(routine('', `n++; if (n < 3) yield* again();`, 'let n = 0;'))).toBe('assigns n');
    expect(carriedIn(routine('', `n++; if (n < 3) yield* again();`, '', 'let n = 0;'))).toBe('assigns n');
  });

  it('of a maker of closures', () => {
    const maker = 'const counter = () => { let n = 0; return () => ++n; };';
    expect(carriedIn(routine('const next = counter();', 'if (next() < 3) yield* again();', maker))).toBe('assigns n');
    expect(carriedIn(routine('', 'if (next() < 3) yield* again();', `${maker} const next = counter();`))).toBe(
      'assigns n',
    );
  });
});

describe('an object is carried', () => {
  it.each([
    ['a field is counted', 'const o = { n: 0 };', 'o.n++; if (o.n < 3) yield* again();'],
    ['a field is written', 'const o = {};', 'o.n = (o.n ?? 0) + 1; if (o.n < 3) yield* again();'],
    ['an element is written', 'const o = [0];', 'o[0] += 1; if (o[0] < 3) yield* again();'],
    ['an element is written by a pattern', 'const o = [0];', '[o[0]] = [o[0] + 1]; if (o[0] < 3) yield* again();'],
    ['a field is deleted', 'const o = { n: 1 };', "if (!('n' in o)) return; delete o.n; yield* again();"],
    ['a field is written by the head of a loop', 'const o = {};', 'for (o.n of [1]); if (o.n) yield* again();'],
    ['it is pushed to', 'const o = [];', 'o.push(1); if (o.length < 3) yield* again();'],
    ['it is shortened', 'const o = [1, 2];', 'if (o.pop()) yield* again();'],
    ['its length is set', 'const o = [1, 2];', 'o.length -= 1; if (o.length) yield* again();'],
    ['it is sorted', 'const o = [2, 1];', 'if (o[0] === 1) return; o.sort(); yield* again();'],
    ['a set grows', 'const o = new Set();', 'o.add(o.size); if (o.size < 3) yield* again();'],
    ['a set grows in a condition', 'const o = new Set();', 'if (o.add(o.size).size < 3) yield* again();'],
    ['a map grows', 'const o = new Map();', 'o.set(o.size, 1); if (o.size < 3) yield* again();'],
    [
      'a weak map is written',
      'const o = new WeakMap(); const k = {};',
      'if (o.has(k)) return; o.set(k, 1); yield* again();',
    ],
    ['a typed array is written', 'const o = new Int32Array(1);', 'o[0]++; if (o[0] < 3) yield* again();'],
    [
      'a typed array is written by Atomics',
      'const o = new Int32Array(1);',
      'if (Atomics.add(o, 0, 1) < 3) yield* again();',
    ],
    ['Object.assign writes', 'const o = { n: 0 };', 'Object.assign(o, { n: o.n + 1 }); if (o.n < 3) yield* again();'],
    ['Reflect.set writes', 'const o = { n: 0 };', "Reflect.set(o, 'n', o.n + 1); if (o.n < 3) yield* again();"],
    ['push is borrowed', 'const o = [];', 'Array.prototype.push.call(o, 1); if (o.length < 3) yield* again();'],
    ['it has another name', 'const o = { n: 0 }; const p = o;', 'p.n++; if (p.n < 3) yield* again();', 'p'],
    ['it has another name in the round', 'const o = { n: 0 };', 'const p = o; p.n++; if (p.n < 3) yield* again();'],
    [
      'a part of it has a name',
      'const o = { list: [] };',
      'const { list } = o; list.push(1); if (list.length < 3) yield* again();',
    ],
    ['it is one of a list', 'const o = { n: 0 };', 'for (const each of [o]) each.n++; if (o.n < 3) yield* again();'],
    ['it is in something new', 'const o = { n: 0 };', 'const box = { o }; box.o.n++; if (o.n < 3) yield* again();'],
    [
      'it is in a copy',
      'const o = { list: [] };',
      'const copy = { ...o }; copy.list.push(1); if (o.list.length < 3) yield* again();',
    ],
    ['it is found', 'const o = [{ n: 0 }];', 'o.find(Boolean).n++; if (o[0].n < 3) yield* again();'],
    [
      'each of it is changed',
      'const o = [{ n: 0 }];',
      'o.forEach((each) => { each.n++; }); if (o[0].n < 3) yield* again();',
    ],
    [
      'a function changes it',
      'const o = { n: 0 }; const bump = (it) => { it.n++; };',
      'bump(o); if (o.n < 3) yield* again();',
    ],
    [
      'a function of a function changes it',
      'const o = { n: 0 }; const a = (it) => b(it); const b = (it) => it.n++;',
      'a(o); if (o.n < 3) yield* again();',
    ],
    [
      'a function that takes it apart changes it',
      'const o = { list: [] }; const bump = ({ list }) => list.push(1);',
      'bump(o); if (o.list.length < 3) yield* again();',
    ],
    [
      'a closure changes it',
      'const o = { n: 0 }; const bump = () => { o.n++; };',
      'bump(); if (o.n < 3) yield* again();',
    ],
    ['the parameter is one', '', 'given.n++; if (given.n < 3) yield* again();', 'given'],
  ])('%s', (_, before, after, what = 'o') => {
    expect(carriedIn(routine(before, after))).toBe(`changes ${what}`);
  });

  it('of the caller, however deep it is handed', () => {
    const text = (bump: string) =>
      routine(
        '',
        '',
        `
        ${bump}
        function* helper(state) { const again = yield* here(); yield* deeper({ state }); if (state.n < 3) yield* again(); }
        function* deeper({ state }) { yield* x.read(); bump(state); }
        function* caller() { yield* helper({ n: 0 }); }`,
      );
    expect(carriedIn(text('const bump = (it) => { it.n++; };'))).toBe('changes state');
  });

  it('whose class changes it', () => {
    const counter =
      'class Counter { n = 0; #m = 0; bump() { this.n++; this.#m++; } *step() { this.bump(); yield* x.read(); } }';
    const after = '; if (c.n < 3) yield* again();';
    expect(carriedIn(routine('const c = new Counter();', `c.bump()${after}`, counter))).toBe('changes c');
    expect(carriedIn(routine('', `yield* c.step()${after}`, `${counter} const c = new Counter();`))).toBe('changes c');
  });

  it('that a method is called on', () => {
    const text = routine(
      '',
      '',
      `class Task { tries = 0;
      *run() { const again = yield* here(); if (yield* lock.trylock()) return; this.tries++; if (this.tries < 3) yield* again(); } }`,
    );
    expect(carriedIn(text)).toBe('changes this');
  });

  it('of build, of the module and of everybody', () => {
    const after = 'o.n++; if (o.n < 3) yield* again();';
    expect(carriedIn(routine('', after, 'const o = { n: 0 };'))).toBe('changes o');
    expect(carriedIn(routine('', after, '', 'const o = { n: 0 };'))).toBe('changes o');
    expect(
      carriedIn(routine('', 'globalThis.n = (globalThis.n ?? 0) + 1; if (globalThis.n < 3) yield* again();')),
    ).toBe('changes globalThis');
  });

  it('that a function in another file changes', () => {
    const module = "import { bump as count } from 'OTHER';";
    const text = routine('const o = { n: 0 };', 'count(o); if (o.n < 3) yield* again();', '', module);
    expect(carriedIn(text, { other: 'export function bump(it) { it.n++; }' })).toBe('changes o');
    const own = routine('', 'count(); if (count.n < 3) yield* again();', '', module);
    expect(carriedIn(own, { other: 'let n = 0; export const bump = () => ++n;' })).toBe('assigns n');
  });

  it('that is handed to a package', () => {
    const module = "import { bump } from 'some-package'; import Deque from 'deque';";
    expect(carriedIn(routine('const o = { n: 0 };', 'bump(o); if (o.n < 3) yield* again();', '', module))).toBe(
      'hands on o',
    );
    expect(carriedIn(routine('const o = new Deque();', 'if (o.dequeue()) yield* again();', '', module))).toBe(
      'hands on o',
    );
  });
});

describe('an iterator is used up', () => {
  it.each([
    ['step by step', 'const it = [1, 2][Symbol.iterator]();', 'if (!it.next().done) yield* again();'],
    ['by a loop', 'const it = new Map([[1, 1]]).values();', 'for (const each of it) yield* again();'],
    ['by a copy', 'const it = [1].values();', 'if ([...it].length) yield* again();'],
    ['by a pattern', 'const it = [1, 2].values();', 'const [first] = it; if (first) yield* again();'],
    [
      'of a generator',
      'function* three() { yield 1; yield 2; } const it = three();',
      'if (it.next().value) yield* again();',
    ],
    [
      'that is a routine which has begun',
      'function* part() { yield* x.read(); } const it = part();',
      'yield* it; yield* again();',
    ],
    ['that is a section', "const it = atomic('s', function* () { yield* x.read(); });", 'yield* it; yield* again();'],
  ])('%s', (_, before, after) => {
    expect(carriedIn(routine(before, after))).toBe('uses up it');
  });

  it('of the caller', () => {
    const text = routine(
      '',
      '',
      `
      function* helper(it) { const again = yield* here(); for (const each of it) { yield* x.write(each); yield* again(); } }
      function* caller() { yield* helper([1, 2].values()); }`,
    );
    expect(carriedIn(text)).toBe('uses up it');
  });
});

describe('again() must be seen', () => {
  it.each([
    ['is handed on', `yield* helper(again);`],
    ['is returned', `return again;`],
    ['has another name', `const go = again; yield* go();`],
  ])('where it %s', (_, after) => {
    expect(carriedIn(routine('', after))).toBe('again cannot be followed');
  });

  it.each([
    ['in an object', 'const o = { again: yield* here() };'],
    ['in a variable that is written again', 'let go = yield* here(); go = yield* here();'],
    ['nowhere', 'return yield* here();'],
    ['in a variable from outside', 'let go; go = yield* here();'],
  ])('where it is kept %s', (_, text) => {
    expect(carriedIn(routine('', '', `function* other() { ${text} }`))).toBe('again cannot be followed');
  });

  it.each([
    ['an import with another name', "import { here as mark } from 'faultline';", 'mark'],
    ['an import of everything', "import * as faultline from 'faultline';", 'faultline.here'],
    ['an import when it is needed', "const faultline = await import('faultline');", 'faultline.here'],
    ['an import taken apart', "const { here: mark } = await import('faultline');", 'mark'],
    ['another name', "import { here } from 'faultline'; const mark = here;", 'mark'],
  ])('also by %s', (_, module, mark) => {
    const text = `${module}
      export function* task(x) { let n = 0; const again = yield* ${mark}(); n++; if (n < 3) yield* again(); }`;
    expect(carriedIn(text)).toBe('assigns n');
  });
});

describe('nothing is carried', () => {
  it.each([
    [
      'by a variable that each round writes first',
      'let seen;',
      'seen = yield* x.read(); if (seen === 0) yield* again();',
    ],
    ['by one that had a value before', 'let seen = 7;', 'seen = yield* x.read(); if (seen === 0) yield* again();'],
    ['by one that is written on every way', 'let n;', 'if (yield* x.read()) n = 1; else n = 0; if (n) yield* again();'],
    [
      'by one that is written in a section',
      'let n;',
      "yield* atomic('s', function* () { n = yield* x.read(); }); if (n) yield* again();",
    ],
    [
      'by one that is written once the last again() is past',
      'let error = 0;',
      `${RETRY} if (yield* x.read()) error = -5; return error;`,
    ],
    ['by one that nobody reads', 'let n = 0;', `n = 1; ${RETRY}`],
    [
      'by variables of the round',
      '',
      `let n = 0; n++; const list = []; list.push(n); for (let i = 0; i < 2; i++) list[i] = i; ${RETRY}`,
    ],
    [
      'by what was known before',
      'const seen = yield* x.read(); const list = [seen];',
      `for (const each of list) yield* x.write(each); ${RETRY}`,
    ],
    [
      'by copies',
      'const held = new Set();',
      `const more = new Set([...held, 1]); more.add(2); list(more); ${RETRY} function list(it) { it.add(3); }`,
    ],
    [
      'by ops',
      'const add = x.add(1); const set = bits.set(1);',
      `yield* add; yield* set; yield* x.add(1); yield* bits.clear(2).named('c'); ${RETRY}`,
    ],
    [
      'by ops that are made in the round',
      '',
      `const add = x.add(1); const set = bits.set(1); yield* add; yield* set; ${RETRY}`,
    ],
    [
      'by a function that fills what the round made',
      'const fill = (it) => { it.push(1); it.n = 1; };',
      `const list = []; fill(list); ${RETRY}`,
    ],
    [
      'by objects of the round',
      'class Counter { n = 0; bump() { this.n++; } }',
      `const c = new Counter(); c.bump(); ${RETRY}`,
    ],
    ['by a log', 'const log = [];', `log.push(1); ${RETRY}`],
    ['by memory of ops', 'const ops = [];', `yield* (ops[0] ??= x.add(1)); ${RETRY}`],
    [
      'by looking',
      'const o = { n: 1 }; const look = (it) => it.n;',
      `look(o); console.log(o, JSON.stringify(o)); if ([o].includes(o)) yield* again();`,
    ],
    ['by what is frozen', 'const o = Object.freeze([1]);', `unknown(o); ${RETRY}`],
    ['by cells to wait for', 'const cells = [x];', `yield* m.waitUntil(cells, (v) => v > 0); ${RETRY}`],
    [
      'by computing on values',
      '',
      `yield* compute('swap', [x], (v) => { v[0] = 1; v.reverse(); }, { writes: true }); ${RETRY}`,
    ],
    [
      'by a computation with a name',
      'const swap = (v) => { v[0] = 1; }; const op = compute("swap", [x], swap);',
      `yield* op; ${RETRY}`,
    ],
    ['by a record', '', `yield* x.add(1).record(x, (old, seen) => { old += seen; return old; }); ${RETRY}`],
    ['by a second loop', '', `const spin = yield* here(); if (yield* x.read()) yield* spin(); ${RETRY}`],
    [
      'by a loop inside a plain loop',
      '',
      '',
      `function* several() { for (let i = 0; i < 3; i++) { const again = yield* here(); ${RETRY} } }`,
    ],
    [
      'by a routine that calls itself',
      '',
      '',
      `function* deep(n) { const again = yield* here(); let left = n; left--; if (left > 0) yield* deep(left); ${RETRY} }`,
    ],
    [
      'by what build does',
      '',
      RETRY,
      `let id = 0; const next = () => id++; const ids = [next(), next()]; const all = []; all.push(ids);`,
    ],
    ['by a destructured value', '', `const { a, ...rest } = { a: 1, b: 2 }; rest.c = a; ${RETRY}`],
    [
      'by the run of a routine that begins in the round',
      'function* part() { yield* x.read(); }',
      `const it = part(); yield* it; ${RETRY}`,
    ],
  ])('%s', (_, before, after, build = '') => {
    expect(carriedIn(routine(before, after, build, "import { unknown } from 'package';"))).toBe('nothing');
  });
});

describe('loop()', () => {
  const looped = (before: string, body: string, build = '') => `
    import { atomic, defineModel, loop } from 'faultline';
    export default defineModel({ name: 'm', build(m) {
      const x = m.cell('x');
      ${build}
      m.actor('task', function* task() { ${before} return yield* loop({ a: 0 }, function* ({ a }, again) { ${body} }); });
    } });`;
  const NEXT = 'return yield* again({ a: a + 1 });';

  it.each([
    ['a variable', 'let n = 0;', `if (++n > 3) return; yield* x.read(); ${NEXT}`, 'assigns n'],
    ['an object', 'const o = [];', `if (o.push(1) > 3) return; yield* x.read(); ${NEXT}`, 'changes o'],
    ['an iterator', 'const it = [1].values();', `if (it.next().done) return; yield* x.read(); ${NEXT}`, 'uses up it'],
  ])('carries %s from outside', (_, before, body, found) => {
    expect(carriedIn(looped(before, body))).toBe(found);
  });

  it('carries what a body that has a name changes', () => {
    const build = `let n = 0; function* body({ a }, again) { if (++n > 3) return; yield* x.read(); ${NEXT} }`;
    expect(carriedIn(looped('', '', build).replace(/function\* \(\{ a \}, again\) \{ {2}\}/, 'body'))).toBe(
      'assigns n',
    );
  });

  it.each([
    ['by its values', '', `a += 1; yield* x.write(a); return yield* again({ a });`],
    ['by what its body makes', '', `const o = { n: 0 }; o.n++; yield* x.write(o.n); ${NEXT}`],
    ['by what it writes before it returns', 'let last;', `last = yield* x.read(); if (last) return; ${NEXT}`],
    [
      'by a loop in it',
      '',
      `yield* loop({ b: a }, function* ({ b }, more) { yield* x.read(); if (b < 2) return yield* more({ b: b + 1 }); }); ${NEXT}`,
    ],
    [
      'by handing again on',
      '',
      `yield* x.read(); return yield* helper(again, a);`,
      'function* helper(go, a) { return yield* go({ a: a + 1 }); }',
    ],
  ])('carries nothing %s', (_, before, body, build = '') => {
    expect(carriedIn(looped(before, body, build))).toBe('nothing');
  });
});

describe('TypeScript', () => {
  it('is read without its types', () => {
    const text = `
      import { here, type Routine } from 'faultline';
      interface State { n: number }
      enum Kind { A, B }
      export class Task<T extends State> {
        constructor(private readonly x: { read(): Routine<number> }, readonly kind: Kind = Kind.A) {}
        *run(this: Task<T>, state: T): Routine<void> {
          const again = (yield* here()) as () => Routine<never>;
          (state as State).n++;
          if (state!.n < 3) yield* again();
        }
      }`;
    expect(carriedIn(text, { ending: 'ts' })).toBe('changes state');
  });

  it('with nothing carried as well', () => {
    const text = `
      import { here, type Routine } from 'faultline';
      export function* run(x: { read(): Routine<number> }): Routine<number> {
        let seen: number;
        const again = yield* here();
        seen = yield* x.read();
        if (seen === 0) return yield* again();
        return seen satisfies number;
      }`;
    expect(carriedIn(text, { ending: 'ts' })).toBe('nothing');
  });
});
