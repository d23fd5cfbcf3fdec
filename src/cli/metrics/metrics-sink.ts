/**
 * Metrics sink: where the metrics of a run go, a file and a port. The file is replaced as a whole each time, as the textfile
 * collector of Prometheus' node_exporter wants it. Imported by the verbs that run live.
 */

import { diskFailure } from '../../core/disk-failure.js';
import { InputError } from '../../core/errors.js';
import { replaceFile } from '../../core/replace-file.js';
import { type MetricFamily, type MetricLabels, prometheusText } from '../../exports/prometheus.js';
import { answerInWords, type OwnServer, ownServer } from '../serve/own-server.js';
import type { MetricsWords } from './metrics-options.js';

/** What it offers is in version 0.0.4 of the text format. */
const MEDIA = 'text/plain; version=0.0.4; charset=utf-8';

/** Takes the metrics of one run. */
export interface MetricsSink {
  /** What they are now. */
  update(families: readonly MetricFamily[], labels?: MetricLabels): void;
  /** The last of them are written, and nobody is answered any more. */
  close(): Promise<void>;
}

/**
 * Opens what was asked for; `say` is told the address, and once if the file cannot be written later on.
 *
 * @throws InputError when the file cannot be written at the start, or the port is not to be had
 */
export async function openMetrics(
  { metrics, metricsPort }: MetricsWords,
  say: (sentence: string) => void,
): Promise<MetricsSink> {
  let text = '';
  const file = metrics === undefined ? undefined : await openFile(metrics, say);
  let own: OwnServer | undefined;
  if (metricsPort !== undefined) {
    own = await ownServer('--metrics-port', metricsPort, ({ url }, response) => {
      if (url === '/metrics') response.writeHead(200, { 'content-type': MEDIA }).end(text);
      else answerInWords(response, 404, 'There is /metrics here.');
    });
    // A run that is over does not wait for who might still ask.
    own.server.unref();
    say(`faultline: metrics at ${own.address}metrics`);
  }
  return {
    update(families, labels) {
      if (file === undefined && own === undefined) return;
      text = prometheusText(families, labels);
      file?.write(text);
    },
    async close() {
      own?.server.close();
      own?.server.closeAllConnections();
      await file?.done();
    },
  };
}

/** Writes one text after the other; of those that come while one is being written, the last. */
async function openFile(path: string, say: (sentence: string) => void) {
  try {
    await replaceFile(path, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`faultline: --metrics ${path} cannot be written (${code ?? message}).`);
  }
  let next: string | undefined;
  let working: Promise<void> | undefined;
  let isTold = false;
  const work = async (): Promise<void> => {
    for (let text = next; text !== undefined; text = next) {
      next = undefined;
      await replaceFile(path, text).catch((error) => {
        // A run is not given up for its metrics.
        if (!isTold)
          say(`faultline: --metrics ${path} is out of date: ${diskFailure(error) ?? (error as Error).message}.`);
        isTold = true;
      });
    }
    working = undefined;
  };
  return {
    write(text: string): void {
      next = text;
      working ??= work();
    },
    async done(): Promise<void> {
      await working;
    },
  };
}
