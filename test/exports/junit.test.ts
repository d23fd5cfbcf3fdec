import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { junitOf } from '../../src/exports/junit.js';
import { resultOfRuns } from '../../src/exports/run-result.js';
import { comparison, expectedComparison, hostileResult, race } from './documents.js';

const schema = readFileSync(new URL('../fixtures/schemas/junit-10.xsd', import.meta.url), 'utf8');

describe('JUnit', () => {
  it("is valid by Jenkins' schema, of a run, of comparisons, and in words that mean something", async () => {
    const files = [resultOfRuns('replay', [race]), comparison, expectedComparison, hostileResult].map((result, at) => ({
      fileName: `${at}.xml`,
      contents: junitOf(result),
    }));
    const { errors } = await validateXML({ xml: files, schema });
    expect(errors).toEqual([]);
    const wrong = await validateXML({ xml: [{ fileName: 'wrong.xml', contents: '<testsuite/>' }], schema });
    expect(wrong.valid).toBe(false);
  });

  it('fails the cells that are not as expected, and counts those without an answer as errors', () => {
    const text = junitOf(expectedComparison);
    expect(text).toContain('tests="3" failures="1" errors="1"');
    expect(text).toContain('<failure type="verified" message="expected leak, found verified">');
    expect(text).toContain('<testcase classname="fault-vs-punch" name="bitmap"/>');
  });

  it('fails what breaks where nothing was expected', () => {
    expect(junitOf(comparison)).toContain('<failure type="leak" message="leak in fault-vs-punch under bitmap">');
  });

  it('is an error where there is no answer', () => {
    const text = junitOf({
      ...resultOfRuns('replay', [{ ...race, violation: undefined }]),
      verdict: 'inconclusive',
      stats: { stoppedBy: 'the budget' },
    });
    expect(text).toContain('<error type="inconclusive" message="No answer: the budget ended it first."></error>');
  });
});
