import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { say } from '../../src/cli/terminal/terminal.js';
import { InputError } from '../../src/core/errors.js';
import { compileModel } from '../../src/model/model.js';
import { resolveSubject } from '../../src/subject/subject.js';
import { OWN_RECORD, subjectOfRecord } from '../../src/subject/subject-of-record.js';
import { subjectWithVcpus, vcpusOf } from '../../src/subject/vcpu-subject.js';
import * as models from '../cli/models.js';
import { scratch } from '../cli/run-cli.js';

const named = (words: { scenario: string; scheme?: string; settings?: Record<string, string> }) =>
  resolveSubject({ settings: {}, ...words }, say);

it('has the vCPUs, keeps names and settings, and is no longer what the names alone stand for', async () => {
  const before = await named({ scenario: 'fault-vs-punch', scheme: 'bitmap-nolock', settings: { gfns: '3' } });
  const subject = await subjectWithVcpus(before, 3);
  expect(subject).toMatchObject({
    scenario: 'fault-vs-punch',
    scheme: 'bitmap-nolock',
    settings: { gfns: '3' },
    builtIn: false,
  });
  expect(subject.hashes.scheme).toBe(before.hashes.scheme);
  expect(subject.hashes.scenario).not.toBe(before.hashes.scenario);
  expect(vcpusOf(subject)).toEqual([0, 1, 2]);
  const { actors } = await compileModel(subject.model);
  expect(actors.map(({ name }) => name)).toEqual(['vCPU0', 'vCPU1', 'vCPU2', 'puncher']);
});

it('is itself when it has as many', async () => {
  const subject = await named({ scenario: 'fault-fault' });
  expect(await subjectWithVcpus(subject, 2)).toBe(subject);
});

it('its record rebuilds it, with a scheme of the user too', async () => {
  const folder = scratch();
  const path = join(folder, 'mine.ts');
  writeFileSync(path, models.forgetful);
  const subject = await subjectWithVcpus(await named({ scenario: 'fault-fault', scheme: path }), 4);
  const rebuilt = await subjectOfRecord(subject.record, OWN_RECORD);
  expect(rebuilt.hashes).toEqual(subject.hashes);
  expect(vcpusOf(rebuilt)).toEqual([0, 1, 2, 3]);
});

it("a model of the user's has parameters, not vCPUs", async () => {
  const path = join(scratch(), 'account.ts');
  writeFileSync(path, models.account);
  const subject = await named({ scenario: path });
  await expect(subjectWithVcpus(subject, 2)).rejects.toThrow(
    new InputError('faultline: --vcpus 2: account is a model of its own; set its parameters with --set.'),
  );
  expect(vcpusOf(subject)).toBeUndefined();
});
