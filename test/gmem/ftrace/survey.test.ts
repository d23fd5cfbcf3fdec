/**
 * What is learned of a trace before its first event, from the trace of a real kernel.
 */
import { describe, expect, it } from 'vitest';
import { surveyOf } from '../../../src/gmem/ftrace/survey.js';
import { readTraceText } from '../../../src/gmem/ftrace/trace-lines.js';
import { textOf } from './fixture-traces.js';

const text = textOf('i3', 'trace');

describe('the survey of i3', () => {
  const survey = surveyOf(readTraceText(text).lines);

  it('finds where the file lies, how large it is, and its locks', () => {
    expect(survey).toMatchObject({
      ...{ baseGfn: 0x10000, pages: 16, inode: 2206, hasAttributes: false, hasAllUnlocks: true },
      ...{ mmuLock: '0xff11000020e8c000', invalidateLock: '0xff11000006da75d0', vmemmap: 0xffd4000000000000n },
    });
  });

  it('needs no symbols: a text with bare addresses says the same', () => {
    const bare = text.replaceAll(/: \([^)]*\)/g, ': (0xffffffff81000000)');
    expect(surveyOf(readTraceText(bare).lines)).toEqual(survey);
  });

  it('believes what most lines say: one that is forged moves nothing', () => {
    const forged = text.replace('index=11', 'index=5').replace('sem=0xff11000006da75d0', 'sem=0xff11000006da0000');
    expect(surveyOf(readTraceText(forged).lines)).toEqual(survey);
  });
});
