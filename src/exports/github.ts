/**
 * GitHub export: a result as workflow commands, which a job of GitHub Actions shows as annotations.
 */

import type { ResultDocument } from '../report/result-schema.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { counted, oneLine } from './export-text.js';
import { replayOf, runOfFinding } from './run-result.js';
import { breakingStep, happensText } from './step-text.js';

/** GitHub shows so many annotations of one kind in a step of a job, and drops the others without a word. */
const MOST_ANNOTATIONS = 10;

interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly lines: readonly string[];
  readonly at?: { readonly file: string; readonly line: number } | undefined;
}

/** One line an annotation; the text ends in '\n'. */
export function githubOf(result: ResultDocument, runs: readonly TraceDocument[] = []): string {
  const { findings, cells = [] } = result;
  // A cell of a comparison says what was expected; a finding behind it would say the same once more.
  const annotations =
    cells.length > 0 ? cells.flatMap(cellAnnotation) : findings.map((each) => findingAnnotation(each, runs));
  const none = cells.length === 0 && findings.length === 0 ? [plainAnnotation(result)] : [];
  return ['error', 'warning', 'notice']
    .flatMap((level) => limited([...annotations, ...none].filter((each) => each.level === level)))
    .map((each) => `${commandOf(each)}\n`)
    .join('');
}

/** Those that are shown; the last place says how many are not. */
function limited(annotations: readonly Annotation[]): readonly Annotation[] {
  if (annotations.length <= MOST_ANNOTATIONS) return annotations;
  const shown = annotations.slice(0, MOST_ANNOTATIONS - 1);
  const left = annotations.length - shown.length;
  const lines = [`${counted(left, 'further one')} left out: GitHub shows ${MOST_ANNOTATIONS} a step.`];
  return [...shown, { level: annotations[0].level, title: 'Faultline', lines }];
}

function findingAnnotation(finding: ResultDocument['findings'][number], runs: readonly TraceDocument[]): Annotation {
  const run = runOfFinding(finding.id, runs);
  const where = run && (run.blame?.step ?? breakingStep(run) ?? run.steps.length - 1);
  const at = where === undefined ? undefined : run?.steps[where]?.ops?.find((op) => op.at !== undefined)?.at;
  const replay = replayOf(finding, run);
  const lines = [
    ...(run?.violation === undefined ? [finding.signature] : [happensText(run.violation.words)]),
    ...(replay === undefined ? [] : [`Replay: ${replay}`]),
  ];
  return { level: 'error', title: finding.title, lines, at };
}

function cellAnnotation(cell: NonNullable<ResultDocument['cells']>[number]): readonly Annotation[] {
  const { scenario, scheme, verdict, kind, expected, stoppedBy } = cell;
  const found = kind ?? verdict;
  const title = `${scenario} under ${scheme}`;
  const unanswered = {
    level: 'warning',
    title,
    lines: [`No answer${stoppedBy === undefined ? '' : `, ended by ${stoppedBy}`}.`],
  } as const;
  if (expected === undefined) {
    if (verdict === 'violation') return [{ level: 'error', title, lines: [found] }];
    return verdict === 'inconclusive' ? [unanswered] : [];
  }
  if (expected.answer === 'none') return [unanswered];
  if (expected.answer === 'met') return [];
  return [
    {
      level: 'error',
      title,
      lines: [`Expected ${expected.verdict}, found ${found}.`, `Expected because: ${expected.reason}`],
    },
  ];
}

function plainAnnotation({ verb, scenario, scheme, verdict }: ResultDocument): Annotation {
  const title = [`faultline ${verb}`, scenario, scheme].filter((part) => part !== undefined).join(' ');
  return { level: verdict === 'inconclusive' ? 'warning' : 'notice', title, lines: [verdict] };
}

function commandOf({ level, title, lines, at }: Annotation): string {
  const properties = [
    ...(at === undefined ? [] : [`file=${property(at.file)}`, `line=${at.line}`]),
    `title=${property(title)}`,
  ];
  // A token is as long as it is.
  const message = lines.map((line) => data(oneLine(line, Number.POSITIVE_INFINITY))).join('%0A');
  return `::${level} ${properties.join(',')}::${message}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25');
}

function property(text: string): string {
  return data(oneLine(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
