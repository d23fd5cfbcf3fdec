/**
 * Subjects of guest_memfd: a built-in scenario, a YAML file or a window of a recorded log, under a scheme.
 * Imported by subject.ts and finding files.
 */

import { existsSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../core/errors.js';
import { unknownName } from '../core/input-sentence.js';
import { shortHash } from '../core/short-hash.js';
import { gmem } from '../gmem/model.js';
import { isSchemeFile } from '../gmem/named-scheme.js';
import { applySettings } from '../gmem/scenarios/apply-settings.js';
import { builtinScenarioNames } from '../gmem/scenarios/builtin-scenario-names.js';
import { wholeParser } from '../gmem/scenarios/input-value.js';
import { parsedScenario } from '../gmem/scenarios/parsed-scenarios.js';
import type { Scenario } from '../gmem/scenarios/scenario.js';
import { loadScheme } from '../gmem/scheme-lookup.js';
import { namedChanges } from '../gmem/schemes/named-changes.js';
import { worldNote } from '../gmem/world-note.js';
import { fileRecordOf, partsOf } from './file-record.js';
import { builtinSchemeText } from './scheme-text.js';
import type { Subject } from './subject.js';
import type { FileRecord, SubjectRecord } from './subject-record.js';

type Settings = Readonly<Record<string, string>>;

/** A scenario that is piped in. */
const STDIN = '-';

/** What else than a built-in name a verb may be given. */
const USUAL_FILES = 'scenario (.yaml), a model (.ts, .js) or a recorded log';

/** The subject for names, files and settings; `files` is what an unknown name could have been. Throws InputError. */
export async function scenarioSubject(
  name: string,
  scheme: string,
  settings: Settings,
  files = USUAL_FILES,
): Promise<Subject> {
  const { scenario, rest } = await worldOf(name, settings, files);
  const file = await schemeFileOf(scheme);
  const subject = await worldSubject(applySettings(scenario, rest), scheme, file);
  const differing = Object.entries(rest).filter(
    ([setting, value]) => !isDeepStrictEqual(applySettings(scenario, { [setting]: value }), scenario),
  );
  const named = Object.fromEntries(differing);
  const builtIn = file === undefined && builtinScenarioNames.some((builtin) => builtin === name);
  return { ...subject, settings: named, builtIn, record: { ...subject.record, settings: named } };
}

/** The subject for a whole scenario. `file` is the scheme's file, if it is a user's; `label` what to call the scheme. */
export async function worldSubject(
  scenario: Scenario,
  scheme: string,
  file: FileRecord | undefined,
  label = scheme,
): Promise<Subject> {
  // Now, so that a wrong name is refused before anything is set up.
  const loaded = await loadScheme(scheme);
  return {
    model: gmem(scenario, scheme),
    scenario: scenario.name,
    scheme: label,
    arch: scenario.arch,
    settings: {},
    hashes: { scenario: shortHash(JSON.stringify(scenario)), scheme: schemeHash(label, file) },
    builtIn: false,
    note: worldNote(scenario, loaded),
    record: {
      model: 'guest_memfd',
      // Of lists that are not read-only.
      scenario: structuredClone(scenario) as Extract<SubjectRecord, { model: 'guest_memfd' }>['scenario'],
      scheme: label,
      ...(file && { schemeFile: file }),
      settings: {},
    },
  };
}

/** The file of a scheme that is given as one; undefined for a built-in scheme. Throws InputError when it cannot be loaded. */
export async function schemeFileOf(scheme: string): Promise<FileRecord | undefined> {
  const [path] = scheme.split('+');
  return isSchemeFile(path) && existsSync(path) ? await fileRecordOf(path) : undefined;
}

/** The text of the scheme and the names of its changes with what they say they do. */
function schemeHash(scheme: string, file: FileRecord | undefined): string {
  const [base, ...names] = scheme.split('+');
  const titles = names.map((name) => namedChanges.find((change) => change.name === name)?.title ?? '');
  const [text, ...imports] = file === undefined ? [builtinSchemeText(base)] : partsOf(file);
  return shortHash(text, ...names, ...titles, ...imports);
}

/** The scenario before settings, and the settings that are left when a log has taken its own. */
async function worldOf(
  name: string,
  settings: Settings,
  files: string,
): Promise<{ scenario: Scenario; rest: Settings }> {
  const isFile = existsSync(name) && statSync(name).isFile();
  if (/\.ya?ml$/i.test(name) || !isFile) return { scenario: await scenarioNamed(name, files), rest: settings };
  const { from, count, ...rest } = settings;
  const whole = (setting: string, text: string | undefined) =>
    text === undefined ? {} : { [setting]: wholeParser(`--set ${setting}`, 0, Number.MAX_SAFE_INTEGER)(text) };
  const { readTrace } = await import('../gmem/trace/read-trace.js');
  const { scenarioOfWindow } = await import('../gmem/trace/scenario-of-window.js');
  const { selectWindow } = await import('../gmem/trace/select-window.js');
  const trace = readTrace(name);
  const window = selectWindow(trace, { ...whole('from', from), ...whole('count', count) });
  return { scenario: scenarioOfWindow(trace, window, name), rest };
}

async function scenarioNamed(name: string, files: string): Promise<Scenario> {
  if (/\.ya?ml$/i.test(name) || name === STDIN)
    return (await import('../gmem/scenarios/load-scenario.js')).loadScenario(name);
  const builtin = builtinScenarioNames.find((each) => each === name);
  if (builtin !== undefined) return await parsedScenario(builtin);
  const orElse = `, or the path of a ${files}`;
  throw new InputError(`faultline: ${unknownName('scenario', name, builtinScenarioNames, orElse)}`);
}
