/**
 * Run documents: a run that was replayed as a trace document. Imported by the verbs that print, draw or export one.
 */

import type { Program } from '../core/program/program.js';
import { keepCalls } from '../core/story/kept-calls.js';
import { traceOf } from '../core/story/trace.js';
import { traceDocument } from '../report/trace-document.js';
import type { Subject } from '../subject/subject.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { claimOf } from '../verify/claim.js';
import type { KeptFinding } from './finding-keeper.js';
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

/** The document of a finding that an engine has just made: of its run, as a replay would have it. */
export function documentOfFinding(subject: Subject, kept: KeptFinding, program: Program): TraceDocument {
  const { finding, columns, token, file } = kept;
  const { kind, words, id, signature, minimal, title, schedule } = finding;
  const { scenario, scheme, arch } = subject;
  const trace = traceOf(program, keepCalls(program.actors, finding.kept), schedule);
  const claim = claimOf(finding);
  const by = token ?? file;
  return traceDocument(trace, {
    source: {
      model: program.name,
      ...{ scenario, ...(scheme && { scheme }), ...(arch && { arch }) },
      ...{ id, signature, minimal },
      ...(token !== undefined && { token }),
      ...(by !== undefined && { replay: replayCommandOf(by) }),
    },
    // A claim says more than the run shows: that it can go round for ever, say.
    violation: claim === undefined ? undefined : { kind, words, rule: signature },
    loopFrom: claim === undefined || claim.kind === 'lock-order' ? undefined : claim.loopFrom,
    ...{ title, columns },
  });
}
