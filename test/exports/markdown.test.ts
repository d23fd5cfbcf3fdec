import { describe, expect, it } from 'vitest';
import { markdownOf } from '../../src/exports/markdown.js';
import { resultOfRuns } from '../../src/exports/run-result.js';
import { expectedComparison, hostileRace, hostileResult, race } from './documents.js';

describe('the markdown summary', () => {
  it('has the columns of a finding and how to see it again', () => {
    const text = markdownOf(resultOfRuns('replay', [race]), [race]);
    expect(text).toContain('## Faultline `replay` `fault-vs-punch` `bitmap-nolock`: violation');
    expect(text).toContain('vCPU0      punch\ni_pages[0]\n```');
    expect(text).toContain('```text\nfaultline replay fl1:abc\n```');
  });

  it('has a table of scenarios by schemes, and one of what differs', () => {
    const text = markdownOf(expectedComparison);
    expect(text).toContain('| `fault-vs-punch` | **verified** (differs) | leak |');
    expect(text).toContain('| `two` | no answer |  |');
    expect(text).toContain('| `fault-vs-punch` | `mainline` | leak | verified | `R47 & "more"` |');
  });

  it('keeps words of models within code: every run of backticks in it is shorter than its fence', () => {
    const text = markdownOf(hostileResult, []) + markdownOf(resultOfRuns('replay', [hostileRace]), [hostileRace]);
    // Blocks and spans with the fences that they begin with, as CommonMark reads them; what is left is ours.
    const ours = text.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '').replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
    expect(ours).not.toMatch(/::|<b>|\]\]>/);
    expect(ours.match(/<\/?\w+>/g)?.every((tag) => /details|summary|code/.test(tag))).toBe(true);
  });

  it('leaves out whole parts beyond the MiB that GitHub takes, and says how many', () => {
    const [finding] = resultOfRuns('replay', [race]).findings;
    const findings = Array.from({ length: 3 }, (_, at) => ({ ...finding, id: `0000000${at}` }));
    const runs = findings.map(({ id }) => ({ ...race, source: { ...race.source, id }, columns: 'é'.repeat(200_000) }));
    const text = markdownOf({ ...resultOfRuns('replay', [race]), findings }, runs);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toMatch(/<\/details>\n\n1 further part left out: a summary has at most 1 MiB\.\n$/);
  });
});
