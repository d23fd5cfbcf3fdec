/** What came of holding a trace, as people read it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformDocument } from '../../src/report/conform-document.js';
import { type ConformDocument, conformSchema } from '../../src/report/conform-schema.js';
import { conformText, conformTitle, traceName } from '../../src/report/conform-text.js';

type Refusal = NonNullable<ConformDocument['refusal']>;
type Shown = Refusal['event'];

const explained: ConformDocument = {
  ...{ schema: 'faultline.conform/1', trace: 'traces/i3.trace.txt.gz', verdict: 'explained', scheme: 'v2' },
  ...{ kernel: '7.2.12', clock: 'x86-tsc', cpus: 4, lost: 0, tasks: ['vcpu0', 'puncher'], pages: 16 },
  ...{ events: 1234, explained: 1234, clockError: 0, states: { average: 1.26, most: 36 } },
  groups: [
    { group: 'SPTE', events: 1000 },
    { group: 'mmu_lock', events: 234 },
  ],
  ignored: [{ event: 'up_read', lines: 7 }],
  notRecorded: ['user PTEs'],
};

let line = 0;
/** An event behind those before. */
const event = (task: string, kind: Shown['kind'], name: string, text: string): Shown => ({
  ...{ task, line: ++line, time: line, kind, name, text },
});

const stale = event(
  'vcpu0',
  'leave',
  'is_page_fault_stale',
  'stale_out: (f+0x1/0x2 <- is_page_fault_stale) ret=0 vcpu=0 kseq=11',
);
const refusal: Refusal = {
  event: { ...stale, line: 9 },
  reasons: [
    { words: 'is_page_fault_stale() -> 1', states: 1 },
    { words: 'waits for mmu_lock', states: 3 },
  ],
  states: 4,
  before: [
    event('puncher', 'tracepoint', 'kvm_gmem_fallocate', 'fallocate_in: (kvm_gmem_fallocate+0x4/0x9 [kvm]) mode=0x3'),
    event('vcpu1', 'tracepoint', 'kvm_entry', 'kvm_entry: vcpu 1, rip 0x1014 intr_info 0x00000000'),
    event(
      'vcpu0',
      'tracepoint',
      'read_lock(mmu_lock)',
      'mmul_raw_read_lock_in: (_raw_read_lock+0x4/0x30) lock=0xff11000020e8c000',
    ),
    event(
      'vcpu0',
      'tracepoint',
      'read_lock(mmu_lock) returns',
      'mmul_raw_read_lock_out: (f+0x9/0x9 <- _raw_read_lock) lock=0xff11000020e8c000',
    ),
    event(
      'puncher',
      'tracepoint',
      'read_unlock(mmu_lock)',
      'mmul_raw_read_unlock: (_raw_read_unlock+0x4/0x9) lock=0xff11000020e8c000',
    ),
    event('vcpu0', 'enter', 'is_page_fault_stale', 'stale_in: (is_page_fault_stale+0x0/0xf0 [kvm]) vcpu=0 kseq=11'),
  ],
  nearest: [
    { line: 8, text: 'vcpu0-1 [000] 8: stale_in' },
    { line: 9, text: 'vcpu0-1 [000] 9: stale_out' },
  ],
};
const refused: ConformDocument = { ...explained, verdict: 'refused', explained: 6, refusal };

describe('an explained trace', () => {
  it('is told in a few lines', () => {
    expect(conformText(explained)).toBe(
      [
        'i3: Linux 7.2.12, 4 CPUs, x86-tsc, nothing lost; vcpu0, puncher; 16 pages',
        'Explained: all 1,234 kernel events under v2.',
        '  SPTE 1,000; mmu_lock 234',
        '  not looked at: 7 lines (up_read 7)',
        '  not recorded, so left open: user PTEs',
        '  states kept: 1.3 on average, 36 at most; clock error 0',
        '',
      ].join('\n'),
    );
  });

  it('has its accesses beside its events', () => {
    const text = conformText({ ...explained, accesses: { of: 800, explained: 800 } });
    expect(text).toContain('Explained: all 1,234 kernel events and 800 accesses under v2.');
  });

  it('leaves out what the trace does not say', () => {
    const { kernel: _, clock: __, cpus: ___, lost: ____, ...bare } = explained;
    expect(conformText(bare)).toMatch(/^i3: losses unknown; vcpu0, puncher; 16 pages\n/);
    expect(conformText({ ...explained, lost: 3 })).toContain('3 events lost');
  });
});

it('an undecided trace is told with the reason', () => {
  const text = conformText({ ...explained, verdict: 'undecided', explained: 7, because: 'the budget is spent' });
  expect(text.replace(/\s+/g, ' ')).toContain(
    'Undecided: 7 of 1,234 kernel events were explained under v2; the budget is spent.',
  );
});

describe('a refusal', () => {
  const lines = conformText(refused).split('\n');

  it('names the event by its number and its line', () => {
    expect(lines[1]).toBe('Refused: no execution of v2 explains event 7 of 1,234, line 9 of the trace.');
    expect(conformTitle(refused)).toBe('REFUSED: faultline: stale_out of vcpu0, line 9 of the trace, under v2');
  });

  it('is drawn in the columns of its task and of the other that was active last', () => {
    expect(lines.slice(3, 10)).toEqual([
      'puncher                       vcpu0',
      '-------                       -----',
      'kvm_gmem_fallocate(mode=0x3)',
      '                              read_lock(mmu_lock)',
      '  read_unlock(mmu_lock)',
      '                              is_page_fault_stale(kseq=11)',
      '                              is_page_fault_stale() -> 0, kseq=11',
    ]);
    expect(lines[10].trim()).toBe('*** recorded ***');
  });

  it('says what the model allows, what most states say first', () => {
    expect(lines).toContain('The model allows here: waits for mmu_lock, in 3 of 4 states');
    expect(lines).toContain('  or: is_page_fault_stale() -> 1, in 1 of 4 states');
  });

  it('shows the lines around it', () => {
    expect(lines).toContain('The nearest lines of the trace:');
    expect(lines).toContain('  8  vcpu0-1 [000] 8: stale_in');
    expect(lines).toContain('> 9  vcpu0-1 [000] 9: stale_out');
  });

  it('of an access is told by the line of the log, and drawn once', () => {
    const access = {
      ...stale,
      name: 'access ends',
      text: 'G 0 142 7 1 2 3 r 0x1 0x0',
      line: 40,
      isInLog: true as const,
    };
    const begins = { ...access, name: 'access begins' };
    const text = conformText({
      ...refused,
      refusal: { ...refusal, event: access, before: [...refusal.before, begins] },
    });
    expect(text.replace(/\s+/g, ' ')).toContain('explains line 40 of the log, behind event 6 of 1,234.');
    expect(text.match(/^ +G 0/gm)).toHaveLength(1);
    expect(text).toContain('The nearest lines of the log:');
  });

  it('without any reason says so', () => {
    expect(conformText({ ...refused, refusal: { ...refusal, reasons: [] } })).toContain(
      'The model allows nothing here.',
    );
  });
});

it.each([
  ['traces/i3.trace.txt.gz', 'i3'],
  ['C:\\traces\\i3.trace.txt', 'i3'],
  ['mine.log', 'mine'],
  ['trace', 'trace'],
  ['.gz', '.gz'],
  ['-', 'standard input'],
])('%s is called %s', (path, name) => {
  expect(traceName(path)).toBe(name);
});

const word = fc.string({ unit: 'grapheme', maxLength: 90 });
const shownEvents = fc.record({
  ...{ task: fc.constantFrom('vcpu0', 'vcpu1', 'a task of a long name'), line: fc.nat(), time: fc.nat() },
  ...{ kind: fc.constantFrom('enter' as const, 'leave' as const, 'tracepoint' as const), name: word, text: word },
});

it('no line is wider than 80 places, whatever a trace has in it', () => {
  fc.assert(
    fc.property(fc.array(shownEvents, { maxLength: 12 }), shownEvents, word, (before, last, words) => {
      const nearest = [{ line: last.line, text: last.text }];
      const all = { event: last, reasons: [{ words, states: 1 }], states: 1, before, nearest };
      const text = conformText({ ...refused, refusal: all, ignored: [{ event: words, lines: 3 }] });
      for (const each of text.split('\n')) expect(Array.from(each.normalize()).length).toBeLessThanOrEqual(80);
    }),
  );
});

describe('the document', () => {
  const { schema: _, trace: __, ...report } = explained;
  const text = Array.from({ length: 20 }, (_, place) => `  line ${place + 1}`).join('\n');

  it('has what is known of the report, and passes its schema', () => {
    const document = conformDocument({ trace: 'x', text }, { ...report, kernel: undefined, refusal: undefined });
    expect(conformSchema.parse(document)).toEqual(document);
    expect(document).not.toHaveProperty('kernel');
    expect(document).not.toHaveProperty('refusal');
  });

  it('has the lines around a refused event, of the log where that is one of the log', () => {
    const { nearest: ___, ...bare } = refusal;
    const given = { ...report, verdict: 'refused' as const };
    const document = conformDocument({ trace: 'x', text }, { ...given, refusal: bare });
    expect(document.refusal?.nearest.map((each) => each.line)).toEqual([7, 8, 9, 10, 11]);
    expect(document.refusal?.nearest[2].text).toBe('line 9');
    const log = { path: 'y', text: text.replaceAll('line', 'access') };
    const inLog = { ...bare, event: { ...bare.event, isInLog: true as const } };
    const other = conformDocument({ trace: 'x', text, log }, { ...given, refusal: inLog });
    expect(other).toMatchObject({
      log: 'y',
      refusal: { nearest: expect.arrayContaining([{ line: 9, text: 'access 9' }]) },
    });
  });

  it('has no refusal where nothing is certain', () => {
    const { nearest: ___, ...bare } = refusal;
    const document = conformDocument({ trace: 'x', text }, { ...report, verdict: 'undecided', refusal: bare });
    expect(document).not.toHaveProperty('refusal');
  });
});
