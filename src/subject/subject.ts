/**
 * Subjects: from what the command line names to the model that engines run, and all that tokens and finding files need
 * to rebuild it. Imported by the verbs that run engines.
 *
 * A scenario is a built-in name, a YAML file, a recorded log, or a file that exports a model; a scheme is a built-in
 * name with mutations, or a file that exports one.
 */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../core/errors.js';
import { noSuchFile } from '../model/absent-file.js';
import type { Model } from '../model/model.js';
import { scenarioSubject } from './scenario-subject.js';
import type { SubjectRecord } from './subject-record.js';

/** What a run is about. */
export interface Subject {
  readonly model: Model;
  /** The scenario's name, or the model's. */
  readonly scenario: string;
  /** As it was named, with its mutations; undefined for a model that has no schemes. */
  readonly scheme: string | undefined;
  readonly arch: string | undefined;
  /** Settings that differ from the defaults. */
  readonly settings: Readonly<Record<string, string>>;
  /** 8 hex digits each: what the scenario and the scheme are, beyond their names. */
  readonly hashes: { readonly scenario: string; readonly scheme: string };
  /** Whether names and settings are enough to rebuild it; else a finding has to be kept in a file. */
  readonly builtIn: boolean;
  /** What the user should know of it before its findings, in a sentence. */
  readonly note?: string | undefined;
  /** What a finding file holds of it. */
  readonly record: SubjectRecord;
}

/** What the command line says about a subject. */
export interface SubjectWords {
  readonly scenario: string;
  readonly scheme?: string | undefined;
  /** What `--set` gave. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Tells the user what is not a result, in a sentence; whoever owns the terminal hands it in. */
export type Say = (sentence: string) => void;

/** The scheme of whoever names none: mainline. */
export const DEFAULT_SCHEME = 'v2-hook-every-fault';

/** Whether a file's name is that of a model; anything else is a scenario of guest_memfd. */
export function isModelFile(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

/**
 * Makes the subject; what the user should know of it is told through `say`.
 *
 * @throws InputError, with one sentence, for whatever does not exist or does not fit
 */
export async function resolveSubject({ scenario, scheme, settings }: SubjectWords, say: Say): Promise<Subject> {
  if (!isModelFile(scenario)) {
    const subject = await scenarioSubject(scenario, scheme ?? DEFAULT_SCHEME, settings);
    if (subject.note !== undefined) say(`faultline: ${subject.note}.`);
    return subject;
  }
  if (!existsSync(resolve(scenario))) throw new InputError(`faultline: ${noSuchFile(scenario)}`);
  if (scheme !== undefined) {
    throw new InputError(
      `faultline: --scheme ${scheme}: ${scenario} is a model of its own; only scenarios of guest_memfd take a scheme.`,
    );
  }
  return await (await import('./model-subject.js')).modelSubject(scenario, settings);
}
