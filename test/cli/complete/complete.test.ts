/** `faultline complete`: scripts for shells, which ask the program itself. */
import { expect, it } from 'vitest';
import { faultline, main, run } from '../run-cli.js';

/**
 * Completes a command line as bash would: the script is sourced, and `faultline` is a function. What the package
 * bash-completion has for scripts stands in for it here.
 */
async function completedByBash(...words: string[]): Promise<string[]> {
  return await completedIn('"\'@><=;|&(:', ...words);
}

/** The same where these characters end a word for bash (COMP_WORDBREAKS). */
async function completedIn(breaks: string, ...words: string[]): Promise<string[]> {
  const session = `
    node=$1 main=$2 COMP_WORDBREAKS=$3; shift 3
    typed=("$@")
    faultline() { "$node" "$main" "$@"; }
    compopt() { :; }
    _get_comp_words_by_ref() { words=(faultline "\${typed[@]}"); cur=\${typed[-1]}; }
    source <(faultline complete bash)
    source <(faultline complete bash)
    __faultline_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run('bash', ['-c', session, 'bash', process.execPath, main, breaks, ...words]);
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

it.each(['bash', 'zsh', 'fish', 'powershell'])('%s gets a script that asks "faultline complete --"', async (shell) => {
  const { status, stdout, stderr } = await faultline(['complete', shell]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^# ?.*faultline/);
  expect(stdout).toMatch(/faultline complete '?--/);
  const { stdout: json } = await faultline(['complete', shell, '--json']);
  expect(JSON.parse(json)).toEqual({ schema: 'faultline.complete/1', shell, script: stdout });
});

it('another shell is refused', async () => {
  const { status, stdout, stderr } = await faultline(['complete', 'zhs']);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    'faultline: complete: unknown shell "zhs"; allowed: bash, zsh, fish, powershell; did you mean "zsh"?\n',
  );
});

it('bash completes verbs, options, values and files', async () => {
  expect(await completedByBash('ver')).toEqual(['verify']);
  expect(await completedByBash('explore', 'fault-fault', '--keep')).toEqual(['--keep-going']);
  expect(await completedByBash('explore', 'fault-fault', '--strategy', 'p')).toEqual(['pct', 'pos']);
  expect(await completedByBash('explore', 'fault-vs-')).toEqual([
    ...['fault-vs-punch', 'fault-vs-convert', 'fault-vs-memory-failure'],
  ]);
  expect(await completedByBash('check', 'test/cli/complete/c')).toEqual(['test/cli/complete/complete.test.ts']);
  expect(await completedByBash('compare', '--help', '--sch')).toEqual(['--schemes', '--schedules']);
});

it('bash completes the value behind the "=" of its option', async () => {
  // What stands before the last character that ends a word, bash leaves where it is.
  expect(await completedByBash('verify', 'fault-fault', '--order=b')).toEqual(['breadth-first']);
  expect(await completedByBash('verify', 'fault-fault', '--order=')).toEqual(['breadth-first', 'depth-first']);
  expect(await completedByBash('explore', 'fault-fault', '--set=gf')).toEqual(['gfns=']);
  expect(await completedByBash('explore', '--out=test/cli/comp')).toEqual(['test/cli/compare/', 'test/cli/complete/']);
  expect(await completedByBash('compare', '--scenarios=neighbours,fault-f')).toEqual(['neighbours,fault-fault']);
});

it('where "=" ends no word, bash gets the option with its value', async () => {
  const breaks = '"\'@><;|&(:';
  expect(await completedIn(breaks, 'verify', 'fault-fault', '--order=b')).toEqual(['--order=breadth-first']);
  expect(await completedIn(breaks, 'explore', 'fault-fault', '--set=gf')).toEqual(['--set=gfns=']);
  expect(await completedIn(breaks, 'explore', 'fault-fault', '--set', 'gf')).toEqual(['gfns=']);
  expect(await completedIn(breaks, 'explore', 'fault-fault', '--keep')).toEqual(['--keep-going']);
});

it('words that are unfinished or wrong are answered and never complained about', async () => {
  const { status, stdout, stderr } = await faultline(['complete', '--', 'explore', '--seed', 'x', '--help', 'fault-f']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^fault-fault\t.*\n:4\n$/);
});
