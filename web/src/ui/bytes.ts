/** The engine counts bytes of UTF-8, JavaScript counts UTF-16 units. This is where one becomes the other. */

export interface Cut {
  before: string;
  match: string;
  after: string;
}

/** Bytes a code point takes in UTF-8. */
function width(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/**
 * Cuts `text` at a span of UTF-8 bytes. A bound within a character takes the whole character; bounds beyond the text
 * are its end; an empty or reversed span matches nothing.
 */
export function cutAtBytes(text: string, span: { start: number; end: number } | null | undefined): Cut {
  if (!span || span.end <= span.start) return { before: text, match: "", after: "" };
  let bytes = 0;
  let from = -1;
  let to = text.length;
  let unit = 0;
  for (const character of text) {
    const next = bytes + width(character.codePointAt(0) ?? 0);
    if (from < 0 && next > span.start) from = unit;
    if (bytes >= span.end) {
      to = unit;
      break;
    }
    bytes = next;
    unit += character.length;
  }
  if (from < 0) return { before: text, match: "", after: "" };
  return { before: text.slice(0, from), match: text.slice(from, to), after: text.slice(to) };
}
