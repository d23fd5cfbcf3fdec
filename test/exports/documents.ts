/** Documents for the tests of exports: a race of two actors over a folio, and the same in words that mean something everywhere. */

import type { ResultDocument } from '../../src/report/result-schema.js';
import { type TraceDocument, traceSchema } from '../../src/trace/trace-schema.js';

/** A vCPU maps a folio that a punch has freed meanwhile; it waited for the lock of the folio before. */
export const race: TraceDocument = traceSchema.parse({
  schema: 'faultline.trace/1',
  title: 'BUG: faultline: use-after-free in kvm_gmem_get_pfn / kvm_gmem_punch_hole',
  source: {
    ...{ engine: 'controlled', scenario: 'fault-vs-punch', scheme: 'bitmap-nolock', id: '0badcafe' },
    ...{ signature: 'use-after-free of folio 1', token: 'fl1:abc', replay: 'faultline replay fl1:abc', minimal: true },
  },
  order: 'total',
  violation: { kind: 'use-after-free', words: 'vCPU0 maps a page that is free', rule: 'folio.mapped' },
  actors: [
    { name: 'vCPU0', calls: ['fault gfn 0'] },
    { name: 'punch', calls: ['punch hole 0'] },
  ],
  machines: [{ name: 'folio', regions: ['life', 'contents'] }],
  cells: [
    { name: 'i_pages[0]', class: 'i_pages', kind: 'cell', initial: 'folio 1' },
    { name: 'folio 1', class: 'folios', kind: 'object', machine: 0, initial: ['cached', 'zero'] },
    { name: 'folio lock', class: 'folio lock', kind: 'lock', initial: { holder: [1] } },
    { name: 'seq', class: 'seq', kind: 'token', initial: { 'changed since': [] } },
    { name: 'refs', class: 'refs', kind: 'cell', initial: '2' },
  ],
  start: { runnable: [0, 1], waits: [] },
  steps: [
    {
      ...{ actor: 0, call: 0, text: 'i_pages[0]', result: 'folio 1' },
      frames: [{ name: 'kvm_gmem_get_pfn', visit: 0 }],
      ops: [
        {
          ...{ text: 'i_pages[0]', result: 'folio 1', at: { file: 'models/my gmem.ts', line: 12 } },
          accesses: [{ cell: 0, before: 'folio 1' }],
        },
      ],
      held: [],
      runnable: [1],
      waits: [{ actor: 0, text: 'lock_page()', lock: 'folio lock', cell: 2, for: [{ actor: 1, as: 'holder' }] }],
    },
    {
      ...{ actor: 1, call: 0, text: 'truncate', section: true },
      frames: [{ name: 'kvm_gmem_punch_hole', visit: 0 }],
      ops: [
        { text: 'i_pages[0] = null', accesses: [{ cell: 0, writes: true, before: 'folio 1', after: 'null' }] },
        {
          text: 'FREE(folio 1)',
          accesses: [{ cell: 1, writes: true, before: ['cached', 'zero'], after: ['free', 'zero'] }],
        },
        { text: 'refs -= 1', accesses: [{ cell: 4, writes: true, before: '2', after: '1' }] },
        {
          text: 'seq changes',
          accesses: [{ cell: 3, writes: true, before: { 'changed since': [] }, after: { 'changed since': [0] } }],
        },
      ],
      held: [{ lock: 'folio lock', cell: 2, mode: 'write' }],
      runnable: [1],
      waits: [{ actor: 0, text: 'lock_page()', lock: 'folio lock', cell: 2, for: [{ actor: 1, as: 'holder' }] }],
    },
    {
      ...{ actor: 1, call: 0, text: 'unlock_page()', endsCall: true },
      frames: [{ name: 'kvm_gmem_punch_hole', visit: 0 }],
      ops: [
        {
          text: 'unlock_page()',
          accesses: [{ cell: 2, writes: true, before: { holder: [1] }, after: {} }],
        },
      ],
      held: [],
      runnable: [0],
    },
    {
      ...{ actor: 0, call: 0, text: 'MAP(folio 1)' },
      frames: [
        { name: 'kvm_gmem_get_pfn', visit: 0 },
        { name: 'map', visit: 1 },
      ],
      ops: [
        {
          ...{ text: 'MAP(folio 1)', at: { file: 'models/my gmem.ts', line: 31 } },
          accesses: [{ cell: 1, writes: true, before: ['free', 'zero'] }],
        },
      ],
      violation: { kind: 'use-after-free', words: 'vCPU0 maps a page that is free', rule: 'folio.mapped' },
    },
  ],
  conflicts: [
    { from: 0, to: 1, cells: [0] },
    { from: 1, to: 3, cells: [1] },
  ],
  blame: { step: 3, shows: true, function: 'map', against: 'kvm_gmem_punch_hole', cause: 1 },
  columns: 'vCPU0      punch\ni_pages[0]\n',
});

/** What no format may take for its own: ends of strings, tags, commands and lines, a half character, an escape of terminals. */
export const hostile =
  'x"\\N\' ]]> --> </failure> &amp; %0A ::error::y, `` | <b> #1; %% \u001b[31m \u202e \ud800 \uffff é 😀\r\n::warning::z\tend';

/** The race with every word of the model replaced. */
export const hostileRace: TraceDocument = {
  ...race,
  title: hostile,
  source: { ...race.source, scenario: hostile, scheme: hostile, signature: hostile, token: hostile, replay: hostile },
  violation: { kind: 'use-after-free', words: hostile, rule: hostile },
  actors: race.actors.map(({ calls }, at) => ({ name: `${hostile}${at}`, calls: calls.map(() => hostile) })),
  machines: [{ name: hostile, regions: [`${hostile}1`, `${hostile}2`] }],
  cells: race.cells.map((cell, at) => ({ ...cell, name: at < 2 ? '#meta' : hostile })),
  steps: race.steps.map((step) => ({
    ...{ ...step, text: hostile, result: hostile },
    frames: step.frames.map((frame) => ({ ...frame, name: hostile })),
    ops: step.ops?.map((op) => ({ ...op, text: hostile, at: { file: `/tmp/${hostile}`, line: 1 } })) ?? [],
  })),
  columns: `${hostile}\n`,
};

const cells: ResultDocument['cells'] = [
  { scheme: 'mainline', scenario: 'fault-vs-punch', verdict: 'verified' },
  { scheme: 'bitmap', scenario: 'fault-vs-punch', verdict: 'violation', kind: 'leak' },
  { scheme: 'mainline', scenario: 'two', verdict: 'inconclusive', stoppedBy: 'the budget' },
];

/** A comparison for which nothing was expected. */
export const comparison: ResultDocument = {
  ...{ schema: 'faultline.result/1', verb: 'compare', verdict: 'violation', findings: [], cells },
  stats: { seconds: 1234.5 },
};

/** The same: one cell as expected, one not, one without an answer. */
export const expectedComparison: ResultDocument = {
  ...comparison,
  cells: [
    { ...cells[0], expected: { verdict: 'leak', reason: 'R47 & "more"', answer: 'differs' } },
    { ...cells[1], expected: { verdict: 'leak', reason: 'R4', answer: 'met' } },
    { ...cells[2], expected: { verdict: 'clean', reason: 'R5', answer: 'none' } },
  ],
};

/** A result in which every word of the model is hostile, with notes. */
export const hostileResult: ResultDocument = {
  ...{ schema: 'faultline.result/1', verb: 'explore', scenario: hostile, scheme: hostile, verdict: 'violation' },
  findings: [{ id: '0badcafe', kind: 'leak', signature: hostile, title: hostile, token: hostile, file: hostile }],
  notes: [hostile],
};
