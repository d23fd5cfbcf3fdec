/** What docs/exports.md says of each format: that it is there, and how large one finding is in it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keepCalls } from '../../src/core/story/kept-calls.js';
import { traceOf } from '../../src/core/story/trace.js';
import { explore } from '../../src/explore/explore.js';
import { resultExports, runExports } from '../../src/exports/exports.js';
import { resultOfRuns } from '../../src/exports/run-result.js';
import { FindingKeeper } from '../../src/kept/finding-keeper.js';
import { documentOfFinding } from '../../src/kept/run-document.js';
import { mermaidSequenceOf } from '../../src/report/mermaid-sequence.js';
import { titleOf } from '../../src/report/title.js';
import { resolveSubject } from '../../src/subject/subject.js';

const page = readFileSync(new URL('../../docs/exports.md', import.meta.url), 'utf8');
/** By format, kilobytes as the table has them. */
const written = [...page.matchAll(/^\| `(\w+)` \|.*\| ([\d.]+) kB \|[^|]*\|$/gm)].map(([, name, size]) => [name, size]);

it('the table has every format once, with the size of one finding', async () => {
  const say = () => {};
  const subject = await resolveSubject({ scenario: 'fault-vs-convert', scheme: 'bitmap-nolock', settings: {} }, say);
  const { findings, program } = await explore(subject.model, { seed: 1n, schedules: 64, titleOf });
  const [finding] = findings;
  const kept = new FindingKeeper(subject, undefined, say).reported(finding, program);
  const run = documentOfFinding(subject, kept, program);
  expect(Number(/, of (\d+) steps\./.exec(page)?.[1])).toBe(run.steps.length);
  const trace = traceOf(program, keepCalls(program.actors, finding.kept), finding.schedule);
  const texts: [string, string | Uint8Array][] = [
    ['trace', `${JSON.stringify(run)}\n`],
    ['mermaid', mermaidSequenceOf(trace)],
  ];
  for (const { name, load } of runExports) texts.push([name, (await load())(run)]);
  for (const { name, load } of resultExports) texts.push([name, (await load())(resultOfRuns('show', [run]), [run])]);
  const measured = texts.map(([name, text]) => [name, (Buffer.byteLength(text) / 1000).toFixed(1)]);
  expect(written.sort()).toEqual(measured.sort());
});
