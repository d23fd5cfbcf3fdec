/**
 * Where in a YAML text a problem stands: from a path into the plain value, or an alias, back to line and column.
 *
 * Imported by `parseScenario`; the rules of scenarios take its paths.
 */

import { createRequire } from 'node:module';
import type { LineCounter, Node, Pair, Document as YamlDocument } from 'yaml';

const load = createRequire(import.meta.url);

/** The package, loaded where there is a text to read: whoever imports the library does not wait for it. */
export function yamlPackage(): typeof import('yaml') {
  return load('yaml');
}

/** A step from a value into one of its parts: a key of a mapping or an index of a list. */
export type PathStep = PropertyKey;

/** Where a problem stands; `exists` is false when it is about what the text does not have, such as a missing key. */
export interface YamlPosition {
  readonly offset: number;
  readonly exists: boolean;
}

/**
 * Returns the position of the node at `path`, of the key `key` in the mapping there when one is given. A path that
 * leads nowhere has the position of the last node on the way.
 */
export function yamlPosition(document: YamlDocument, path: readonly PathStep[], key?: string): YamlPosition {
  let node = followed(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    const next = followed(document, childOf(node, step));
    if (!next) return { offset, exists: false };
    node = next;
    offset = node.range?.[0] ?? offset;
  }
  const pair = key !== undefined && yamlPackage().isMap(node) ? pairOf(node.items as Pair[], key) : undefined;
  return { offset: (pair?.key as Node | undefined)?.range?.[0] ?? offset, exists: true };
}

/**
 * Returns the alias for which a document has no plain value: the first without an anchor before it, else the first of
 * all (aliases of aliases that multiply).
 */
export function culpritAlias(document: YamlDocument): { name: string; offset: number; anchored: boolean } {
  const anchors = new Set<string>();
  const aliases: { name: string; offset: number; anchored: boolean }[] = [];
  const { isAlias, visit } = yamlPackage();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        aliases.push({ name: node.source, offset: node.range?.[0] ?? 0, anchored: anchors.has(node.source) });
      } else if ('anchor' in node && node.anchor) {
        anchors.add(node.anchor);
      }
    },
  });
  return aliases.find(({ anchored }) => !anchored) ?? aliases[0] ?? { name: '', offset: 0, anchored: true };
}

/** Returns `line:column`, both from 1, of an offset. */
export function lineAndColumn(lines: LineCounter, offset: number): string {
  // The counter knows no line of an empty text.
  const { line, col } = lines.linePos(offset);
  return `${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

function childOf(node: Node | undefined, step: PathStep): unknown {
  const { isMap, isSeq } = yamlPackage();
  if (isMap(node)) return pairOf(node.items as Pair[], String(step))?.value;
  return isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
}

function pairOf(pairs: readonly Pair[], key: string): Pair | undefined {
  // Keys of a plain value are strings, also where the text writes a number.
  const { isScalar } = yamlPackage();
  return pairs.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

function followed(document: YamlDocument, node: unknown): Node | undefined {
  const target = yamlPackage().isAlias(node) ? node.resolve(document) : node;
  return (target ?? undefined) as Node | undefined;
}
