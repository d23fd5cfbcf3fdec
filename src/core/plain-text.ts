/**
 * Plain text: what a string may do to a terminal that shows it. Names and labels come out of files and models, perhaps
 * somebody else's; a control character among them would move the cursor, hide a line or turn the reading direction.
 * Imported by what prints and by what quotes.
 */

/** Controls, format characters, line and paragraph separators; but for what makes lines and joins letters. */
const HIDDEN = /(?![\n\t\u{ad}\u{200c}\u{200d}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with everything in it to be seen: control and format characters stand as escapes, `\x1b` or `\u202e`. */
export function plainText(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** The same of the text of a JSON document, whose strings stay what they are. */
export function plainJson(json: string): string {
  return json.replace(HIDDEN, (character) =>
    [...Array(character.length).keys()].map((place) => unicode(character.charCodeAt(place))).join(''),
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? unicode(code) : `\\u{${code.toString(16)}}`;
}

function unicode(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
