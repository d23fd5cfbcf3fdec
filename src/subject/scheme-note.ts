/**
 * Scheme note: what a scheme of the user's own no longer does of that which it was made from. Asked for once a run is
 * over, because its routines are run for it, and an engine has then shown that they come back. Imported by the verbs.
 */

import { inheritedNote } from '../gmem/measure-traits.js';
import { isSchemeFile } from '../gmem/named-scheme.js';
import { loadScheme } from '../gmem/scheme-lookup.js';

/** A sentence for each scheme that is a file and about which there is something to say; names as the command line has them. */
export async function schemeNotes(names: readonly (string | undefined)[]): Promise<string[]> {
  const files = names.map((name) => name?.split('+')[0]).filter((name) => name !== undefined && isSchemeFile(name));
  const notes: string[] = [];
  for (const file of new Set(files as string[])) {
    const note = await noteOf(file);
    if (note !== undefined) notes.push(note);
  }
  return notes;
}

async function noteOf(file: string): Promise<string | undefined> {
  try {
    return inheritedNote(await loadScheme(file));
  } catch {
    // What its routines throw, or that they come to no end, is the engine's to tell.
    return undefined;
  }
}
