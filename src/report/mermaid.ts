/**
 * Machines as Mermaid state diagrams, for `faultline show machine <name>` and for documents.
 *
 * Depends on nothing but the machine's regions; the output is the same text every time.
 */

import type { AnyStateMachine } from 'xstate';
import { type MachineAnswer, type MachineRegion, readRegions } from '../core/machine/machine-region.js';

/** Gives every node of the diagram an id of its own; Mermaid's ids are words without dots, spaces or dashes. */
type Naming = (...path: readonly string[]) => string;

/**
 * Draws a machine as a `stateDiagram-v2`: regions side by side, one arrow for each pair of states, labelled with all its
 * events in alphabetical order. Events that change nothing are left out. Violation states show their kind.
 *
 * @throws ModelError when the machine breaks the discipline of `machine-region.ts`
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const regions = readRegions(machine);
  const naming = uniqueNames();
  const drawn = regions.map((region) => drawRegion(region, naming));
  const whole =
    machine.root.type === 'parallel'
      ? [...open(machine.id, naming(machine.id, 'machine')), ...indent(drawn.reduce(beside)), '}']
      : drawn.flat();
  // Mermaid ignores a class that is given inside a composite state, so the violations are named at the end.
  const violations = regions.flatMap(({ name, refusals }) => refusals.map((refusal) => naming(name, refusal.name)));
  const styles = violations.length > 0 ? [`class ${violations.join(',')} violation`] : [];
  const lines = ['classDef violation fill:#fde0e0,stroke:#b00020,color:#7f0015', ...whole, ...styles];
  return ['stateDiagram-v2', ...indent(lines), ''].join('\n');
}

function drawRegion(region: MachineRegion, naming: Naming): readonly string[] {
  const states = [
    ...region.states.map(({ name }) => ({ name, label: name })),
    ...region.refusals.map(({ name, kind }) => ({ name, label: kind })),
  ];
  const lines = states.map(({ name, label }) => `state "${label}" as ${naming(region.name, name)}`);
  lines.push(`[*] --> ${naming(region.name, region.initial)}`);
  for (const source of states) {
    for (const target of states) {
      const labels = labelsOf(region, source.name, target.name);
      if (source === target || labels.length === 0) continue;
      lines.push(`${naming(region.name, source.name)} --> ${naming(region.name, target.name)} : ${labels.join(', ')}`);
    }
  }
  return [...open(region.name, naming(region.name, 'region')), ...indent(lines), '}'];
}

/** What takes the region from `source` to `target`, in the order of events: `EVENT`, or `EVENT [region state]`. */
function labelsOf(region: MachineRegion, source: string, target: string): readonly string[] {
  const answers = region.answers.filter((answer) => answer.source === source);
  return answers
    .filter((answer) => answer.target === target)
    .map((answer) => {
      const alternatives = answers.filter(({ event }) => event === answer.event).length;
      const condition = answer.guard.length > 0 ? conditionOf(answer) : 'else';
      return alternatives === 1 ? answer.event : `${answer.event} [${condition}]`;
    });
}

function conditionOf(answer: MachineAnswer): string {
  return answer.guard.map(({ region, state }) => `${region} ${state}`).join(' and ');
}

function open(label: string, id: string): readonly string[] {
  return [`state "${label}" as ${id} {`];
}

function beside(above: readonly string[], below: readonly string[]): readonly string[] {
  return [...above, '--', ...below];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function uniqueNames(): Naming {
  const ids = new Map<string, string>();
  return (...path) => {
    const key = JSON.stringify(path);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const word = path.join('_').replaceAll(/\W/g, '_');
    const taken = new Set(ids.values());
    let id = word;
    for (let copy = 2; taken.has(id); copy++) id = `${word}_${copy}`;
    ids.set(key, id);
    return id;
  };
}
