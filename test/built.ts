/** Builds what the tests run (vitest.config.ts), where it is not what is written: before they run, and when they run anew. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const setup = fileURLToPath(new URL('../scripts/setup', import.meta.url));

/** Called by vitest. */
export default function build(project: TestProject): void {
  execFileSync(setup, { stdio: 'inherit' });
  project.onTestsRerun(async () => {
    execFileSync(setup, { stdio: 'inherit' });
  });
}
