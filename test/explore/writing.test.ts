/** The strategy of src/explore/WRITING.md does what the document says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, run } from '../cli/run-cli.js';
import { blocksOf } from '../readme/readme.js';

const blocks = blocksOf(readFileSync(join(root, 'src', 'explore', 'WRITING.md'), 'utf8'));

it('runs as written, and prints the same each time', async () => {
  const [file, session] = blocks;
  if (file.kind !== 'file' || session.kind !== 'session') throw new Error('a file, and what it prints');
  for (let time = 0; time < 2; time++) {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', file.text]);
    expect(stderr).toBe('');
    expect(stdout).toBe(session.commands[0].output);
  }
});
