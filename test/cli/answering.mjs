/**
 * A process that answers one command line after the other, from the built command line. Started by one-process.ts, which
 * says why.
 */
import { setMaxListeners } from 'node:events';
import { answer } from '../../dist/src/cli/answer.js';
import { compileLater } from '../../dist/src/cli/terminal/tiering.js';
import { printOnStderr } from '../../dist/src/threads/model-console.js';

compileLater();
printOnStderr();
// Every answer leaves a listener or two for the end of the process.
process.setMaxListeners(0);
setMaxListeners(0);

let run;
for (const name of ['stdout', 'stderr']) {
  process[name].write = (text) => {
    run[name] += Buffer.from(text).toString();
    return true;
  };
}

process.on('message', async ({ words, cwd }) => {
  run = { stdout: '', stderr: '' };
  process.chdir(cwd);
  process.exitCode = undefined;
  await answer(words);
  process.send({ ...run, status: process.exitCode ?? 0 });
});
process.on('disconnect', () => process.exit());
