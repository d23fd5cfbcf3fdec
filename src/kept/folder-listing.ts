/**
 * Folder listing: the findings in a folder, one line each, newest last. Reads them and runs nothing. Imported by the verb
 * that lists.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { conformTitle } from '../report/conform-text.js';
import { liveTitle } from '../report/live-history.js';
import { type SubjectRecord, scenarioOf } from '../subject/subject-record.js';
import { readAnyFinding } from './read-finding.js';

/** A finding in a folder. */
export interface ListedFinding {
  readonly file: string;
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  /** The scenario with its scheme, the model, or the trace. */
  readonly of: string;
  /** Undefined for what was seen live and no schedule is known to show, and for traces. */
  readonly steps: number | undefined;
}

/** What is in a folder: the findings, and files that are none. */
export interface FolderListing {
  readonly findings: readonly ListedFinding[];
  readonly others: readonly string[];
}

/** Lists a folder. Throws InputError when it is none, or cannot be read. */
export function listingOf(folder: string): FolderListing {
  const findings: { readonly at: number; readonly listed: ListedFinding }[] = [];
  const others: string[] = [];
  for (const name of namesIn(folder)) {
    const file = join(folder, name);
    try {
      findings.push({ at: statSync(file).mtimeMs, listed: listed(file) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      others.push(file);
    }
  }
  findings.sort((left, right) => left.at - right.at || (left.listed.file < right.listed.file ? -1 : 1));
  return { findings: findings.map((each) => each.listed), others };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(
      `faultline: findings: ${folder} cannot be read (${code}); allowed: a folder of finding files.`,
    );
  }
}

function listed(file: string): ListedFinding {
  const content = readAnyFinding(file);
  if (content.schema === 'faultline.finding/1') {
    const { id, kind, title, schedule } = content.finding;
    return { file, id, kind, title, of: ofRecord(content.subject), steps: schedule.steps.length };
  }
  if (content.schema === 'faultline.conform-finding/1') {
    const { id, report, trace } = content;
    const of = `${trace.path} under ${report.scheme}`;
    return { file, id, kind: 'unexplained-event', title: conformTitle(report), of, steps: undefined };
  }
  const { found, world, reproducer, id } = content;
  const steps = reproducer?.finding.schedule.steps.length;
  return { file, id, kind: found.finding.kind, title: liveTitle(found.finding), of: ofRecord(world), steps };
}

function ofRecord(record: SubjectRecord): string {
  return record.model === 'guest_memfd' ? `${scenarioOf(record).name} under ${record.scheme}` : record.name;
}
