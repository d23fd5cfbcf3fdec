/**
 * Run documents: a run that was replayed as a trace document. Imported by the verbs that print, draw or export one.
 */

import { traceDocument } from '../report/trace-document.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import type { ReplayedRun } from './replayed.js';
import { replayCommandOf } from './story.js';

/** The document of a run that was replayed. */
export function documentOfRun(run: ReplayedRun, tokenOrFile: string): TraceDocument {
  const { subject, token, trace, finding, notes, columns, violation, loopFrom } = run;
  const { scenario, scheme, arch } = subject;
  const { id, signature, minimal, title } = finding ?? {};
  return traceDocument(trace, {
    source: {
      model: trace.program.name,
      ...{ scenario, ...(scheme && { scheme }), ...(arch && { arch }) },
      ...(id !== undefined && { id }),
      ...(signature !== undefined && { signature }),
      ...(minimal !== undefined && { minimal }),
      ...{ token, replay: replayCommandOf(tokenOrFile) },
    },
    ...{ title, violation, loopFrom, notes, columns },
  });
}
