/**
 * JUnit export: a result as test cases in the XML that Jenkins reads (its junit-10.xsd). A cell of a comparison is a case;
 * explore and verify have one. Where something was expected, a case passes if that is what came.
 */

import type { ResultDocument } from '../report/result-schema.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { manyLines, oneLine } from './export-text.js';
import { replayOf, runOfFinding } from './run-result.js';

type Finding = ResultDocument['findings'][number];
type Cell = NonNullable<ResultDocument['cells']>[number];

/** Why a case did not pass: what is wrong, or that there is no answer. */
interface Problem {
  readonly element: 'failure' | 'error';
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly problems: readonly Problem[];
}

/** The test suites as XML; the text ends in '\n'. */
export function junitOf(result: ResultDocument, runs: readonly TraceDocument[] = []): string {
  const { verb, scenario, cells, stats, notes = [] } = result;
  const cases = cells === undefined ? [singleCase(result, runs)] : cells.map(cellCase);
  const count = (element: Problem['element']) =>
    cases.filter(({ problems }) => problems.some((each) => each.element === element)).length;
  const time = stats?.seconds === undefined ? {} : { time: stats.seconds.toFixed(3) };
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error') };
  const name = ['faultline', verb, ...(scenario === undefined ? [] : [scenario])].join(' ');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...time, ...counts })}>`,
    `  <testsuite${attributes({ name, ...time, ...counts, skipped: 0 })}>`,
    ...cases.map(caseText),
    ...(notes.length === 0
      ? []
      : [`    <system-out>${escaped(notes.map((note) => manyLines(note)).join('\n'))}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function singleCase(
  { verb, scenario = 'model', scheme, verdict, stats, findings }: ResultDocument,
  runs: readonly TraceDocument[],
): TestCase {
  const name = scheme === undefined ? verb : `under ${scheme}`;
  const stopped = typeof stats?.stoppedBy === 'string' ? stats.stoppedBy : 'something';
  const unanswered = verdict === 'inconclusive' ? [noAnswer(`No answer: ${stopped} ended it first.`)] : [];
  return {
    classname: scenario,
    name,
    problems: [...findings.map((each) => findingProblem(each, runs)), ...unanswered],
  };
}

function findingProblem(finding: Finding, runs: readonly TraceDocument[]): Problem {
  const { kind, title, signature, id, file } = finding;
  const replay = replayOf(finding, runOfFinding(id, runs));
  const lines = [
    signature,
    `finding ${id}`,
    ...(replay === undefined ? [] : [replay]),
    ...(file === undefined ? [] : [`kept in ${file}`]),
  ];
  return { element: 'failure', type: kind, message: title, text: lines.join('\n') };
}

function cellCase({ scenario, scheme, verdict, kind, stoppedBy, expected }: Cell): TestCase {
  const found = kind ?? verdict;
  const stopped = stoppedBy === undefined ? '' : `, ended by ${stoppedBy}`;
  const none = noAnswer(`No answer${stopped}.`);
  const problems =
    expected === undefined
      ? verdict === 'violation'
        ? [{ element: 'failure', type: found, message: `${found} in ${scenario} under ${scheme}`, text: '' } as const]
        : verdict === 'inconclusive'
          ? [none]
          : []
      : expected.answer === 'differs'
        ? [differs(found, expected)]
        : expected.answer === 'none'
          ? [none]
          : [];
  return { classname: scenario, name: scheme, problems };
}

function differs(found: string, { verdict, reason }: NonNullable<Cell['expected']>): Problem {
  const message = `expected ${verdict}, found ${found}`;
  return { element: 'failure', type: found, message, text: `${message}\nexpected because: ${reason}` };
}

/** Nothing is known to be wrong, but nothing is answered either: whoever skipped it would take that for well. */
function noAnswer(message: string): Problem {
  return { element: 'error', type: 'inconclusive', message, text: '' };
}

function caseText({ classname, name, problems }: TestCase): string {
  const opening = `    <testcase${attributes({ classname, name })}`;
  if (problems.length === 0) return `${opening}/>`;
  const inside = problems.map(
    ({ element, type, message, text }) =>
      `      <${element}${attributes({ type, message })}>${escaped(manyLines(text))}</${element}>`,
  );
  return [`${opening}>`, ...inside, '    </testcase>'].join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(oneLine(String(value)))}"`)
    .join('');
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
