/** From a record back to what runs: only what is on this disk word for word, or trusted. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { resolveSubject } from '../../src/subject/subject.js';
import { OWN_RECORD, subjectOfRecord } from '../../src/subject/subject-of-record.js';
import type { SubjectRecord } from '../../src/subject/subject-record.js';
import { subjectRecordSchema } from '../../src/subject/subject-record-schema.js';
import { account } from '../cli/models.js';

let folder: string;
let path: string;
let record: SubjectRecord;

const untrusted = { trusted: false, holder: 'found.json' };
const sourceOf = (source: string | undefined) => fileURLToPath(source ?? 'file:///nowhere');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'account.mjs');
  writeFileSync(path, account);
  const { record: made } = await resolveSubject({ scenario: path, scheme: undefined, settings: {} }, () => {});
  record = made;
});

it('runs the file itself where it says what it said', async () => {
  const { model } = await subjectOfRecord(record, untrusted);
  expect(sourceOf(model.source)).toBe(path);
});

it('refuses another text than that on the disk, and says what it would run', async () => {
  writeFileSync(path, `${account}// More.\n`);
  const refused = subjectOfRecord(record, untrusted);
  await expect(refused).rejects.toThrow(InputError);
  await expect(refused).rejects.toThrow(
    `faultline: found.json holds the text of ${path}, which is not the text on this disk (${path} is another one); ` +
      'it would be run, so read it first (show --format json), and add --trust to run it.',
  );
  rmSync(path);
  await expect(subjectOfRecord(record, untrusted)).rejects.toThrow(`(${path} is not there)`);
});

it('runs a copy of another text where that is trusted', async () => {
  rmSync(path);
  const { model } = await subjectOfRecord(record, OWN_RECORD);
  expect(readFileSync(sourceOf(model.source), 'utf8')).toBe(account);
  expect(existsSync(path)).toBe(false);
});

it('runs a copy of the same text where it is to stay what it is', async () => {
  const { model } = await subjectOfRecord(record, { ...untrusted, copied: true });
  expect(sourceOf(model.source)).not.toBe(path);
  writeFileSync(path, 'something else');
  expect(readFileSync(sourceOf(model.source), 'utf8')).toBe(account);
});

it.each(['slots-split-folio', 'huge-merge-lru'])('has the hash of %s after a trip through a file', async (scenario) => {
  const made = await resolveSubject({ scenario, scheme: undefined, settings: {} }, () => {});
  const read = subjectRecordSchema.parse(JSON.parse(JSON.stringify(made.record)));
  expect((await subjectOfRecord(read, OWN_RECORD)).hashes).toEqual(made.hashes);
});
