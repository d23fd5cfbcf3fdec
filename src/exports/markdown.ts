/**
 * Markdown export: a result as the summary of a job of GitHub Actions (GITHUB_STEP_SUMMARY), which takes 1 MiB. Words of
 * models stand in code spans and code blocks, in which nothing of theirs has a meaning.
 */

import type { ResultDocument } from '../report/result-schema.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { counted, manyLines, oneLine } from './export-text.js';
import { replayOf, runOfFinding } from './run-result.js';

type Finding = ResultDocument['findings'][number];
type Cell = NonNullable<ResultDocument['cells']>[number];

/** What GitHub takes, less a sentence about what is left out. */
const MOST_BYTES = 1024 * 1024 - 1024;

/** The summary; the text ends in '\n'. */
export function markdownOf(result: ResultDocument, runs: readonly TraceDocument[] = []): string {
  const { verb, scenario, scheme, verdict, cells, findings, notes = [] } = result;
  const about = [verb, scenario, scheme].filter((part) => part !== undefined).map((part) => codeSpan(part));
  const blocks = [
    `## Faultline ${about.join(' ')}: ${verdict}`,
    ...(cells === undefined ? [] : [cellTable(cells), ...differences(cells)]),
    ...(findings.length === 0 ? [] : [findingTable(findings)]),
    ...notes.map((note) => `> ${codeSpan(note)}`),
    ...findings.flatMap((finding) => details(finding, runOfFinding(finding.id, runs))),
  ];
  return withinLimit(blocks);
}

/** Whole blocks only: half of one would leave what follows in its code. */
function withinLimit(blocks: readonly string[]): string {
  let text = '';
  for (const [place, block] of blocks.entries()) {
    if (Buffer.byteLength(text) + Buffer.byteLength(block) > MOST_BYTES) {
      return `${text}${counted(blocks.length - place, 'further part')} left out: a summary has at most 1 MiB.\n`;
    }
    text += `${block}\n\n`;
  }
  return `${text.trimEnd()}\n`;
}

function cellTable(cells: readonly Cell[]): string {
  const schemes = [...new Set(cells.map(({ scheme }) => scheme))];
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))];
  const textOf = (scenario: string, scheme: string) => {
    const cell = cells.find((each) => each.scenario === scenario && each.scheme === scheme);
    if (cell === undefined) return '';
    const found = cell.kind ?? (cell.verdict === 'inconclusive' ? 'no answer' : cell.verdict);
    return cell.expected?.answer === 'differs' ? `**${found}** (differs)` : found;
  };
  const rows = scenarios.map((scenario) => [inTable(scenario), ...schemes.map((scheme) => textOf(scenario, scheme))]);
  return table(['', ...schemes.map(inTable)], rows);
}

function differences(cells: readonly Cell[]): readonly string[] {
  const found = cells.filter(({ expected }) => expected?.answer === 'differs');
  if (found.length === 0) return [];
  const rows = found.map(({ scenario, scheme, verdict, kind, expected }) => [
    ...[inTable(scenario), inTable(scheme), expected?.verdict ?? '', kind ?? verdict, inTable(expected?.reason ?? '')],
  ]);
  return [table(['scenario', 'scheme', 'expected', 'found', 'expected because'], rows)];
}

function findingTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ id, kind, title, steps, contextSwitches }) => [
    ...[`\`${id}\``, kind, inTable(title), String(steps ?? ''), String(contextSwitches ?? '')],
  ]);
  return table(['id', 'kind', 'finding', 'steps', 'context switches'], rows);
}

function details(finding: Finding, run: TraceDocument | undefined): readonly string[] {
  const { id, title } = finding;
  const replay = replayOf(finding, run);
  const text = [
    run === undefined ? manyLines(title) : `${manyLines(run.title)}\n\n${manyLines(run.columns).trimEnd()}`,
  ];
  if (replay !== undefined) text.push(oneLine(replay, Number.POSITIVE_INFINITY));
  return [
    `<details><summary>Finding <code>${id}</code></summary>\n\n${text.map(codeBlock).join('\n\n')}\n\n</details>`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** In a code span of a table a bar would still end the cell. */
function inTable(text: string): string {
  return codeSpan(text).replaceAll('|', '\\|');
}

/** A span opens and closes with more backticks than any run of them in it. */
function codeSpan(text: string): string {
  const line = oneLine(text);
  if (line === '') return '';
  const fence = '`'.repeat(longestRun(line) + 1);
  const space = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
