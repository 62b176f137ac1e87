/** Text from outside, made inert and honest: what a terminal or a browser would act on or hide becomes a visible mark. */

export interface Piece {
  text: string;
  /** Set where `text` stands for a character that has no picture of its own. */
  mark?: string;
}

/** Direction overrides and marks, zero-width and other invisible characters, tags, variation selectors, surrogates alone. */
const INVISIBLE =
  // eslint-disable-next-line no-misleading-character-class, no-control-regex -- each is listed on purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** `U+202E` for people who look it up. */
export function codeName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Pictures exist for C0 and DEL; the others are named in full. */
function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[${codeName(character)}]`;
}

/** The same as one text, for titles and tooltips. */
export function plain(text: string): string {
  return pieces(text).map((piece) => piece.text).join("");
}

export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let last = 0;
  for (const found of text.matchAll(INVISIBLE)) {
    if (found.index > last) out.push({ text: text.slice(last, found.index) });
    out.push({ text: picture(found[0]), mark: codeName(found[0]) });
    last = found.index + found[0].length;
  }
  if (last < text.length) out.push({ text: text.slice(last) });
  return out;
}
