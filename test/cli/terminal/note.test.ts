/** Notes on stderr: in lines of a terminal's width, and in one line each where there is none. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commands } from '../../../src/cli/commands.js';
import { noteText, wrapNote } from '../../../src/cli/terminal/note.js';
import { say } from '../../../src/cli/terminal/terminal.js';
import { widthOf } from '../../../src/report/text-width.js';
import { main, run } from '../run-cli.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands in for the process that has this stderr; what is written to it. */
function writesTo(stderr: { readonly isTTY?: boolean; readonly columns?: number }): string[] {
  const written: string[] = [];
  vi.stubGlobal('process', { ...process, stderr: { ...stderr, write: (text: string) => written.push(text) } });
  return written;
}

const NOTE =
  'faultline: task makes "count = 1" and does not yield it (forgotten.mjs:10): what is not yielded does not happen.';

it('a terminal gets lines of its width, the later ones indented', () => {
  const written = writesTo({ isTTY: true, columns: 60 });
  say(NOTE);
  expect(written).toEqual([
    [
      'faultline: task makes "count = 1" and does not yield it',
      '  (forgotten.mjs:10): what is not yielded does not happen.\n',
    ].join('\n'),
  ]);
});

it.each([{}, { columns: 60 }, { isTTY: true, columns: 0 }])('elsewhere a note is one line: %j', (stderr) => {
  const written = writesTo(stderr);
  say(NOTE);
  expect(written).toEqual([`${NOTE}\n`]);
});

it('no line is wider, but for a word that is there to be copied; a narrow terminal has its limit', () => {
  for (const columns of [1, 20, 33, 80, 120]) {
    writesTo({ isTTY: true, columns });
    const path = '/home/me/a-folder-with-a-long-name/and-another-one/findings/0123456789abcdef.json';
    const lines = noteText(`faultline: the finding could not be written to ${path} (ENOSPC).`).split('\n');
    expect(lines.filter((line) => widthOf(line) > Math.max(20, columns) && !line.includes(path))).toEqual([]);
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(path);
  }
});

it('lines of a stack stay as they are', () => {
  writesTo({ isTTY: true, columns: 30 });
  const stack = '    at Automaton.run (/home/me/faultline/dist/src/core/automaton/automaton.js:3:4)';
  expect(noteText(`faultline: this should not have happened: Error: oh\n${stack}`).split('\n').at(-1)).toBe(stack);
});

it("commander's sentences are notes as well", () => {
  writesTo({ isTTY: true, columns: 40 });
  const program = commands();
  const verb = program.commands.find((each) => each.name() === 'explore');
  let said = '';
  verb?.configureOutput({ writeErr: (text) => (said += text) });
  expect(() => program.parse(['explore', 'fault-fault', '--no-such-option-at-all'], { from: 'user' })).toThrow();
  expect(said.split('\n').length).toBeGreaterThan(2);
  for (const line of said.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40);
});

it('in a pipe each note of a command is one line', async () => {
  const { stderr } = await run(process.execPath, [main, 'explore', 'no-such-scenario']);
  expect(stderr).toMatch(/^faultline: .{80,}\n$/);
});

describe('notes', () => {
  it('keep their words whole, however long, and every word', () => {
    expect(wrapNote('see /a/very/long/path now', 10)).toEqual(['see', '  /a/very/long/path', '  now']);
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1 })),
        fc.integer({ min: 5, max: 60 }),
        (all, width) => {
          const words = all.map((word) => word.replace(/\s/g, '_'));
          const lines = wrapNote(words.join(' '), width);
          expect(lines.join(' ').split(/ +/).filter(Boolean)).toEqual(words);
          for (const line of lines) if (line.trim().includes(' ')) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('keep lines that are indented', () => {
    expect(wrapNote('one two three\n    at four five six', 9)).toEqual(['one two', '  three', '    at four five six']);
  });
});
