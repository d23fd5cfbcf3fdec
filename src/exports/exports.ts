/**
 * The exports: what a run or a result can be written as for the tools of others, in one table. Each is written from the trace
 * document or from the result document, and from nothing else. Used by the command line.
 */

import type { ResultDocument } from '../report/result-schema.js';
import type { TraceDocument } from '../trace/trace-schema.js';

interface Export {
  readonly name: string;
  /** For help: what reads it. */
  readonly title: string;
  readonly media: string;
  /** How the name of a file ends. */
  readonly ending: string;
}

/** A format of one run. */
export interface RunExport extends Export {
  readonly of: 'run';
  readonly load: () => Promise<(document: TraceDocument) => string | Uint8Array>;
}

/** A format of a result; `runs`: those of its findings, as far as there are any. */
export interface ResultExport extends Export {
  readonly of: 'result';
  readonly load: () => Promise<(result: ResultDocument, runs: readonly TraceDocument[]) => string>;
}

/** Formats of one run. */
export const runExports: readonly RunExport[] = [
  {
    ...{ of: 'run', name: 'perfetto', title: 'a timeline for ui.perfetto.dev' },
    ...{ media: 'application/x-protobuf', ending: 'pftrace' },
    load: async () => (await import('./perfetto.js')).perfettoOf,
  },
  {
    ...{ of: 'run', name: 'itf', title: "states for Quint's and Apalache's viewers" },
    ...{ media: 'application/json', ending: 'itf.json' },
    load: async () => (await import('./itf.js')).itfOf,
  },
  {
    ...{ of: 'run', name: 'dot', title: 'a graph for Graphviz' },
    ...{ media: 'text/vnd.graphviz', ending: 'dot' },
    load: async () => (await import('./dot.js')).dotOf,
  },
];

/** Formats of a result, which may be that of one run. */
export const resultExports: readonly ResultExport[] = [
  {
    ...{ of: 'result', name: 'sarif', title: 'SARIF 2.1.0 for code scanning and editors' },
    ...{ media: 'application/sarif+json', ending: 'sarif' },
    load: async () => (await import('./sarif.js')).sarifOf,
  },
  {
    ...{ of: 'result', name: 'junit', title: 'test cases as XML for CI servers' },
    ...{ media: 'application/xml', ending: 'xml' },
    load: async () => (await import('./junit.js')).junitOf,
  },
  {
    ...{ of: 'result', name: 'github', title: 'annotations of a GitHub Actions job' },
    ...{ media: 'text/plain', ending: 'txt' },
    load: async () => (await import('./github.js')).githubOf,
  },
  {
    ...{ of: 'result', name: 'markdown', title: 'a summary for GITHUB_STEP_SUMMARY' },
    ...{ media: 'text/markdown', ending: 'md' },
    load: async () => (await import('./markdown.js')).markdownOf,
  },
];
