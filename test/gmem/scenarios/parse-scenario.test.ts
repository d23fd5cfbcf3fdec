import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { InputError } from '../../../src/core/errors.js';
import type { CallKind } from '../../../src/gmem/calls/call-kind.js';
import { type CallName, callKindOf, callKinds, callNames, callsBy } from '../../../src/gmem/calls/registry.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import type { Scenario } from '../../../src/gmem/scenarios/scenario.js';

const base = `title: two pages
gfns: 2
actors:
  - name: vCPU0
    calls:
      - write: 0
  - name: host
    calls:
      - punch-hole: 0
`;

function errorOf(text: string): Error | undefined {
  try {
    parseScenario(text, 'my.yaml');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function specsOf(scenario: Scenario, actor = 0): readonly unknown[] {
  return scenario.actors[actor].calls.map((call) => call.spec);
}

describe('the defaults', () => {
  it('are arch snp, two spare frames, private memory, in-place conversion, the gate on, no failures', () => {
    expect(parseScenario(base, 'my.yaml')).toMatchObject({
      arch: 'snp',
      gfns: 2,
      frames: 4,
      attribute: 'private',
      attributes: ['private', 'private'],
      conversion: 'in-place',
      gate: true,
      hookFails: false,
      allocationFails: false,
    });
  });

  it('take the name from the file when the text has none', () => {
    expect(parseScenario(base, '/home/me/my own.yaml').name).toBe('my-own');
    expect(parseScenario(`name: mine\n${base}`, 'my.yaml').name).toBe('mine');
  });

  it('make one page of a range and one actor of an entry', () => {
    const { actors } = parseScenario(base, 'my.yaml');
    expect(actors.map(({ name, kind }) => ({ name, kind }))).toEqual([
      { name: 'vCPU0', kind: 'vcpu' },
      { name: 'host', kind: 'host' },
    ]);
    expect(actors[1].calls).toEqual([{ spec: { call: 'punch-hole', gfn: 0, count: 1 } }]);
  });

  it('access a page as its initial attribute', () => {
    const text = `attributes: { 1: shared }\n${base.replace('- write: 0', '- write: 0\n      - read: 1\n      - read: { gfn: 1, as: private }')}`;
    expect(specsOf(parseScenario(text, 'my.yaml'))).toEqual([
      { call: 'write', gfn: 0, as: 'private' },
      { call: 'read', gfn: 1, as: 'shared' },
      { call: 'read', gfn: 1, as: 'private' },
    ]);
  });
});

describe('what a file may say', () => {
  it('sets every key', () => {
    const text = `${base}arch: none\nframes: 2\nattribute: shared\nconversion: vm-attributes\ngate: false\nhookFails: true\nallocationFails: true\n`;
    expect(parseScenario(text, 'my.yaml')).toMatchObject({
      arch: 'none',
      frames: 2,
      attribute: 'shared',
      attributes: ['shared', 'shared'],
      conversion: 'vm-attributes',
      gate: false,
      hookFails: true,
      allocationFails: true,
    });
  });

  it('numbers the actors of an entry with a count from 0, and keeps the name of one', () => {
    const named = (count: number) =>
      parseScenario(base.replace('name: vCPU0', `name: v\n    count: ${count}`), 'my.yaml').actors.map(
        ({ name }) => name,
      );
    expect(named(3)).toEqual(['v0', 'v1', 'v2', 'host']);
    expect(named(1)).toEqual(['v', 'host']);
  });

  it('makes every call', () => {
    const hostKinds = callKinds.filter(({ by }: CallKind) => by === 'host');
    const calls = hostKinds.map(({ name, pages, takes }: CallKind) => {
      if (pages === 'none') return `- ${name}`;
      const values = Object.entries(takes).map(([what, { oneOf }]) => `, ${what}: ${oneOf[0]}`);
      return values.length === 0 ? `- ${name}: 1` : `- ${name}: { gfn: 1${values.join('')} }`;
    });
    const text = base.replace('- punch-hole: 0', calls.join('\n      '));
    const specs = specsOf(parseScenario(text, 'my.yaml'), 1) as { call: string; gfn: number }[];
    expect(specs.map((spec) => spec.call)).toEqual(callsBy('host'));
    const named = hostKinds.map(({ pages }: CallKind) => (pages === 'none' ? 0 : 1));
    expect(specs.map((spec) => spec.gfn)).toEqual(named);
    expect(specs).toContainEqual({ call: 'convert', gfn: 1, count: 1, to: 'private' });
  });

  it('shares a list of calls by an alias', () => {
    const text =
      'title: t\ngfns: 1\nactors:\n- { name: a, calls: &calls [read: 0, write: 0] }\n- { name: b, calls: *calls }';
    const { actors } = parseScenario(text, 'my.yaml');
    expect(actors[1].calls).toEqual(actors[0].calls);
    expect(actors[1].calls).toHaveLength(2);
  });

  it('has attributes of gfns with VM attributes, and of pages of the file in place', () => {
    const text = (conversion: string, key: number) =>
      `${base.replace('write: 0', 'write: 4')}conversion: ${conversion}\nattributes: { ${key}: shared }\nslots: [{ gfn: 4, pages: 1, index: 1 }]`;
    expect(parseScenario(text('vm-attributes', 4), 'my.yaml').attributes).toEqual(['private', 'shared']);
    expect(parseScenario(text('in-place', 0), 'my.yaml').attributes).toEqual(['shared', 'private']);
  });

  it('has files, of which an actor is of the first unless it says otherwise', () => {
    const linked = `files: [{ vm: 0, inode: 0 }, { vm: 1, inode: 0 }]`;
    const { files, frames, actors } = parseScenario(
      `${base.replace('name: host', 'name: host\n    file: 1')}${linked}`,
      'my.yaml',
    );
    expect(files).toEqual([
      { vm: 0, inode: 0 },
      { vm: 1, inode: 0 },
    ]);
    expect(frames).toBe(4);
    expect(actors.map((actor) => actor.file)).toEqual([undefined, 1]);
  });

  it('has frames for the pages of every inode', () => {
    const { frames } = parseScenario(`${base}files: [{ vm: 0, inode: 0 }, { vm: 1, inode: 1 }]`, 'my.yaml');
    expect(frames).toBe(6);
  });

  it('is plain data, the same after a trip through JSON', () => {
    const scenario = parseScenario(base, 'my.yaml');
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });
});

const call = (text: string) => base.replace('write: 0', text);
const host = (text: string) => base.replace('punch-hole: 0', text);
const allCalls = callNames.join(', ');
const allKeys =
  'name, title, arch, gfns, frames, maxOrder, slots, files, attribute, attributes, conversion, gate, hookFails, allocationFails, lruBatch, unassignFails, launchFails, noDirectMap, psmashFails, septSplitFails, septRemoveFails, septBusy, iopteSplitFails, dynamicPamt, pamtRemoveFails, hugetlbPool, rmpoptFrames, slowEvict, actors';

describe('what a file may not say', () => {
  it.each([
    ['a page of a call that names none', host('close: 0'), '9:16: "close" names no page; write "- close"'],
    [
      'an unknown call',
      call('pnuch-hole: 0'),
      `6:9: unknown call "pnuch-hole"; allowed: ${allCalls}; did you mean "punch-hole"?`,
    ],
    ['an unknown key', `${base}gfnz: 1`, `10:1: unknown key "gfnz"; allowed: ${allKeys}; did you mean "gfns"?`],
    [
      'an unknown key of an actor',
      base.replace('calls', 'call'),
      '5:5: unknown key "call"; allowed: name, count, file, calls; did you mean "calls"?',
    ],
    ['an unknown argument', call('write: { gfn: 0, count: 2 }'), '6:26: unknown argument "count"; allowed: gfn, as'],
    [
      'an unknown attribute',
      call('write: { gfn: 0, as: shard }'),
      '6:30: unknown as "shard"; allowed: private, shared; did you mean "shared"?',
    ],
    ['an unknown arch', `${base}arch: cca`, '10:7: unknown arch "cca"; allowed: none, snp, tdx, pkvm'],
    ['a gfn out of range', call('write: 2'), '6:16: gfn is 2; allowed: a whole number from 0 to 1 (gfns is 2)'],
    ['a gfn below 0', call('write: { gfn: -1 }'), '6:23: gfn is -1; allowed: a whole number from 0 to 4095'],
    ['a gfn that is no whole number', call('write: 0.5'), '6:16: gfn is 0.5; allowed: a whole number from 0 to 4095'],
    ['a call without a gfn', call('write:'), '6:15: gfn is missing; allowed: a whole number from 0 to 4095'],
    [
      'a range that leaves the file',
      base.replace('hole: 0', 'hole: { gfn: 1, count: 2 }'),
      '9:38: count is 2; allowed: only 1 from gfn 1 (gfns is 2)',
    ],
    ['a conversion to nothing', base.replace('punch-hole', 'convert'), '9:18: to is missing; allowed: private, shared'],
    [
      'a call that is only a word',
      call('write'),
      '6:9: call is "write"; allowed: a mapping of one call to its gfn, such as "read: 0"',
    ],
    [
      'two calls in one item',
      call('{ read: 0, write: 0 }'),
      '6:9: 2 calls in one item (read, write); allowed: a mapping of one call to its gfn, such as "read: 0"',
    ],
    [
      'guest and host calls in one actor',
      call('write: 0\n      - pin: 0'),
      `7:9: actor "vCPU0" makes write and pin; allowed in one actor: only guest calls (read, write, validate, accept, create-ap, vmrun, pre-fault) or only host calls (${callsBy('host').join(', ')})`,
    ],
    [
      'two actors of one name',
      base.replace('name: host', 'name: vCPU0'),
      '7:11: a second actor named "vCPU0"; allowed: a name of its own for each actor',
    ],
    [
      'a name that a count makes twice',
      base.replace('name: host', 'name: vCPU\n    count: 2'),
      '7:11: a second actor named "vCPU0"; allowed: a name of its own for each actor',
    ],
    [
      'a memslot outside the file',
      `${base}slots: [{ gfn: 0, pages: 1, index: 2 }]`,
      '10:36: index is 2; allowed: a whole number from 0 to 1 (gfns is 2)',
    ],
    [
      'a memslot that leaves the file',
      `${base}slots: [{ gfn: 0, pages: 2, index: 1 }]`,
      '10:26: pages is 2; allowed: only 1 from index 1 (gfns is 2)',
    ],
    [
      'a device where folios are large',
      `${base.replace('punch-hole: 0', 'dma-map: 0')}maxOrder: 1`,
      '9:9: dma-map where folios are large, and an IOPTE would be; allowed: maxOrder 0',
    ],
    [
      'two memslots at one gfn',
      `${base}slots: [{ gfn: 0, pages: 1, index: 0 }, { gfn: 0, pages: 1, index: 1 }]`,
      '10:48: the memslot {gfn: 0, pages: 1, index: 1} overlaps the memslot {gfn: 0, pages: 1, index: 0}; allowed: gfns that no other memslot has',
    ],
    [
      'two memslots of one page',
      `${base}slots: [{ gfn: 0, pages: 1, index: 0 }, { gfn: 1, pages: 1, index: 0 }]`,
      '10:68: the memslot {gfn: 1, pages: 1, index: 0} overlaps the memslot {gfn: 0, pages: 1, index: 0}; allowed: pages of the file that no other memslot has',
    ],
    [
      'a gfn that no memslot has',
      `${base}slots: [{ gfn: 4, pages: 2, index: 0 }]`,
      '6:16: gfn is 0; allowed: 4 to 5 (the memslots)',
    ],
    [
      'a range that leaves its memslot',
      `${base.replace('write: 0', 'write: 4').replace('punch-hole: 0', 'populate: { gfn: 4, count: 2 }')}slots: [{ gfn: 4, pages: 1, index: 0 }]`,
      '9:36: count is 2; allowed: only 1 from gfn 4 (the rest of its memslot)',
    ],
    [
      'an attribute of a gfn that no memslot has',
      `${call('write: 4')}conversion: vm-attributes\nattributes: { 0: shared }\nslots: [{ gfn: 4, pages: 2, index: 0 }]`,
      '11:15: gfn is 0; allowed: 4 to 5 (the memslots)',
    ],
    [
      'memslots where large folios meet VM attributes',
      `${call('write: 4')}conversion: vm-attributes\nmaxOrder: 1\nslots: [{ gfn: 4, pages: 2, index: 0 }]`,
      '12:8: memslots where folios are large and conversion is by VM attributes; allowed: maxOrder 0 or conversion in-place',
    ],
    [
      'a second file of a VM',
      `${base}files: [{ vm: 0, inode: 0 }, { vm: 0, inode: 1 }]`,
      '10:36: a second file of VM 0; allowed: a VM of its own for each file',
    ],
    [
      'an inode that leaves one out',
      `${base}files: [{ vm: 0, inode: 0 }, { vm: 1, inode: 2 }]`,
      '10:46: inode is 2; allowed: a whole number from 0 to 1',
    ],
    [
      'a VM linked to the file of a TD',
      `${base}arch: tdx\nfiles: [{ vm: 0, inode: 0 }, { vm: 1, inode: 0 }]`,
      '11:46: a second file of the inode of a TD; allowed on arch tdx: an inode of its own for each file',
    ],
    [
      'a file that there is not',
      base.replace('name: vCPU0', 'name: vCPU0\n    file: 1'),
      '5:11: file is 1; allowed: only 0 (of 1 file)',
    ],
    [
      'too few frames for the inodes',
      `${base}frames: 3\nfiles: [{ vm: 0, inode: 0 }, { vm: 1, inode: 1 }]`,
      '10:9: frames is 3; allowed: a whole number from 4 to 8192 (gfns is 2 for each inode)',
    ],
    ['too few frames', `${base}frames: 1`, '10:9: frames is 1; allowed: a whole number from 2 to 8192 (gfns is 2)'],
    ['no gfns', base.replace('gfns: 2', 'gate: true'), '1:1: gfns is missing; allowed: a whole number from 1 to 4096'],
    [
      'too many gfns',
      base.replace('gfns: 2', 'gfns: 1000000'),
      '2:7: gfns is 1000000; allowed: a whole number from 1 to 4096',
    ],
    [
      'a number beyond 2^53',
      base.replace('gfns: 2', 'gfns: 99999999999999999999'),
      '2:7: gfns is 100000000000000000000; allowed: a whole number from 1 to 4096',
    ],
    [
      'a title of two lines',
      base.replace('two pages', '"a\\nb"'),
      '1:8: title is "a\\nb"; allowed: one line of up to 120 characters',
    ],
    [
      'a name with blanks',
      base.replace('name: host', 'name: a host'),
      '7:11: name is "a host"; allowed: a letter, then up to 31 letters, digits, "-" and "_"',
    ],
    [
      'no actors',
      base.replace(/actors:.*/s, 'actors: []'),
      '3:9: actors is an empty list; allowed: a list of 1 to 30 actors',
    ],
    [
      'an actor without calls',
      base.replace(/calls:\n {6}- write: 0/, 'calls: []'),
      '5:12: calls is an empty list; allowed: a list of one call or more',
    ],
    ['too many actors', base.replace('name: vCPU0', 'name: v\n    count: 30'), '4:3: 31 actors; allowed: 1 to 30'],
    [
      'a count that would not fit in memory',
      base.replace('name: vCPU0', 'name: v\n    count: 1000000000'),
      '5:12: count is 1000000000; allowed: a whole number from 1 to 30',
    ],
    ['yes for true', `${base}gate: yes`, '10:7: gate is "yes"; allowed: true, false'],
    [
      'an override beyond the file',
      `${base}attributes: { 0: shared, 2: shared }`,
      '10:26: gfn is 2; allowed: a whole number from 0 to 1 (gfns is 2)',
    ],
    [
      'an override that is no gfn',
      `${base}attributes: { first: shared }`,
      '10:15: gfn is "first"; allowed: a whole number from 0 to 1 (gfns is 2)',
    ],
    [
      'overrides that are no mapping',
      `${base}attributes: shared`,
      '10:13: attributes is "shared"; allowed: a mapping of gfn to private or shared',
    ],
    ['nothing', '', `1:1: expected a mapping with ${allKeys}, not empty`],
    ['a list', '- 1', `1:1: expected a mapping with ${allKeys}, not a list`],
    [
      'broken YAML',
      `${base}gate: [`,
      '10:8: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a key twice', `${base}gfns: 3`, '10:1: not valid YAML: Map keys must be unique'],
    ['an unknown tag', `${base}gate: !on true`, '10:7: not valid YAML: Unresolved tag: !on'],
    ['a second document', `${base}---\na: 1`, '10:1: a second YAML document; allowed: one scenario a file'],
    ['an alias without its anchor', `${base}gate: *on`, '10:7: not valid YAML: no anchor "on" before its alias'],
    [
      'an alias of itself',
      'title: t\ngfns: 1\nactors: &self [*self]',
      '3:15: expected a mapping with name, count, file, calls, not a list',
    ],
  ])('%s', (_, text, sentence) => {
    expect(errorOf(text)).toEqual(new InputError(`faultline: my.yaml:${sentence}`));
  });

  it('aliases that multiply without end', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const items = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*a${level - 1}`));
      return `a${level}: &a${level} [${items.join(',')}]`;
    });
    expect(errorOf(levels.join('\n'))).toEqual(
      new InputError('faultline: my.yaml:2:10: aliases multiply the text; allowed: aliases for up to 100 values'),
    );
  });

  it.each(['[', '{a: ', '- '])('a nesting of 50,000 times %j', (bracket) => {
    expect(errorOf(bracket.repeat(50_000))).toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(/^faultline: my\.yaml:1:\d+: not valid YAML: nested too deeply$/),
    });
  });

  it('a text of unreasonable length', () => {
    expect(errorOf('#'.repeat(300_000))).toEqual(
      new InputError('faultline: my.yaml: the scenario has 300000 characters; allowed: up to 262144'),
    );
  });

  it('several things at once: the first in the text is named', () => {
    const text = base.replace('gfns: 2', 'gfns: two').replace('punch-hole: 0', 'punch: 0');
    expect(errorOf(text)?.message).toContain('my.yaml:2:7: gfns is "two"');
  });
});

describe('any text', () => {
  const words = [
    'title: t',
    'gfns: 2',
    'actors:',
    '- name: a',
    'calls:',
    '- read: 0',
    '&a',
    '*a',
    '<<: *a',
    '? x',
    '!!set',
  ];
  const pieces = fc.oneof(fc.constantFrom(...words, ...'{}[],:|>%@"\'#~'), fc.string({ maxLength: 6 }));
  const lines = fc.array(fc.tuple(fc.nat(6), pieces).map(([indent, piece]) => ' '.repeat(indent) + piece));

  it('is a scenario or an input error with its place, never another error', () => {
    fc.assert(
      fc.property(
        lines.map((all) => all.join('\n')),
        (text) => {
          const error = errorOf(text);
          if (error === undefined) return;
          expect(error).toBeInstanceOf(InputError);
          expect(error.message).toMatch(/^faultline: my\.yaml:[1-9]\d*:[1-9]\d*: .+$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('with one line too many is refused at that line', () => {
    const top = ['title: two pages', 'gfns: 2', 'arch: none', 'gate: true', 'actors:\n- name: a\n  calls: [write: 0]'];
    fc.assert(
      fc.property(fc.nat(top.length), fc.shuffledSubarray(top, { minLength: top.length }), (at, order) => {
        const before = order.slice(0, at).join('\n');
        const line = at === 0 ? 1 : before.split('\n').length + 1;
        const text = [...order.slice(0, at), 'xyzzy: 1', ...order.slice(at)].join('\n');
        expect(errorOf(text)?.message).toMatch(new RegExp(`^faultline: my.yaml:${line}:1: unknown key "xyzzy"`));
      }),
    );
  });
});

describe('any scenario that is written out', () => {
  const attribute = fc.constantFrom('private', 'shared');
  const written = fc.integer({ min: 1, max: 6 }).chain((gfns) => {
    const gfn = fc.nat(gfns - 1);
    const one = ({ name, pages, takes }: CallKind) => {
      const values = Object.entries(takes).map(([what, { oneOf }]) => [what, fc.constantFrom(...oneOf)]);
      const count = pages === 'range' ? { count: fc.constant(1) } : {};
      const named = pages === 'none' ? { gfn: fc.constant(0) } : { gfn };
      return fc.record({ call: fc.constant(name), ...named, ...count, ...Object.fromEntries(values) });
    };
    const [guest, host] = (['vcpu', 'host'] as const).map((actor) =>
      fc.oneof(...callKinds.filter(({ by }) => by === actor).map(one)),
    );
    const script = <Call>(one: fc.Arbitrary<Call>) => fc.array(one, { minLength: 1, maxLength: 4 });
    return fc.record({
      gfns: fc.constant(gfns),
      frames: fc.integer({ min: gfns, max: gfns + 3 }),
      attributes: fc.array(attribute, { minLength: gfns, maxLength: gfns }),
      scripts: fc.array(fc.oneof(script<object>(guest), script<object>(host)), { minLength: 1, maxLength: 5 }),
    });
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(written, ({ gfns, frames, attributes, scripts }) => {
        const text = stringify({
          title: 't',
          gfns,
          frames,
          attributes: { ...attributes },
          actors: scripts.map((script, index) => ({
            name: `a${index}`,
            calls: script.map((spec) => {
              const { call: name, ...rest } = spec as { call: CallName; gfn: number };
              const { gfn: _, ...unnamed } = rest;
              return { [name]: callKindOf(name).pages === 'none' ? unnamed : rest };
            }),
          })),
        });
        const scenario = parseScenario(text, 'my.yaml');
        expect(scenario).toMatchObject({ gfns, frames, attributes });
        expect(scenario.actors.map((actor) => actor.calls.map(({ spec }) => spec))).toEqual(scripts);
      }),
    );
  });
});
