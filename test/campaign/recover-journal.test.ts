import fc from 'fast-check';
import { expect, it } from 'vitest';
import { journalLine } from '../../src/campaign/journal-line.js';
import { recoverJournal } from '../../src/campaign/recover-journal.js';
import { records } from './sample-campaign.js';

const numbered = records.map((record, place) => ({ number: place + 1, record }));
const lines = numbered.map((each) => Buffer.from(journalLine(each)));
const journal = Buffer.concat(lines);
/** As JSON has it: members that are undefined are left out. */
const written = JSON.parse(JSON.stringify(numbered));

/** How many whole lines fit into so many bytes, and their bytes. */
function wholeLines(bytes: number): { count: number; length: number } {
  let [count, length] = [0, 0];
  while (count < lines.length && length + lines[count].length <= bytes) length += lines[count++].length;
  return { count, length };
}

it('a journal that was cut off at any byte gives the records whose lines are whole', () => {
  for (let bytes = 0; bytes <= journal.length; bytes++) {
    const { count, length } = wholeLines(bytes);
    const recovered = recoverJournal(journal.subarray(0, bytes), 'journal');
    if (recovered.records.length !== count || recovered.bytes !== length) {
      expect({ bytes, records: recovered.records.length, kept: recovered.bytes }).toEqual({
        bytes,
        records: count,
        kept: length,
      });
    }
  }
  expect(recoverJournal(journal, 'journal').records).toEqual(written);
});

it('whatever a torn end holds, the records before it are there', () => {
  const end = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string().map((text) => Buffer.from(`${text}\n{"number":3`)),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: lines.length }), end, (count, garbage) => {
      const whole = Buffer.concat(lines.slice(0, count));
      const recovered = recoverJournal(Buffer.concat([whole, garbage]), 'journal');
      expect(recovered.records).toEqual(written.slice(0, count));
      expect(recovered.bytes).toBe(whole.length);
    }),
  );
});

it('a line that a disk gave back changed is no record', () => {
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (place, offset, change) => {
      const last = Buffer.from(lines[place]);
      last[offset % (last.length - 1)] ^= change;
      const recovered = recoverJournal(Buffer.concat([...lines.slice(0, place), last]), 'journal');
      expect(recovered.records).toEqual(written.slice(0, place));
    }),
    { numRuns: 500 },
  );
});

it('damage before a record is told, not repaired', () => {
  const damaged = Buffer.concat([lines[0], Buffer.from('{"number":2}\n'), lines[2]]);
  expect(() => recoverJournal(damaged, 'dir/journal.jsonl')).toThrow(
    /^faultline: dir\/journal\.jsonl:2: this line is damaged/,
  );
});

it.each([
  ['two writers', [0, 1, 2, 2], 'dir/journal.jsonl:4: record 3 does not follow record 3'],
  ['a part is missing', [0, 1, 3], 'dir/journal.jsonl:3: record 4 does not follow record 2'],
  ['the beginning is missing', [1, 2], 'dir/journal.jsonl:1: record 2 does not follow record 0'],
  ['records are out of order', [0, 2, 1], 'dir/journal.jsonl:2: record 3 does not follow record 1'],
])('numbers that do not ascend by one are refused by name: %s', (_, places, sentence) => {
  const mixed = Buffer.concat(places.map((place) => lines[place]));
  expect(() => recoverJournal(mixed, 'dir/journal.jsonl')).toThrow(`faultline: ${sentence}: two processes have`);
});

it('what compaction has kept may have gaps, what follows it may not', () => {
  const compacted = { number: 5, record: { type: 'compacted', through: 5 } as const };
  const file = (...numbers: readonly number[]) =>
    Buffer.concat([
      lines[0],
      Buffer.from(journalLine(compacted)),
      ...numbers.map((number) => Buffer.from(journalLine({ number, record: records[1] }))),
    ]);
  const numbersOf = (content: Buffer) => recoverJournal(content, 'j').records.map(({ number }) => number);
  expect(numbersOf(file())).toEqual([1, 5]);
  expect(numbersOf(file(2, 4, 6, 7))).toEqual([1, 5, 2, 4, 6, 7]);
  expect(numbersOf(file(6))).toEqual([1, 5, 6]);
  for (const [wrong, bad] of [
    [file(4, 2), 2],
    [file(2, 7), 7],
    [file(7), 7],
    [file(6, 5), 5],
    [file(6, 6), 6],
  ] as const) {
    expect(() => recoverJournal(wrong, 'j')).toThrow(new RegExp(`record ${bad} does not follow`));
  }
});
