/**
 * The text of a scheme, ready to be saved as a file of one's own: what it imports, it imports from 'faultline'.
 * Imported by `show` and by what identifies a scheme.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { builtinScheme, isSchemeFile } from '../gmem/named-scheme.js';
import { packageRoot } from '../gmem/scenarios/package-root.js';

const LINE = 120;
const importOfOurs = /^import (type )?\{([^}]*)\} from '\.{1,2}\/[^']*';\n/gm;

/** The text of a built-in scheme with its imports rewritten, or of a file as it is. Throws InputError for no scheme. */
export async function schemeText(name: string): Promise<string> {
  if (isSchemeFile(name)) return textOfFile(name);
  if (name.includes('+')) {
    throw new InputError(
      `faultline: show scheme: ${name} has mutations, which are no text of their own; show its base.`,
    );
  }
  return builtinSchemeText(name);
}

/**
 * The text of a built-in scheme with its imports rewritten, so that it does not depend on where our files lie. Throws
 * InputError for an unknown name.
 */
export function builtinSchemeText(name: string): string {
  const root = packageRoot(import.meta.url);
  const path = join(root, 'src', 'gmem', 'schemes', `${builtinScheme(name).name}.ts`);
  return withPublicImports(readFileSync(path, 'utf8'));
}

/** Reads a user's file. Throws InputError when it cannot be read. */
export function textOfFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`faultline: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** One import from 'faultline' instead of all relative ones. */
function withPublicImports(text: string): string {
  const names: string[] = [];
  let place = -1;
  const rest = text.replace(importOfOurs, (_, typeOnly: string | undefined, list: string, offset: number) => {
    if (place < 0) place = offset;
    for (const name of list.split(',').map((each) => each.trim())) {
      if (name !== '') names.push(typeOnly ? `type ${name}` : name);
    }
    return '';
  });
  if (place < 0) return text;
  const bare = (name: string) => name.replace(/^type /, '');
  names.sort((one, other) => (bare(one) < bare(other) ? -1 : 1));
  const line = `import { ${names.join(', ')} } from 'faultline';\n`;
  const lines = `import {\n${names.map((name) => `  ${name},\n`).join('')}} from 'faultline';\n`;
  return rest.slice(0, place) + (line.length <= LINE ? line : lines) + rest.slice(place);
}
