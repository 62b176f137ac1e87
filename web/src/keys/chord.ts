/** A key press as text: `j`, `Shift+X`, `Ctrl+k`, `Escape`. */

export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/**
 * Vietnamese input methods (Telex, VNI) hold letters back as `Process` to build a diacritic; the physical key then says
 * what was pressed.
 */
function letter(press: Press): string {
  if (press.key !== "Process" && press.key !== "Unidentified") return press.key;
  const physical = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(press.code);
  const found = physical?.[1] ?? physical?.[2] ?? press.key;
  return press.shiftKey ? found : found.toLowerCase();
}

export function chordOf(press: Press): string {
  const key = letter(press);
  // Meta is what Ctrl is on a Mac. Shift is part of the character for `?`, but said for letters and named keys.
  const control = press.ctrlKey || press.metaKey ? "Ctrl+" : "";
  const alt = press.altKey ? "Alt+" : "";
  if (control !== "") return `${control}${alt}${key.length === 1 ? key.toLowerCase() : key}`;
  const shift = press.shiftKey && (/^\p{Lu}$/u.test(key) || key.length > 1) ? "Shift+" : "";
  const plain = !press.shiftKey && key.length === 1 ? key.toLowerCase() : key;
  return `${alt}${shift}${plain}`;
}

/** A chord that a speech input or a slip could produce: one printable character without Ctrl or Alt. */
export function isLetterChord(chord: string): boolean {
  return /^(?:Shift\+)?.$/u.test(chord);
}

/** How a chord is drawn: `Shift+X` is `⇧X`. */
export function drawn(chord: string): string {
  return chord
    .replace("Shift+", "⇧")
    .replace("ArrowDown", "↓")
    .replace("ArrowUp", "↑")
    .replace("Escape", "Esc")
    .replace(/^Ctrl\+(.)$/, (_, key: string) => `Ctrl ${key.toUpperCase()}`);
}
