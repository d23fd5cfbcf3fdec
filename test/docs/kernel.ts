/** docs/kernel.md: its blocks of columns, and the names and labels that it explains. */

import { unguarded } from '../../src/core/guard.js';
import { findingContent } from '../../src/kept/finding-content.js';
import { smallestFinding } from '../../src/kept/smallest-finding.js';
import { titleOf } from '../../src/report/title.js';
import { scenarioSubject } from '../../src/subject/scenario-subject.js';
import { verify } from '../../src/verify/verify.js';

/** A place where columns stand: what shows them, and the block as it is written; empty when there is none yet. */
export interface ColumnsBlock {
  readonly scenario: string;
  readonly scheme: string;
  readonly kind: string;
  readonly text: string;
}

const BLOCK = /<!-- columns: (\S+) (\S+) ([\w-]+) -->\n(?:\n```text\n([\s\S]*?)```\n)?/g;

/** The blocks of columns of a Markdown text, in its order. */
export function columnsBlocks(markdown: string): ColumnsBlock[] {
  return [...markdown.matchAll(BLOCK)].map(([, scenario, scheme, kind, text = '']) => ({
    ...{ scenario, scheme, kind, text },
  }));
}

/** The Markdown text with other blocks of columns. */
export function withColumns(markdown: string, texts: readonly string[]): string {
  let place = 0;
  return markdown.replace(
    BLOCK,
    (_, scenario: string, scheme: string, kind: string) =>
      `<!-- columns: ${scenario} ${scheme} ${kind} -->\n\n\`\`\`text\n${texts[place++]}\`\`\`\n`,
  );
}

/** The command that shows a finding of this kind, and its title and columns as the command prints them. */
export async function columnsText({ scenario, scheme, kind }: ColumnsBlock): Promise<string> {
  const subject = await scenarioSubject(scenario, scheme, {});
  const options = { titleOf, coverage: false, liveness: ['livelock', 'starvation'].includes(kind), lockOrder: false };
  const isWanted = (finding: { readonly kind: string }) => finding.kind === kind;
  // What `verify` stops at; where that is of another kind, the first one of this kind that `--all` prints.
  let result = await verify(subject.model, options);
  const all = result.findings.some(isWanted) ? '' : ' --all';
  if (all !== '') result = await verify(subject.model, { ...options, all: true });
  const found = result.findings.find(isWanted);
  if (found === undefined) throw new Error(`${scheme} shows no ${kind} in ${scenario}`);
  const finding = smallestFinding(subject.model, found, result.program, unguarded);
  const { columns } = findingContent(subject, finding, result.program);
  return `$ ./scripts/run verify ${scenario} --scheme ${scheme}${all}\n\n${finding.title}\n\n${columns}`;
}

/** Labels in a text that mean nothing without a key: versions, schemes, races, invariants. */
export function labelsIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:[RSI]\d{1,3}|V2'(?!s\b)|V[0-3][a-d]?|seed \d{3})(?!\w)/g) ?? [])];
}

/** What docs/kernel.md explains: the first cell of a row, and headings; without their backquotes. */
export function entriesOf(markdown: string): ReadonlySet<string> {
  const rows = [...markdown.matchAll(/^\| ([^|]+?) \|/gm)].flatMap(([, cell]) => cell.split(', '));
  const headings = [...markdown.matchAll(/^### (.+)$/gm)].flatMap(([, heading]) => [heading, heading.split(':')[0]]);
  return new Set([...rows, ...headings].map((entry) => entry.replaceAll('`', '')));
}
