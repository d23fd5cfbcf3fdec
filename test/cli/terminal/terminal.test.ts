import { afterEach, expect, it, vi } from 'vitest';
import { terminalWidth } from '../../../src/cli/terminal/terminal.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands in for the process that prints. */
function printsTo(stdout: { readonly isTTY?: boolean; readonly columns?: number }): void {
  vi.stubGlobal('process', { ...process, stdout });
}

it('results are as wide as the terminal', () => {
  printsTo({ isTTY: true, columns: 132 });
  expect(terminalWidth()).toBe(132);
});

it.each([{}, { columns: 200 }, { isTTY: true, columns: 0 }])('and 80 wide where there is none: %j', (stdout) => {
  printsTo(stdout);
  expect(terminalWidth()).toBe(80);
});
