import { describe, expect, it } from 'vitest';
import { githubOf } from '../../src/exports/github.js';
import { resultOfRuns } from '../../src/exports/run-result.js';
import { comparison, expectedComparison, hostile, hostileRace, hostileResult, race } from './documents.js';

/** A command as the runner of GitHub Actions takes it apart (its docs, "Workflow commands"). */
function command(line: string) {
  const [, level, properties, message] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const unescaped = (text: string) => text.replace(/%(3A|2C|0D|0A|25)/g, (code) => decodeURIComponent(code));
  return {
    level,
    ...Object.fromEntries(properties.split(',').map((each) => each.split('=').map(unescaped))),
    message: unescaped(message),
  };
}

describe('GitHub annotations', () => {
  it('point at the line that breaks, say what happens and how to see it again', () => {
    expect(command(githubOf(resultOfRuns('replay', [race]), [race]).trimEnd())).toEqual({
      ...{ level: 'error', file: 'models/my gmem.ts', line: '31' },
      title: 'BUG: faultline: use-after-free in kvm_gmem_get_pfn / kvm_gmem_punch_hole',
      message: 'When this happens, vCPU0 maps a page that is free.\nReplay: faultline replay fl1:abc',
    });
  });

  it('are one for each cell that is not as expected, and a warning for one without an answer', () => {
    expect(githubOf(expectedComparison).trimEnd().split('\n').map(command)).toEqual([
      {
        ...{ level: 'error', title: 'fault-vs-punch under mainline' },
        message: 'Expected leak, found verified.\nExpected because: R47 & "more"',
      },
      { level: 'warning', title: 'two under mainline', message: 'No answer, ended by the budget.' },
    ]);
  });

  it('are one for each cell that breaks where nothing was expected', () => {
    expect(command(githubOf(comparison).split('\n')[0])).toMatchObject({
      title: 'fault-vs-punch under bitmap',
      message: 'leak',
    });
  });

  it('are a notice where nothing breaks', () => {
    const clean = resultOfRuns('replay', [{ ...race, violation: undefined }]);
    expect(githubOf(clean)).toBe('::notice title=faultline replay fault-vs-punch bitmap-nolock::clean\n');
  });

  it('are as many as GitHub shows, the last of which counts the others', () => {
    const [finding] = resultOfRuns('replay', [race]).findings;
    const many = { ...resultOfRuns('replay', [race]), findings: Array.from({ length: 12 }, () => finding) };
    const lines = githubOf(many).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(command(lines[9]).message).toBe('3 further ones left out: GitHub shows 10 a step.');
  });

  it('take words of models for words', () => {
    const lines = [githubOf(hostileResult), githubOf(resultOfRuns('replay', [hostileRace]), [hostileRace])].flatMap(
      (text) => text.trimEnd().split('\n'),
    );
    expect(lines).toHaveLength(2);
    expect(hostile).toContain('::error::y, ');
    for (const line of lines)
      expect(command(line)).toMatchObject({ level: 'error', title: expect.stringContaining('::error::y, ') });
  });
});
