/**
 * `faultline conform`: holds a trace of a real kernel against the model, event by event.
 */

import { Argument, Command, Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { type HtmlWords, htmlOption } from '../options/html-option.js';
import { anyFile, offering } from '../options/offers.js';
import { schemeOption } from '../options/subject-options.js';
import { printText } from '../terminal/terminal.js';
import { whileListening } from '../terminal/while-listening.js';

/** What the verb takes. */
export interface ConformWords extends CommonOptions, HtmlWords {
  readonly scheme?: string;
  readonly log?: string;
  /** In the units of the trace's clock. */
  readonly clockError: number;
  readonly maxStates?: number;
  readonly probes: boolean;
}

const EXIT_STATUS = `
Exit status: 0 every event is explained; 1 no execution
explains one; 2 the input is wrong; 3 undecided; 130
interrupted.`;

const TRACE = 'text of tracefs, trace-cmd report -t, perf script --ns or bpftrace, also gzip; - for stdin';

const OUT = 'keep a refusal as a file in this folder, which show draws and replay holds again (default: none)';

/** The verb. */
export function conformCommand(): Command {
  const command = new Command('conform')
    .description("Says whether the model explains every event of a real kernel's trace.")
    .addArgument(offering(new Argument('[trace]', TRACE), anyFile))
    .addOption(offering(new Option('--log <file>', 'what the recorded programs wrote of their own accesses'), anyFile))
    .addOption(schemeOption())
    .addOption(
      new Option('--clock-error <n>', "how far time stamps of two tasks may be off, in units of the trace's clock")
        .default(0)
        .argParser(wholeParser('--clock-error', 0, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(htmlOption())
    .option('--max-states <n>', 'states to keep (default: 2,000)', wholeParser('--max-states', 1, 2 ** 31 - 2))
    .option('--probes', 'print the shell script that records such a trace, and do nothing else', false)
    .action(conform);
  acceptCommonOptions(command, ['budget', 'json', 'out', 'quiet']).addHelpText('after', EXIT_STATUS);
  for (const option of command.options) if (option.long === '--out') option.description = OUT;
  return command;
}

async function conform(trace: string | undefined, words: ConformWords): Promise<void> {
  if (words.probes) {
    if (trace !== undefined) throw new InputError(`faultline: conform: --probes takes no trace; leave ${trace} out.`);
    const { probesScript } = await import('../../gmem/ftrace/probes.js');
    return printText(probesScript());
  }
  if (trace === undefined) {
    throw new InputError(
      'faultline: conform: the trace is missing; allowed: a file, - for standard input, or --probes.',
    );
  }
  const { runConform } = await whileListening(() => import('./run-conform.js'));
  process.exitCode = await runConform(trace, words);
}
