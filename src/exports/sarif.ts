/**
 * SARIF export: findings as a log of OASIS' Static Analysis Results Interchange Format 2.1.0. A finding with its run has two
 * code flows: all steps in the order in which they happened, and a thread flow an actor with the same order as numbers.
 */

import { plainJson } from '../core/plain-text.js';
import type { ResultDocument } from '../report/result-schema.js';
import type { DocumentStep, TraceDocument } from '../trace/trace-schema.js';
import { counted, oneLine, wellFormed } from './export-text.js';
import { runOfFinding } from './run-result.js';
import { breakingStep, happensText, stepInFunction } from './step-text.js';

/** GitHub reads 10,000 locations of a result; both flows have each step. */
const MOST_STEPS = 5_000;
const ROOT = 'SRCROOT';

/** The log as JSON; the text ends in '\n'. */
export function sarifOf(result: ResultDocument, runs: readonly TraceDocument[] = []): string {
  const { findings, verdict, notes = [] } = result;
  const kinds = [...new Set(findings.map(({ kind }) => kind))].sort();
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Faultline',
            rules: kinds.map((kind) => ({
              id: kind,
              shortDescription: { text: `${kind} in an interleaving of a model` },
            })),
          },
        },
        automationDetails: { id: automationId(result) },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, kinds, runOfFinding(finding.id, runs))),
        properties: { verdict, ...(notes.length === 0 ? {} : { notes: notes.map((note) => oneLine(note)) }) },
      },
    ],
  };
  return `${plainJson(JSON.stringify(log, null, 1))}\n`;
}

/** What tells this run of the tool from others: `faultline/explore/fault-vs-punch/bitmap-nolock`. */
function automationId({ verb, scenario, scheme }: ResultDocument): string {
  const parts = [scenario, scheme].filter((part) => part !== undefined);
  return ['faultline', verb, ...parts.map((part) => oneLine(part).replaceAll('/', '_'))].join('/');
}

function resultOf(
  { id, kind, title, signature, token }: ResultDocument['findings'][number],
  kinds: readonly string[],
  run: TraceDocument | undefined,
): object {
  const properties = {
    signature: oneLine(signature),
    ...(token === undefined ? {} : { token }),
    // Of a comparison each finding has its own.
    ...(run?.source.scenario === undefined ? {} : { scenario: oneLine(run.source.scenario) }),
    ...(run?.source.scheme === undefined ? {} : { scheme: oneLine(run.source.scheme) }),
  };
  const common = {
    ...{ ruleId: kind, ruleIndex: kinds.indexOf(kind), level: 'error' },
    partialFingerprints: { 'faultlineFinding/v1': id },
  };
  if (run === undefined) return { ...common, message: { text: oneLine(title) }, properties };
  const { violation, steps, source } = run;
  const left = Math.max(0, steps.length - MOST_STEPS);
  const sentences = [
    oneLine(title),
    ...(violation === undefined ? [] : [happensText(violation.words)]),
    ...(source.replay === undefined ? [] : [`Replay: ${oneLine(source.replay, Number.POSITIVE_INFINITY)}`]),
    ...(left === 0 ? [] : [`The first ${counted(left, 'step')} are left out.`]),
  ];
  const told = steps.map((step, at) => ({ step, at })).slice(left);
  const where = run.blame?.step ?? breakingStep(run) ?? steps.length - 1;
  return {
    ...common,
    message: { text: sentences.join('\n') },
    ...(steps.length === 0 ? {} : { locations: [locationOf(steps[where], undefined)], codeFlows: flowsOf(run, told) }),
    properties,
  };
}

function flowsOf(
  run: TraceDocument,
  told: readonly { readonly step: DocumentStep; readonly at: number }[],
): readonly object[] {
  const { order, actors } = run;
  const flowLocation = ({ step, at }: (typeof told)[number]) => ({
    location: locationOf(step, `${oneLine(actors[step.actor].name)}: ${stepInFunction(step)}`),
    ...{ executionOrder: at + 1, nestingLevel: step.frames.length },
    ...(step.violation === undefined ? {} : { importance: 'essential' }),
  });
  const byActor = actors.flatMap(({ name }, actor) => {
    const own = told.filter(({ step }) => step.actor === actor);
    return own.length === 0 ? [] : [{ id: oneLine(name), locations: own.map(flowLocation) }];
  });
  const whole = { message: { text: 'All steps, in the order in which they happened' } };
  return [
    ...(order === 'total'
      ? [{ ...whole, threadFlows: [{ id: 'all actors', locations: told.map(flowLocation) }] }]
      : []),
    { message: { text: 'A thread flow an actor' }, threadFlows: byActor },
  ];
}

/** The line of the user's at which the op is made, where it is known; the function in any case. */
function locationOf({ frames, ops = [] }: DocumentStep, text: string | undefined): object {
  const at = ops.find((op) => op.at !== undefined)?.at;
  const name = frames.at(-1)?.name;
  return {
    ...(at === undefined
      ? {}
      : { physicalLocation: { artifactLocation: artifactOf(at.file), region: { startLine: at.line } } }),
    ...(name === undefined
      ? {}
      : {
          logicalLocations: [
            {
              name: oneLine(name),
              fullyQualifiedName: oneLine(frames.map((frame) => frame.name).join('/')),
              kind: 'function',
            },
          ],
        }),
    ...(text === undefined ? {} : { message: { text } }),
  };
}

function artifactOf(file: string): object {
  const uri = wellFormed(file).split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: ROOT };
}
