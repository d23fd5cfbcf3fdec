/**
 * Journal lines: one record as one line of JSON with its number and a checksum, and the way back. A line that was cut
 * off anywhere, or that a disk gave back as something else, does not pass for a record. Used by the journal.
 */

import { shortHash } from '../core/short-hash.js';
import type { CampaignRecord } from './campaign-record.js';

/** A record and its number in the journal, from 1. */
export interface NumberedRecord {
  readonly number: number;
  readonly record: CampaignRecord;
}

const LINE = /^\{"number":(\d{1,16}),"sum":"([0-9a-f]{8})","record":(\{.*\})\}$/;

/** The line, with its line feed. */
export function journalLine({ number, record }: NumberedRecord): string {
  const text = JSON.stringify(record);
  return `{"number":${number},"sum":"${sumOf(String(number), text)}","record":${text}}\n`;
}

/** The record of a line without its line feed; undefined for anything else. */
export function parseJournalLine(line: string): NumberedRecord | undefined {
  const parts = LINE.exec(line);
  if (parts === null) return undefined;
  const [, number, sum, text] = parts;
  return sumOf(number, text) === sum ? { number: Number(number), record: JSON.parse(text) } : undefined;
}

function sumOf(number: string, text: string): string {
  return shortHash(number, text);
}
